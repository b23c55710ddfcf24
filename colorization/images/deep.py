"""Pictures of 16 bits a sample as files: PNG by zlib, TIFF by tifffile, because Pillow has no deep colour."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL.ExifTags import Base

from colorization.images.descriptions import IPTC_OF_TIFF, XMP_OF_TIFF, png_info
from colorization.images.metadata import Metadata

DEEP_FORMATS = ("PNG", "TIFF")
SIGNATURE = b"\x89PNG\r\n\x1a\n"  # W3C PNG 3, section 5.2
COLOUR_TYPES = {3: 2, 4: 6}  # RGB and RGBA, section 11.2.1
ROWS = 64  # that are compressed at a time
UP = 2  # the filter of every row: its difference from the row above, section 9.2


def encode_deep(rgb: np.ndarray, alpha: np.ndarray | None, format: str, metadata: Metadata) -> bytes:
    """Return the bytes of a file of one of DEEP_FORMATS, of sRGB uint16 (H, W, 3) and alpha uint8 (H, W) or None."""
    pixels = rgb if alpha is None else np.dstack([rgb, alpha.astype(np.uint16) * 257])
    return {"PNG": _png, "TIFF": _tiff}[format](pixels, metadata)


def _png(pixels: np.ndarray, metadata: Metadata) -> bytes:
    height, width, channels = pixels.shape
    content = SIGNATURE
    content += _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[channels], 0, 0, 0))
    if metadata.dpi:
        per_metre = [round(each / 0.0254) for each in metadata.dpi]
        content += _chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
    if metadata.exif:
        content += _chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0"))
    content += b"".join(_chunk(kind, text) for kind, text, *_ in png_info(metadata.said).chunks)
    return content + _chunk(b"IDAT", _filtered_and_packed(pixels)) + _chunk(b"IEND", b"")


def _filtered_and_packed(pixels: np.ndarray) -> bytes:
    """Return the rows as big-endian bytes, each minus the one above it, compressed a few at a time."""
    packer, above = zlib.compressobj(6), np.zeros((1, 2 * pixels[0].size), np.uint8)
    packed = []
    for first in range(0, len(pixels), ROWS):
        rows = pixels[first : first + ROWS].astype(">u2").reshape(-1, pixels[0].size).view(np.uint8)
        differences = rows - np.concatenate([above, rows[:-1]])
        packed.append(packer.compress(np.pad(differences, ((0, 0), (1, 0)), constant_values=UP).tobytes()))
        above = rows[-1:]
    return b"".join([*packed, packer.flush()])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _tiff(pixels: np.ndarray, metadata: Metadata) -> bytes:
    import tifffile  # here, because few ask for 16 bits

    exif, file = metadata.of_whole_picture(), io.BytesIO()
    texts = (Base.Software, Base.ImageDescription, Base.Make, Base.Model, Base.DateTime, Base.Artist, Base.Copyright)
    tifffile.imwrite(
        file,
        pixels,
        photometric="rgb",
        extrasamples=["unassalpha"] if pixels.shape[-1] == 4 else None,
        compression="zlib",
        predictor=True,
        resolution=metadata.dpi,
        resolutionunit="INCH" if metadata.dpi else None,
        software=False,
        metadata=None,
        extratags=[(int(tag), "s", 0, exif[tag], True) for tag in texts if tag in exif]
        + [(tag, "B", len(exif[tag]), exif[tag], True) for tag in (XMP_OF_TIFF, IPTC_OF_TIFF) if tag in exif],
    )
    return file.getvalue()
