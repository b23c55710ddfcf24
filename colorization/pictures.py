"""Picture files in and out: what Pillow can open becomes 8-bit sRGB, and goes back to disk whole or not at all.

A file is judged by its content, never by its name. What had to be changed on the way in is said in the picture's notes.
"""

import io
import os
import secrets
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.deep_pictures import encode_deep
from colorization.errors import InputError
from colorization.picture_metadata import NOTHING, Metadata, metadata_of
from colorization.picture_modes import deep_grey, has_alpha, notes_on_header, to_srgb_uint8, turn_upright
from colorization.picture_opening import BROKEN, TooLargeError, check_size, opened, picture_endings, why_broken

MAX_PIXELS = 200_000_000
SMALL_PX = 32  # a shorter side below this shows too little to tell what it is


@dataclass(frozen=True)
class Output:
    """A format that holds 8-bit RGB: what else it holds, and how it is saved."""

    ending: str
    alpha: bool = False
    exif: bool = False
    dpi: bool = False
    how: dict = field(default_factory=dict)


OUTPUTS = {
    "JPEG": Output(".jpg", exif=True, dpi=True, how={"quality": 95, "subsampling": "4:4:4"}),
    "PNG": Output(".png", alpha=True, exif=True, dpi=True),
    "TIFF": Output(".tif", alpha=True, exif=True, dpi=True, how={"compression": "tiff_adobe_deflate"}),
    "WEBP": Output(".webp", alpha=True, exif=True, how={"quality": 95}),
    "AVIF": Output(".avif", alpha=True, exif=True, how={"quality": 95, "subsampling": "4:4:4"}),
    "JPEG2000": Output(".jp2", alpha=True),
    "BMP": Output(".bmp", dpi=True),
    "TGA": Output(".tga", alpha=True),
    "PPM": Output(".ppm"),
}


@dataclass(frozen=True)
class Header:
    """What is known of a picture file before its pixels are decoded."""

    format: str  # Pillow's name, by content; the first picture of an MPO is a JPEG
    has_alpha: bool
    pixels: int


