"""What the tags of a TIFF say before a pixel is decoded: which page is the picture, and whose reader gets it right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import BinaryIO

from PIL.TiffImagePlugin import ImageFileDirectory_v2

MAGIC = (b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")  # TIFF 6.0, page 13; the last two are BigTIFF
NEW_SUBFILE_TYPE, WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
SAMPLES, PLANAR, COLOUR_MAP, INK_SET, SUB_IFDS, EXTRA, FORMAT, DNG = 277, 284, 320, 332, 330, 338, 339, 50706

REDUCED, MASK = 1, 4  # bits of NewSubfileType
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8  # of PHOTOMETRIC
OF_SENSORS = (32803, 34892)  # of PHOTOMETRIC: a colour filter array, linear raw
RAW_COMPRESSIONS = (32767, 32769, 32770, 34713, 65535)  # Sony, Samsung, Samsung, Nikon, Pentax
UNSIGNED, SIGNED, FLOAT = 1, 2, 3  # of FORMAT
FAX = (2, 3, 4)  # of COMPRESSION
JPEGS = (6, 7, 34892)
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, INKS: 4, LAB: 3}  # samples of a pixel, without alpha
ALPHA = (1, 2)  # of EXTRA: premultiplied, or not
MOST_PAGES = 1_000
NO_SUCH_FORMAT = 0

# By photometric, sample format and bits, what Pillow's own reader gets right; it is the one that decodes JPEG.
PILLOW_READS = {
    (WHITE_IS_ZERO, UNSIGNED): {1, 2, 4, 8},
    (BLACK_IS_ZERO, UNSIGNED): {1, 2, 4, 8, 16},
    (BLACK_IS_ZERO, SIGNED): {16, 32},
    (BLACK_IS_ZERO, FLOAT): {32},
    (RGB, UNSIGNED): {8, 16},
    (PALETTE, UNSIGNED): {1, 2, 4, 8},
    (INKS, UNSIGNED): {8, 16},
    (LAB, UNSIGNED): {8},
}


@dataclass(frozen=True)
class Page:
    """One picture of a TIFF.

    Args:
        tags: as Pillow's readers hold them.
        offset: of the tags in the file.
        number: from 0.
        of: how many pages there are.
    """

    tags: ImageFileDirectory_v2
    offset: int
    number: int = 0
    of: int = 1

    def value(self, tag: int, default=0):
        found = self.tags.get(tag, default)
        return found[0] if isinstance(found, tuple) and found else found

    def values(self, tag: int) -> tuple:
        found = self.tags.get(tag, ())
        return found if isinstance(found, tuple) else (found,)

    @property
    def size(self) -> tuple[int, int]:
        return self.value(WIDTH), self.value(LENGTH)

    @property
    def photometric(self) -> int:
        """Return how values are meant; where it is not said, what libtiff takes it for."""
        unsaid = RGB if self.samples >= 3 else WHITE_IS_ZERO if self.value(COMPRESSION) in FAX else BLACK_IS_ZERO
        return self.value(PHOTOMETRIC, unsaid)

    @property
    def bits(self) -> int:
        """Return those of a sample, or 0 where its samples differ."""
        bits = self.values(BITS) or (1,)
        return bits[0] if len(set(bits)) == 1 else 0

    @property
    def format(self) -> int:
        formats = set(self.values(FORMAT)) or {UNSIGNED}
        formats = {UNSIGNED if each == 4 else each for each in formats}  # 4: undefined
        return formats.pop() if len(formats) == 1 and formats <= {UNSIGNED, SIGNED, FLOAT} else NO_SUCH_FORMAT

    @property
    def samples(self) -> int:
        return self.value(SAMPLES, 1)

    @property
    def is_planar(self) -> bool:
        return self.value(PLANAR, 1) == 2 and self.samples > 1

    @property
    def is_raw(self) -> bool:
        return self.photometric in OF_SENSORS or self.value(COMPRESSION) in RAW_COMPRESSIONS or DNG in self.tags

    @property
    def alpha(self) -> int:
        """Return 1 for a premultiplied channel after the colours, 2 for a plain one, 0 for none."""
        extra = self.values(EXTRA)
        beyond = self.samples - COLOURS.get(self.photometric, self.samples)
        return extra[0] if beyond > 0 and extra and extra[0] in ALPHA else 0


def is_tiff(head: bytes) -> bool:
    return head[:4] in MAGIC


def full_page(file: BinaryIO) -> tuple[Page, bool]:
    """Return the first page that is neither a reduced one nor a mask, and whether the file is a camera's raw one.

    Raises what Pillow does on broken files.
    """
    file.seek(0)
    head = file.read(16)
    head = head if 43 in head[2:4] else head[:8]
    pages, offset, seen = [], ImageFileDirectory_v2(head).next, set()
    while offset and offset not in seen and len(pages) < MOST_PAGES:
        seen.add(offset)
        pages.append(Page(_directory(file, head, offset), offset, len(pages)))
        offset = pages[-1].tags.next
    if not pages:
        raise ValueError("no pages")
    first = next((page for page in pages if not page.value(NEW_SUBFILE_TYPE) & (REDUCED | MASK)), pages[0])
    inner = {offset for page in pages[:8] for offset in page.values(SUB_IFDS)[:8] if offset}
    raw = any(page.is_raw for page in [*pages, *(Page(_directory(file, head, offset), offset) for offset in inner)])
    return replace(first, of=len(pages)), raw


def _directory(file: BinaryIO, head: bytes, offset: int) -> ImageFileDirectory_v2:
    tags = ImageFileDirectory_v2(head)
    file.seek(offset)
    tags.load(file)
    return tags


def pillow_reads(page: Page) -> bool:
    """Return whether Pillow's own reader may be trusted with a page, by its tags alone."""
    if page.value(COMPRESSION, 1) in JPEGS or page.photometric == YCBCR:
        return page.bits == 8  # nobody else reads these here
    if page.photometric not in COLOURS:
        return False
    if PHOTOMETRIC not in page.tags and page.photometric != WHITE_IS_ZERO:
        return False  # it takes 0 for white
    beyond = page.samples - COLOURS[page.photometric]
    if page.bits not in PILLOW_READS.get((page.photometric, page.format), ()) or beyond < 0:
        return False
    if page.format != UNSIGNED and page.tags.prefix == b"MM":
        return False  # it turns the bytes of compressed ones once too often
    if page.photometric == PALETTE and max(page.values(COLOUR_MAP), default=0) < 256:
        return False
    if page.photometric == INKS and page.value(INK_SET, 1) != 1:
        return False
    if page.photometric == RGB:
        trusted = beyond in (0, 1) or page.bits == 8 and beyond <= 3
    else:
        trusted = beyond == 0 or (page.photometric == BLACK_IS_ZERO and page.bits == 8 and page.values(EXTRA) == (2,))
    return trusted and not page.is_planar


def is_deep_rgb(page: Page) -> bool:
    """Return whether a page has colours of 16 bits, which Pillow cuts to 8."""
    return (page.photometric, page.bits, page.format) == (RGB, 16, UNSIGNED)


def in_words(page: Page) -> str:
    """Return what kind of pixels a page has, for a person: "12-bit float grey with alpha"."""
    colours = {0: "grey", 1: "grey", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr", 8: "Lab", 9: "Lab", 10: "Lab"}
    is_complex = set(page.values(FORMAT)) in ({5}, {6})
    kind = {UNSIGNED: "", SIGNED: "signed ", FLOAT: "float "}.get(page.format, "complex " if is_complex else "odd ")
    depth = f"{page.bits}-bit " if page.bits else "mixed-depth "
    beyond = page.samples - COLOURS.get(page.photometric, page.samples)
    count = f"{page.samples}-channel " if beyond > 1 else ""
    alpha = " with alpha" if page.alpha else ""
    return f"{depth}{kind}{count}{colours.get(page.photometric, 'odd')}{alpha}"
