"""TIFF pages that Pillow reads wrongly or not at all, decoded by tifffile: deep, planar, signed, float, odd depths."""

from __future__ import annotations

import io
import logging
import struct

import numpy as np
from PIL import Image, ImageFile

from colorization.images import tiff_tags as tags
from colorization.images.tiff_tags import Page, in_words

TIFFFILE_UNPACKS = (1, 8, 16, 32, 64)  # bits a sample, by tifffile alone, without imagecodecs
KINDS = {tags.UNSIGNED: "ub", tags.SIGNED: "i", tags.FLOAT: "f"}  # of numpy's dtype, by FORMAT
PLAIN, LZW, ZSTD, LZMA = 1, 5, 50000, 34925  # of COMPRESSION
LIBTIFF_UNPACKS = (LZW, LZMA, ZSTD)  # for tifffile, by way of Pillow
TIFFFILE_DECOMPRESSES = (PLAIN, 8, 32946, 32773)
HORIZONTAL = 2  # of PREDICTOR; the one for floats is the third
MOST_EXTRA = 2  # channels beside the colours; more are measurements, not a picture
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, PREDICTOR, PROFILE = 282, 283, 296, 317, 34675
PER_INCH = {2: 1.0, 3: 2.54}  # by RESOLUTION_UNIT
APART = "alpha apart"  # in the info of an image: its alpha, an image of mode L, where Pillow has no mode for both
SAID = "said of its values"  # in the info of an image: a note on how they were brought to 8 bits


def why_not(page: Page) -> str:
    """Return a reason, with what to do, for a page that is not read by Pillow and cannot be read here; else ""."""
    if page.photometric not in tags.COLOURS:
        return _save_otherwise(page)
    compression, predictor = page.value(tags.COMPRESSION, 1), page.value(PREDICTOR, 1)
    packed = compression in (*LIBTIFF_UNPACKS, *TIFFFILE_DECOMPRESSES) and predictor in (1, HORIZONTAL)
    deep_enough = page.bits == 1 or 2 <= page.bits <= 32 or page.bits == 64
    readable = page.format != tags.FLOAT or page.bits in (16, 32, 64)
    odd_inks = page.photometric == tags.INKS and page.value(tags.INK_SET, 1) != 1
    odd_count = not 0 <= page.samples - tags.COLOURS.get(page.photometric, 1) <= MOST_EXTRA
    signed_colour = page.format == tags.SIGNED and tags.COLOURS.get(page.photometric) != 1
    odd_lab = page.photometric == tags.LAB and (page.format == tags.FLOAT or page.bits not in (8, 16))
    if page.format == tags.NO_SUCH_FORMAT or not (packed and deep_enough and readable) or odd_inks or odd_count:
        return _save_otherwise(page)
    return _save_otherwise(page) if signed_colour or odd_lab else ""


def _save_otherwise(page: Page) -> str:
    advice = "save it with 8 or 16 bits a channel, without alpha or other channels"
    return f"a TIFF of {in_words(page)} pixels is not read here: {advice}"


class OddTiff(ImageFile.ImageFile):
    """A page as Pillow's own pictures are: the header first, its pixels when they are loaded."""

    format, format_description = "TIFF", "TIFF decoded by tifffile"

    def __init__(self, file, page: Page):
        self.page = page
        super().__init__(file)

    def _open(self) -> None:
        self.tag_v2 = self.page.tags
        self._size, self._mode = self.page.size, _mode(self.page)
        self.tile = []
        if profile := self.page.tags.get(PROFILE):
            self.info["icc_profile"] = profile
        per_inch = PER_INCH.get(self.page.value(RESOLUTION_UNIT, 2))
        if per_inch and X_RESOLUTION in self.page.tags and Y_RESOLUTION in self.page.tags:
            self.info["dpi"] = tuple(float(self.page.value(tag)) * per_inch for tag in (X_RESOLUTION, Y_RESOLUTION))
        if self.page.alpha:
            self.info[APART] = None  # until it is loaded

    @property
    def is_animated(self) -> bool:
        return self.page.of > 1

    @property
    def is_deep(self) -> bool:
        return self.page.bits > 8

    def tell(self) -> int:
        return self.page.number

    def getexif(self) -> Image.Exif:
        if self._exif is None:
            self._exif = Image.Exif()
            self.fp.seek(0)
            head = self.fp.read(4)
            self._exif.endian, self._exif.bigtiff = "<" if head.startswith(b"II") else ">", 43 in head[2:]
            self._exif.load_from_fp(self.fp, self.page.offset)
        return self._exif

    def load(self):
        if self._im is None:
            image = picture_of(decoded(self.fp, self.page), self.page)
            self.im, self._mode = image.im, image.mode
            self.info.update(image.info)
        return super().load()