@dataclass(frozen=True)
class Photograph:
    """A decoded picture, upright.

    Args:
        rgb: uint8 (H, W, 3), sRGB. Grey pictures have three equal channels.
        alpha: uint8 (H, W), 255 = opaque; None where the file has no transparency.
        format: Pillow's name of the file's format, by content.
        notes: what a user should know of how it was read, each a short phrase.
        metadata: what else the file says.
        deep: uint16 (H, W), the grey of a file of more than 8 bits, where it was asked for; else None.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None
    format: str
    notes: tuple[str, ...] = ()
    metadata: Metadata = NOTHING
    deep: np.ndarray | None = None

    @property
    def has_alpha(self) -> bool:
        return self.alpha is not None

    @property
    def seen(self) -> np.ndarray:
        """What a network is shown: uint8 (H, W, 3), or uint16 (H, W, 1) where there is that depth."""
        return self.rgb if self.deep is None else self.deep[..., None]


def read_picture(
    path: Path | str, max_pixels: int = MAX_PIXELS, content: bytes | None = None, depth: int = 8
) -> Photograph:
    """The first picture of a file, upright, as 8-bit sRGB.

    content: the file's bytes where they are not on disk; path is then only what the file is called. depth: 16 = a grey
    picture of more than 8 bits keeps them, in `deep`.

    Raises:
        InputError: "<path>: <reason>" if the file cannot be opened, is empty, is no picture, is truncated or broken.
        TooLargeError: it has more than max_pixels pixels (found on the header, before anything is decoded).
        MemoryError: the pixels do not fit into memory.
    """
    path = Path(path)
    with opened(path, max_pixels, content) as image:
        format = _format(image)
        try:
            notes = [*_notes_on_name(path, image), *notes_on_header(image)]
            # before a TIFF is decoded, which loses some of it; of other files EXIF may follow the pixels
            metadata = metadata_of(image) if image.format == "TIFF" else None
            upright, turned = turn_upright(image)
            metadata = metadata or metadata_of(image, turned=upright.size != image.size)
            check_size(path, upright.size, max_pixels)  # an icon's header may have lied
            deep = deep_grey(upright) if depth == 16 else None
            rgb, alpha, changed = to_srgb_uint8(upright)
        except InputError:
            raise
        except BROKEN as error:
            raise InputError(f"{path}: {why_broken(error, f'{format} data')}") from error
    if min(rgb.shape[:2]) < SMALL_PX:
        notes.append(f"only {rgb.shape[1]} x {rgb.shape[0]} px: too small to tell what it shows")
    if deep is not None:  # nothing was lost that these notes tell
        changed = [note for note in changed if not note.endswith((" scaled to 8", " to 8 bits"))]
    elif depth == 16 and upright.info.get("icc_profile"):
        changed = [*changed, "8 bits, because it has a colour profile"]
    return Photograph(rgb, alpha, format, (*notes, *turned, *changed), metadata, deep)


def read_header(path: Path | str, max_pixels: int = MAX_PIXELS) -> Header:
    """Format and transparency of a file, without decoding it. Raises InputError as read_picture does."""
    with opened(Path(path), max_pixels) as image:
        return Header(_format(image), has_alpha(image), image.width * image.height)


def looks_like_picture(path: Path | str) -> bool:
    """Whether a file is a picture by its content, or claims to be one by the ending of its name."""
    if Path(path).suffix.lower() in picture_endings():
        return True
    try:
        with opened(Path(path), MAX_PIXELS):
            return True
    except TooLargeError:
        return True
    except InputError:
        return False


def output_format(picture: Photograph | Header) -> tuple[str, str]:
    """Format and ending in which the colorized picture is written: its own if that can hold it, else PNG."""
    own = OUTPUTS.get(picture.format)
    format = picture.format if own and (own.alpha or not picture.has_alpha) else "PNG"
    return format, OUTPUTS[format].ending


def encode_picture(
    rgb: np.ndarray, alpha: np.ndarray | None = None, format: str = "PNG", metadata: Metadata = NOTHING
) -> bytes:
    """A picture as the bytes of a file.

    Args:
        rgb: uint8 (H, W, 3), sRGB; or uint16, for the formats that hold it, deep_pictures.DEEP_FORMATS.
        alpha: uint8 (H, W) or None; left out where the format cannot hold it.
        format: a key of OUTPUTS. JPEG is written at quality 95 without chroma subsampling (4:4:4).
        metadata: what else the file shall say, as far as the format can hold it.

    Raises:
        OSError: picture too large for the format.
    """
    if rgb.dtype == np.uint16:
        return encode_deep(rgb, alpha, format, metadata)
    output = OUTPUTS[format]
    pixels = rgb if alpha is None or not output.alpha else np.dstack([rgb, alpha])
    exif = metadata.of_whole_picture() if format == "TIFF" else metadata.exif
    said = {"exif": exif} if output.exif and exif else {}
    said |= {"dpi": metadata.dpi} if output.dpi and metadata.dpi else {}
    encoded = io.BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(pixels)).save(encoded, format, **output.how, **said)
    except (ValueError, RuntimeError, struct.error) as error:  # WebP's, AVIF's and TGA's ways to say so
        raise OSError(f"{format} cannot hold it: {error}") from error
    return encoded.getvalue()


def write_picture(
    path: Path | str,
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    format: str = "PNG",
    metadata: Metadata = NOTHING,
) -> None:
    """Write a picture whole or not at all: into a new file beside it, synced, then renamed onto path.

    path: the file; what lies there is replaced. The others are those of encode_picture.

    Raises:
        OSError: disk full, folder not writable, picture too large for the format. Nothing is left behind.
    """
    path = Path(path)
    # A name of its own, not longer than the picture's may be; hidden, so that a folder's reader passes it over.
    unfinished = path.with_name(f".{secrets.token_hex(8)}.part")
    # not straight into the file: Pillow takes a write that a full disk cuts short for a whole one
    encoded = encode_picture(rgb, alpha, format, metadata)
    try:
        with unfinished.open("xb") as file:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _format(image: Image.Image) -> str:
    return {"MPO": "JPEG", "DIB": "BMP"}.get(image.format, image.format)


def _notes_on_name(path: Path, image: Image.Image) -> list[str]:
    notes, ending = [], path.suffix.lower()
    claimed = picture_endings().get(ending)
    if claimed is None:
        notes.append(f"its name has no ending of a picture; it is {image.format}")
    elif claimed not in (image.format, _format(image)) and not (claimed == "MPO" and _format(image) == "JPEG"):
        notes.append(f"its name ends in {ending}, its content is {image.format}")
    return notes
