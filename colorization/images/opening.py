"""Opening a picture file: its header read and its size checked, and a plain reason where it cannot be read."""

import io
import re
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from colorization.errors import InputError
from colorization.images.formats import CAMERA_RAW, HEAD, no_picture, readable_formats, why_unread
from colorization.images.jpeg_xl import is_jpeg_xl, jpeg_xl_size
from colorization.images.odd_tiff import OddTiff, why_not
from colorization.images.tiff_tags import Page, full_page, is_deep_rgb, is_tiff, pillow_reads

# What Pillow's readers raise on broken files. The first six came from some 60,000 damaged ones, the others are caught
# or raised in Pillow's own sources.
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    RuntimeError,
    LookupError,
    AttributeError,
    TypeError,
    EOFError,
    ArithmeticError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

LONGEST = 65_535  # px of a side, as in a JPEG; whatever the other side is, enlarging takes memory in proportion to it


class TooLargeError(InputError):
    """A picture has more pixels than the user allows, or a side longer than any may be."""

    def __init__(self, path: Path, what: str, limit: int, option: str = ""):
        super().__init__(f"{path}: too large, {what}, more than {option}{limit:,}")
        self.what, self.limit = what, limit


class UnreadFormatError(InputError):
    """A file is a picture of a known format that is not read; the message says what to do with it."""


@contextmanager
def opened(path: Path, max_pixels: int, content: bytes | None = None, depth: int = 8) -> Iterator[Image.Image]:
    """Yield the picture, its header read and its size checked, its pixels not yet decoded; Pillow is kept quiet.

    content: the file's bytes where they are not on disk; path is then only what the file is called. depth: 16 =
    colours of 16 bits are decoded whole, because they may all be grey.

    Raises:
        InputError: "<path>: <reason>" if the file cannot be opened; TooLargeError if it has more than max_pixels
            pixels.
    """
    file = _open_file(path) if content is None else io.BytesIO(content)
    with file, PILLOW_QUIET, _identified(file, path, max_pixels, depth) as image:
        check_size(path, image.size, max_pixels)
        yield image