def _mode(page: Page) -> str:
    if tags.COLOURS[page.photometric] != 1:
        return {tags.INKS: "CMYK", tags.LAB: "LAB"}.get(page.photometric, "RGB")
    if page.photometric == tags.PALETTE:
        return "RGB"
    return "F" if page.format != tags.UNSIGNED else "L" if page.bits <= 8 else "I;16"


# --- the samples ---


def decoded(file, page: Page) -> np.ndarray:
    """Return the samples of a page, (H, W, S), as the file holds them."""
    import tifffile  # here, because few files need it

    logging.getLogger("tifffile").addHandler(logging.NullHandler())  # what is wrong with a file we say ourselves
    file.seek(0)
    try:
        with tifffile.TiffFile(file) as whole:
            found = whole.pages[page.number].aspage()
            if found.dtype is None or found.dtype.kind not in KINDS[page.format]:
                raise OSError("tags that say two things")
            samples = _samples(file, page, found)
    except tifffile.TiffFileError as error:
        raise OSError(str(error)) from error
    return np.moveaxis(samples[..., 0], 0, -1) if page.is_planar else samples[0]


def _samples(file, page: Page, found) -> np.ndarray:
    """Return the samples of tifffile's page, (planes, H, W, S)."""
    unpack = _Unpacker(page, found)
    samples = np.zeros((page.samples if page.is_planar else 1, *page.size[::-1], _contiguous(page)), found.dtype)
    found.compression, found.fillorder, found.bitspersample = unpack.compression, unpack.fillorder, unpack.bits
    for index, (offset, count) in enumerate(zip(found.dataoffsets, found.databytecounts, strict=True)):
        file.seek(offset)
        segment, (plane, _, top, left, _), _ = found.decode(unpack(file.read(count), index), index)
        if segment is not None:
            place = samples[plane, top : top + segment.shape[1], left : left + segment.shape[2]]
            place[...] = segment[0, : place.shape[0], : place.shape[1]]
    return samples


def _contiguous(page: Page) -> int:
    return 1 if page.is_planar else page.samples


class _Unpacker:
    """Brings a segment's bytes to what tifffile decodes by itself; a function of the bytes and the segment's number.

    compression, fillorder and bits are what it then has.
    """

    def __init__(self, page: Page, found):
        self.page, self.found = page, found
        self.by_libtiff = page.value(tags.COMPRESSION, 1) in LIBTIFF_UNPACKS
        self.widened = page.bits not in TIFFFILE_UNPACKS
        if self.widened and page.value(tags.COMPRESSION, 1) != PLAIN:
            self.by_libtiff = True
        self.compression = PLAIN if self.by_libtiff else page.value(tags.COMPRESSION, 1)
        self.given_fillorder = found.fillorder
        self.fillorder = 1 if self.by_libtiff or self.widened else found.fillorder
        self.bits = found.dtype.itemsize * 8 if self.widened else page.bits
        self.given_compression = page.value(tags.COMPRESSION, 1)

    def __call__(self, data: bytes, index: int) -> bytes | None:
        if not data:
            return None
        rows, columns = self._shape(index)
        row_bytes = -(-columns * self.page.bits // 8)
        if self.by_libtiff:
            data = _by_libtiff(data, self.given_compression, self.given_fillorder, (row_bytes, rows))
        if not self.widened:
            return data
        data = _bits_turned(data) if self.given_fillorder == 2 and not self.by_libtiff else data
        if len(data) < rows * row_bytes:
            raise OSError("image file is truncated: a strip is shorter than its rows")
        packed = np.frombuffer(data, np.uint8, rows * row_bytes).reshape(rows, row_bytes)
        wide = self.found.dtype.newbyteorder(self.found.parent.byteorder)
        return _widened(packed, columns, self.page.bits).astype(wide).tobytes()

    def _shape(self, index: int) -> tuple[int, int]:
        """Return the rows of a segment, and its samples across."""
        if self.found.is_tiled:
            return self.found.tilelength, self.found.tilewidth * _contiguous(self.page)
        height, most = self.found.imagelength, self.found.rowsperstrip
        first = index % -(-height // most) * most
        return min(most, height - first), self.found.imagewidth * _contiguous(self.page)


def _widened(packed: np.ndarray, columns: int, bits: int) -> np.ndarray:
    """Return unsigned samples, (rows, columns), of rows of bytes that hold them without gaps, highest bit first."""
    single = np.unpackbits(packed, axis=1)[:, : columns * bits].reshape(len(packed), columns, bits)
    values = np.zeros((len(packed), columns), np.uint32)
    for place in range(bits):
        values = (values << np.uint32(1)) | single[..., place]
    return values


def _bits_turned(data: bytes) -> bytes:
    return np.packbits(np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, 8)[:, ::-1]).tobytes()


def _by_libtiff(data: bytes, compression: int, fillorder: int, size: tuple[int, int]) -> bytes:
    """Return a segment's bytes, decompressed as a picture of bytes: `size` is bytes in a row, and rows."""
    entries = [(256, size[0]), (257, size[1]), (258, 8), (259, compression), (262, 1), (266, fillorder), (273, 122)]
    entries += [(278, size[1]), (279, len(data))]
    file = b"II\x2a\0\x08\0\0\0" + struct.pack("<H", len(entries))
    file += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries) + bytes(4)
    with Image.open(io.BytesIO(file + data), formats=["TIFF"]) as image:
        return image.tobytes()


