"""What a picture file says beside its pixels, and what its colorized copy goes on saying: EXIF, resolution, a mark."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from PIL import Image
from PIL.ExifTags import IFD, Base

from colorization.images.descriptions import IPTC_OF_TIFF, XMP_OF_TIFF, Descriptions, descriptions_of
from colorization.images.opening import PILLOW_QUIET

MARK = "colours added by software (colorization)"
MAX_EXIF = 65_000  # bytes; a JPEG takes no more in one piece

# Of the picture as a whole; what describes its pixels (their number, depth, turn, thumbnail) is the new file's own.
KEPT = (
    Base.ImageDescription,
    Base.Make,
    Base.Model,
    Base.Software,
    Base.DateTime,
    Base.Artist,
    Base.HostComputer,
    Base.Copyright,
    Base.Rating,
    Base.XPTitle,
    Base.XPComment,
    Base.XPAuthor,
    Base.XPKeywords,
    Base.XPSubject,
)
OF_PIXELS = (Base.ExifImageWidth, Base.ExifImageHeight, Base.ColorSpace, IFD.Interop)
OF_SCIENCE = ("ImageJ=", '{"shape"', "<?xml", "<OME")  # ImageDescription that tells a program what the pixels are
BROKEN_EXIF = (SyntaxError, ValueError, TypeError, LookupError, AttributeError, OSError, OverflowError, struct.error)


@dataclass(frozen=True)
class Metadata:
    """exif: a block as files hold it, without what describes pixels; b"" = none. dpi: across and down, or None."""

    exif: bytes = b""
    dpi: tuple[float, float] | None = None
    said: Descriptions = Descriptions()

    def marked(self) -> Metadata:
        """Return the same with MARK added to EXIF's "Software", so that nobody takes its colours for a record."""
        exif = _loaded(self.exif)
        before = str(exif.get(Base.Software, "")).strip("\0 ")
        if MARK in before:
            return self
        exif[Base.Software] = "; ".join(filter(None, (before, MARK)))
        return Metadata(_as_bytes(exif) or _as_bytes(_only_mark()), self.dpi, self.said)

    def of_whole_picture(self) -> Image.Exif:
        """Return what is said of the picture as a whole, its texts as bytes: all that Pillow can write into a TIFF."""
        exif, whole = Image.Exif(), _loaded(self.exif)
        exif.update({tag: whole[tag] for tag in KEPT if tag in whole})
        _texts_as_bytes(exif)
        blocks = {XMP_OF_TIFF: self.said.xmp, IPTC_OF_TIFF: self.said.iptc}
        exif.update({tag: block for tag, block in blocks.items() if block})
        return exif


NOTHING = Metadata()


def metadata_of(image: Image.Image, turned: bool = False, said: Descriptions | None = None) -> Metadata:
    """Return the metadata of a picture whose file is still open. What is broken in it is left out.

    turned: whether its sides change places when it is turned upright. said: where its descriptions are known already.
    """
    try:
        exif = _as_bytes(_kept(image.getexif()))
    except BROKEN_EXIF:
        exif = b""
    return Metadata(exif, _dpi(image.info.get("dpi"), turned), said or descriptions_of(image)[0])


def _kept(found: Image.Exif) -> Image.Exif:
    kept = Image.Exif()
    for tag in KEPT:
        if tag in found and not (tag == Base.ImageDescription and str(found[tag]).startswith(OF_SCIENCE)):
            kept[tag] = found[tag]
    for part in (IFD.Exif, IFD.GPSInfo):
        values = {tag: value for tag, value in found.get_ifd(part).items() if tag not in OF_PIXELS}
        if values:
            kept.get_ifd(part).update(values)
    return kept


def _as_bytes(exif: Image.Exif) -> bytes:
    """b"" for an empty one, for one too large for a file, and for values that cannot be written."""
    if not exif and not any(exif.get_ifd(part) for part in (IFD.Exif, IFD.GPSInfo)):
        return b""
    try:
        with PILLOW_QUIET:
            _texts_as_bytes(exif)
            block = exif.tobytes()
    except BROKEN_EXIF:
        return b""
    return block if len(block) <= MAX_EXIF else b""


def _texts_as_bytes(exif: Image.Exif) -> None:
    """Pillow reads texts as Latin-1, and would write them as ASCII."""
    for tag in set(KEPT) & set(exif):
        if isinstance(exif[tag], str):
            exif[tag] = exif[tag].encode("latin-1", "replace")


def _loaded(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    if block:
        with PILLOW_QUIET:
            exif.load(block)
    return exif


def _only_mark() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Software] = MARK
    return exif


def _dpi(value, turned: bool) -> tuple[float, float] | None:
    try:
        across, down = (float(each) for each in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(math.isfinite(each) and 0 < each < 1e5 for each in (across, down)):
        return None
    return (down, across) if turned else (across, down)
