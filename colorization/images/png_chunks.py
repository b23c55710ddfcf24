"""What Pillow passes over in a PNG: its curve of brightness (gAMA, cICP), and the lower bytes of 16 bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image

from colorization.images.high_range import TRANSFERS, notes_on_range
from colorization.images.odd_tiff import APART

DISPLAY_GAMMA = 1 / 2.2
SAME_GAMMA = 0.05  # libpng's threshold: a gamma this near to the display's is none, as a share
GAMMAS = (0.1, 3.0)  # beyond these a gAMA chunk is a mistake
PLAIN_TRANSFERS = (1, 2, 6, 13, 14, 15)  # of cICP (ITU-T H.273): BT.709 and its kin, unspecified, sRGB
GAMMA_OF_TRANSFER = {4: 1 / 2.2, 5: 1 / 2.8, 8: 1.0}
SAME_PRIMARIES = (1, 2)
LOW_BYTES = {"RGB": "RGB;16L", "RGBA": "RGBA;16L"}  # as Pillow names an order of bytes; the file's is the other one


def gamma_of(image: Image.Image) -> tuple[float | None, list[str]]:
    """Return the gamma by which a PNG's values are turned into light, None for that of sRGB; and what to say.

    In the order of PNG 3, section 4.3: cICP counts before a colour profile, that before sRGB, and gAMA last. Call it
    before the picture is decoded; a profile that does not count is taken away.
    """
    if image.format != "PNG":
        return None, []
    if cicp := _cicp(image.fp):
        image.info.pop("icc_profile", None)
        primaries, transfer = cicp[:2]
        notes = [] if primaries in SAME_PRIMARIES else ["its wide range of colours is taken as sRGB's"]
        notes += notes_on_range(transfer)
        if transfer not in (*TRANSFERS, *PLAIN_TRANSFERS, *GAMMA_OF_TRANSFER):
            notes.append(f"its curve of brightness (cICP {transfer}) is not known and taken as sRGB's")
        gamma = GAMMA_OF_TRANSFER.get(transfer)
    elif image.info.get("icc_profile") or "srgb" in image.info:
        return None, []
    else:
        gamma, notes = image.info.get("gamma"), []
    if not gamma or not GAMMAS[0] <= gamma <= GAMMAS[1] or abs(gamma / DISPLAY_GAMMA - 1) <= SAME_GAMMA:
        return None, notes
    return gamma, [*notes, f"brightness converted to sRGB from a gamma of {gamma:.3g}"]


def by_gamma(values: np.ndarray, gamma: float) -> np.ndarray:
    """Return unsigned values, of which the highest is white, as sRGB's, of the same kind."""
    white = np.iinfo(values.dtype).max
    light = (np.arange(white + 1) / white) ** (1 / gamma)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    return np.rint(srgb * white).astype(values.dtype)[values]


def deep_grey_png(image: Image.Image) -> Image.Image | None:
    """Return a PNG of 16 bits whose channels are equal, or of grey and alpha, as one of mode I;16; None for another.

    Its alpha is in its info, under APART. The picture given is decoded.
    """
    if image.format != "PNG" or ";16" not in str(image.tile) or image.mode.startswith("I"):
        return None
    file, interlaced, two_channels = image.fp, int(bool(image.info.get("interlace"))), "LA;16" in str(image.tile)
    image.load()
    high = np.asarray(image)
    if two_channels:  # its four bytes a pixel are read as those of RGBA: high, low, and two of alpha
        grey = np.asarray(_unpacked(file, image.size, "RGBA", "RGBA", interlaced))[..., :2]
        values = grey[..., 0].astype(np.uint16) << 8 | grey[..., 1]
    elif image.mode in LOW_BYTES and (high[..., 1:3] == high[..., :1]).all():
        low = np.asarray(_unpacked(file, image.size, image.mode, LOW_BYTES[image.mode], interlaced))
        if (low[..., 1:3] != low[..., :1]).any():
            return None
        values = high[..., 0].astype(np.uint16) << 8 | low[..., 0]
    else:
        return None
    deep = Image.fromarray(values)
    deep.info = {key: value for key, value in image.info.items() if key != "transparency"}
    if image.mode != "RGB" or "transparency" in image.info:
        deep.info[APART] = image.convert("RGBA").getchannel("A")
    return deep


def _unpacked(file: BinaryIO, size: tuple[int, int], mode: str, order: str, interlaced: int) -> Image.Image:
    data = b"".join(content for kind, content in _chunks(file) if kind == b"IDAT")
    return Image.frombytes(mode, size, data, "zip", order, interlaced)


def _cicp(file: BinaryIO) -> bytes:
    before = file.tell()
    try:
        for kind, content in _chunks(file):
            if kind == b"cICP" and len(content) == 4:
                return content
            if kind == b"IDAT":
                break
        return b""
    finally:
        file.seek(before)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each chunk of a PNG."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        yield head[4:], file.read(int.from_bytes(head[:4], "big"))
        file.seek(4, 1)  # the check sum