# --- from samples to a picture ---


def picture_of(samples: np.ndarray, page: Page) -> Image.Image:
    """Return the samples of a page as an image; alpha that its mode cannot hold is in its info, under APART."""
    colours = tags.COLOURS[page.photometric]
    values, alpha = samples[..., :colours], _alpha(samples, page)
    if page.alpha == 1:  # premultiplied
        values = _divided(values, samples[..., colours], page)
    if page.photometric == tags.PALETTE:
        image = Image.fromarray(_mapped(values[..., 0], page))
    elif colours == 1:
        image = _grey(values[..., 0], page)
    else:
        image = _colours(values, page)
    if alpha is not None:
        image.info[APART] = Image.fromarray(alpha)
    return image


def _white(page: Page) -> int:
    return 2**page.bits - 1


def _alpha(samples: np.ndarray, page: Page) -> np.ndarray | None:
    if not page.alpha:
        return None
    channel = samples[..., tags.COLOURS[page.photometric]].astype(np.float64)
    share = channel if page.format == tags.FLOAT else channel / _white(page)
    return np.rint(np.clip(np.nan_to_num(share), 0, 1) * 255).astype(np.uint8)


def _divided(values: np.ndarray, alpha: np.ndarray, page: Page) -> np.ndarray:
    """Return colours that were multiplied with their alpha as they were before."""
    white = 1.0 if page.format == tags.FLOAT else _white(page)
    share = np.where(alpha > 0, alpha / white, 1.0)[..., None]
    if page.format == tags.FLOAT:
        return values / share
    return np.rint(np.clip(values / share, 0, white)).astype(values.dtype)


def _grey(values: np.ndarray, page: Page) -> Image.Image:
    inverted = page.photometric == tags.WHITE_IS_ZERO
    if page.format != tags.UNSIGNED:
        with np.errstate(invalid="ignore"):  # what is no number stays none, and is told later
            wide = values.astype(np.float64)
            return Image.fromarray((-wide if inverted else wide).astype(np.float32))
    white = _white(page)
    values = white - values.astype(np.uint64) if inverted else values.astype(np.uint64)
    if page.bits <= 8:
        return Image.fromarray(((values * 255 + white // 2) // white).astype(np.uint8))
    if page.bits > 16 and values.max() < white >> 4:  # measurements, mostly, whose white nobody knows
        return Image.fromarray(values.astype(np.float32))
    return Image.fromarray(np.rint(values * (65535 / white)).astype(np.uint16))


def _colours(values: np.ndarray, page: Page) -> Image.Image:
    if page.photometric == tags.LAB:
        return _lab(values, page)
    if page.format == tags.FLOAT:
        values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        highest = max(values.max(), 1.0)
        image = Image.fromarray(np.rint(np.clip(values / highest, 0, 1) * 255).astype(np.uint8))
        image.info[SAID] = f"float colours from 0 to {highest:g} scaled to 8 bits"
        return image
    if page.photometric == tags.RGB and page.bits > 8 and (values == values[..., :1]).all():
        return _grey(values[..., 0], page)
    small = np.rint(values * (255 / _white(page))).astype(np.uint8)
    image = Image.fromarray(small, "CMYK") if page.photometric == tags.INKS else Image.fromarray(small)
    if page.bits > 8:
        image.info[SAID] = f"{page.bits} bits scaled to 8"
    return image


def _lab(values: np.ndarray, page: Page) -> Image.Image:
    """Return Lab of 8 bits, of TIFF's CIELab: L from 0 to the highest value, a and b signed."""
    signed = values[..., 1:].astype(np.int8 if page.bits == 8 else np.int16) / (1 if page.bits == 8 else 256)
    L = values[..., :1] * (255 / _white(page))
    small = np.rint(np.clip(np.concatenate([L, signed + 128], axis=-1), 0, 255)).astype(np.uint8)
    return Image.merge("LAB", [Image.fromarray(np.ascontiguousarray(small[..., i])) for i in range(3)])


def _mapped(indices: np.ndarray, page: Page) -> np.ndarray:
    """Return RGB by a page's colour map; one whose values are all below 256 is of 8 bits, as libtiff has it."""
    colours = np.array(page.values(tags.COLOUR_MAP), np.uint16).reshape(3, -1).T
    small = colours if colours.max(initial=0) < 256 else colours >> 8
    return small.astype(np.uint8)[np.minimum(indices, len(small) - 1)]
