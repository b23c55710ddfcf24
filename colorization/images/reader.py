"""Picture files in: what Pillow can open becomes 8-bit sRGB.

A file is judged by its content, never by its name. What had to be changed on the way in is said in the picture's notes.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.errors import InputError
from colorization.images.descriptions import descriptions_of
from colorization.images.formats import claims_to_be_unread, picture_endings
from colorization.images.hidden_pixels import replaced_where_hidden
from colorization.images.high_range import notes_on_range, transfer_of
from colorization.images.libtiff import DAMAGED, libtiff_complained, listen_to_libtiff
from colorization.images.metadata import NOTHING, Metadata, metadata_of
from colorization.images.opening import (
    BROKEN,
    TooLargeError,
    UnreadFormatError,
    broken,
    check_size,
    opened,
)
from colorization.images.pixel_modes import (
    SCALED,
    deep_grey,
    has_alpha,
    is_deep,
    notes_on_header,
    to_srgb_uint8,
    turn_upright,
)
from colorization.images.png_chunks import by_gamma, deep_grey_png, gamma_of
from colorization.images.several import count_pictures

MAX_PIXELS = 200_000_000
SMALL_PX = 32  # a shorter side below this shows too little to tell what it is


@dataclass(frozen=True)
class Header:
    """What is known of a picture file before its pixels are decoded."""

    format: str  # Pillow's name, by content; the first picture of an MPO is a JPEG
    has_alpha: bool
    pixels: int  # of all pictures
    pictures: int = 1


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
    """Return the first picture of a file, upright, as 8-bit sRGB.

    content: the file's bytes where they are not on disk; path is then only what the file is called. depth: 16 = a grey
    picture of more than 8 bits keeps them, in `deep`.

    Raises:
        InputError: "<path>: <reason>" if the file cannot be opened, is empty, is no picture, is truncated or broken.
        TooLargeError: it has more than max_pixels pixels (found on the header, before anything is decoded).
        MemoryError: the pixels do not fit into memory.
    """
    path = Path(path)
    with opened(path, max_pixels, content, depth) as image:
        try:
            return _decoded(path, image, max_pixels, depth)
        except InputError:
            raise
        except BROKEN as error:
            raise broken(path, error, f"{_format(image)} data") from error


def _decoded(path: Path, image: Image.Image, max_pixels: int, depth: int) -> Photograph:
    format, notes = _format(image), [*_notes_on_name(path, image), *notes_on_header(image)]
    gamma, converted = gamma_of(image)
    converted += notes_on_range(transfer_of(image))
    was_deep = is_deep(image)
    # before a TIFF is decoded, which loses some of it; of other files EXIF may follow the pixels
    said, left_out = descriptions_of(image) if image.format == "TIFF" else (None, [])
    metadata = metadata_of(image, said=said) if image.format == "TIFF" else None
    whole = deep_grey_png(image) if depth == 16 else None
    listen_to_libtiff()
    libtiff_complained()  # of another file
    upright, turned = turn_upright(whole or image)
    if libtiff_complained():
        notes.append(DAMAGED)
    if metadata is None:
        said, left_out = descriptions_of(image)
        metadata = metadata_of(image, upright.size != image.size, said)
    check_size(path, upright.size, max_pixels)  # an icon's header may have lied
    deep = deep_grey(upright) if depth == 16 else None
    rgb, alpha, changed = to_srgb_uint8(upright, tell_depth=deep is None)
    if gamma:
        rgb, deep = (None if pixels is None else by_gamma(pixels, gamma) for pixels in (rgb, deep))
    if alpha is not None:
        rgb, deep = (None if pixels is None else replaced_where_hidden(pixels, alpha) for pixels in (rgb, deep))
    if min(rgb.shape[:2]) < SMALL_PX:
        notes.append(f"only {rgb.shape[1]} x {rgb.shape[0]} px: too small to tell what it shows")
    if deep is not None:
        notes = [note for note in notes if note != SCALED]
    elif depth == 16 and was_deep and upright.info.get("icc_profile"):
        changed = [*changed, "8 bits, because it has a colour profile"]
    return Photograph(rgb, alpha, format, (*notes, *turned, *changed, *converted, *left_out), metadata, deep)


def read_header(
    path: Path | str, max_pixels: int = MAX_PIXELS, first_only: bool = True, content: bytes | None = None
) -> Header:
    """Return what a file is, without decoding it.

    first_only: whether others than its first picture do not count. content: as of read_picture. Raises InputError as
    read_picture does.
    """
    with opened(Path(path), max_pixels, content) as image:
        format, alpha, pixels = _format(image), has_alpha(image), image.width * image.height
        count = 1 if first_only else count_pictures(image)
        return Header(format, alpha, pixels * count, count)


def looks_like_picture(path: Path | str) -> bool:
    """Return whether a file is a picture by its content, or claims to be one by the ending of its name.

    One of a known format that is not read is a picture, too: whoever reads it is told what to do with it.
    """
    path = Path(path)
    if path.suffix.lower() in picture_endings() or claims_to_be_unread(path):
        return True
    try:
        with opened(path, MAX_PIXELS):
            return True
    except (TooLargeError, UnreadFormatError):
        return True
    except InputError:
        return False


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