def _open_file(path: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError("not a file")  # to open a pipe would be to wait for ever
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def check_size(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    """Raise TooLargeError if there are more pixels than the user allows, or a side is longer than LONGEST."""
    check_pixels(path, size[0] * size[1], max_pixels)
    if max(size) > LONGEST:
        raise TooLargeError(path, f"has a side of {max(size):,} pixels", LONGEST)


def check_pixels(path: Path, pixels: int, max_pixels: int) -> None:
    """Raise TooLargeError if there are more pixels than the user allows."""
    if pixels > max_pixels:
        raise _too_many(path, pixels, max_pixels)


def _too_many(path: Path, pixels: int, max_pixels: int) -> TooLargeError:
    return TooLargeError(path, f"has {pixels:,} pixels", max_pixels, "--max-pixels ")


def broken(path: Path, error: Exception, part: str) -> InputError:
    """Return what Pillow says of a part of a file ("header", "JPEG data") that it cannot read, in one line."""
    text = _in_one_line(error)
    if "MAX_TEXT_CHUNK" in text:  # a compressed text in a PNG that would unpack to gigabytes
        return TooLargeError(path, "its texts unpack to too many bytes", PngImagePlugin.MAX_TEXT_CHUNK)
    what = "truncated" if text.startswith("image file is truncated") else f"broken {part}"
    return InputError(f"{path}: {what} ({text})")


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _identified(file: BinaryIO, path: Path, max_pixels: int, depth: int) -> Image.Image:
    if Image.MAX_IMAGE_PIXELS is not None and max_pixels > 2 * Image.MAX_IMAGE_PIXELS:
        # Pillow refuses what has twice its own limit; a user who asks for more gets it, for the rest of the process.
        Image.MAX_IMAGE_PIXELS = max_pixels
    _check_before_decoding(file, path, max_pixels)
    page = _page_of_tiff(file, path)
    try:
        if page and not _is_for_pillow(page, depth) and not why_not(page):
            return OddTiff(file, page)
        image = Image.open(file, formats=readable_formats())
        if page and page.number:
            image.seek(page.number)
        return image
    except UnidentifiedImageError as error:
        file.seek(0)
        if unread := why_unread(file.read(HEAD)):
            raise UnreadFormatError(f"{path}: {unread}") from error
        raise InputError(f"{path}: {_why_unidentified(file)}") from error
    except Image.DecompressionBombError as error:
        pixels = int(re.search(r"\d+", str(error))[0])  # "Image size (4364696535 pixels) exceeds ..."
        raise _too_many(path, pixels, max_pixels) from error
    except (MemoryError, *BROKEN) as error:  # MemoryError: a length in the header that cannot be
        raise broken(path, error, "header") from error


def _is_for_pillow(page: Page, depth: int) -> bool:
    """Return whether Pillow is to read a page of a TIFF; to come to a later one, it would have to know the first."""
    return pillow_reads(page) and not page.number and not (depth == 16 and is_deep_rgb(page))


def _check_before_decoding(file: BinaryIO, path: Path, max_pixels: int) -> None:
    """Raise InputError for a JPEG XL that is too large, or says no size: to open one is to decode it."""
    head = file.read(12)
    if is_jpeg_xl(head):
        size = jpeg_xl_size(file)
        if size is None:
            raise InputError(f"{path}: broken header (a JPEG XL that says no size)")
        check_size(path, size, max_pixels)
    file.seek(0)


def _page_of_tiff(file: BinaryIO, path: Path) -> Page | None:
    """Return the page that is the picture; None for no TIFF, and for a broken one: Pillow says what is wrong with it.

    Raises UnreadFormatError for camera raw, whose pages are previews, and for pixels that nobody reads.
    """
    head = file.read(12)
    file.seek(0)
    if not is_tiff(head) or why_unread(head):
        return None
    try:
        page, is_raw = full_page(file)
        reason = CAMERA_RAW if is_raw else "" if pillow_reads(page) else why_not(page)
    except (MemoryError, *BROKEN):
        return None
    finally:
        file.seek(0)
    if reason:
        raise UnreadFormatError(f"{path}: {reason}")
    return page


def _why_unidentified(file: BinaryIO) -> str:
    """A reason, from the first bytes of a file that no reader of Pillow's took."""
    file.seek(0)
    head = file.read(4096)
    if not head:
        return "empty file (zero bytes)"
    if not any(head):
        return "not a picture: nothing but zero bytes, as an unfinished copy leaves them"
    if head.startswith(b"version https://git-lfs"):
        return "not a picture: a pointer of Git LFS; fetch the file itself with `git lfs pull`"
    if what := no_picture(head):
        return f"not a picture: {what}"
    for name in readable_formats():
        reason = _complaint_of_reader(name, file, head[:16])
        if reason:
            return f"broken or unsupported {name} ({reason})"
    if head.startswith(b"\xff\xd8"):
        return "broken JPEG (nothing follows its first marker)"
    is_text = not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head)
    return "not a picture: text" if is_text else "not a picture: its content is of no known kind"


def _complaint_of_reader(name: str, file: BinaryIO, first_bytes: bytes) -> str:
    """Why the reader whose magic number fits refused the file after all; "" where the number does not fit."""
    reader, accepts = Image.OPEN[name]
    try:
        if accepts is None or accepts(first_bytes) is not True:
            return ""
    except (struct.error, LookupError):  # fewer bytes than the magic number has
        return ""
    try:
        file.seek(0)
        reader(file, "")
    except BROKEN as error:
        text = _in_one_line(error)  # the one below is what Pillow says of a header without a size
        return "no pixels, or a damaged header" if text == "not identified by this driver" else text
    return ""


class _PillowQuiet:
    """While a picture is read, Pillow warns of nothing (odd EXIF, large pictures): we judge for ourselves.

    Readers are counted, because warnings.catch_warnings alone leaves wrong filters behind where threads overlap.
    """

    def __init__(self):
        self._lock, self._readers = threading.Lock(), 0

    def __enter__(self):
        with self._lock:
            self._readers += 1
            if self._readers == 1:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")

    def __exit__(self, *error):
        with self._lock:
            self._readers -= 1
            if self._readers == 0:
                self._filters.__exit__(*error)


PILLOW_QUIET = _PillowQuiet()
