"""Pictures of 16 bits a sample as files: PNG by TensorFlow, TIFF by tifffile, because Pillow has no deep colour."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import tifffile
from PIL.ExifTags import Base

from colorization.picture_metadata import Metadata

DEEP_FORMATS = ("PNG", "TIFF")
END_OF_IHDR = 8 + 25  # bytes; the signature, and the first chunk of a PNG (W3C PNG 3, sections 5.2 and 11.2.1)


def encode_deep(rgb: np.ndarray, alpha: np.ndarray | None, format: str, metadata: Metadata) -> bytes:
    """uint16 (H, W, 3) sRGB, alpha uint8 (H, W) or None -> the bytes of a file of one of DEEP_FORMATS."""
    pixels = rgb if alpha is None else np.dstack([rgb, alpha.astype(np.uint16) * 257])
    return {"PNG": _png, "TIFF": _tiff}[format](pixels, metadata)


def _png(pixels: np.ndarray, metadata: Metadata) -> bytes:
    import tensorflow as tf  # takes seconds, and has painted the picture already

    whole = tf.io.encode_png(pixels).numpy()
    said = b""
    if metadata.dpi:
        said += _chunk(b"pHYs", struct.pack(">IIB", *(round(each / 0.0254) for each in metadata.dpi), 1))  # per metre
    if metadata.exif:
        said += _chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0"))
    return whole[:END_OF_IHDR] + said + whole[END_OF_IHDR:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _tiff(pixels: np.ndarray, metadata: Metadata) -> bytes:
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
        extratags=[(int(tag), "s", 0, exif[tag], True) for tag in texts if tag in exif],
    )
    return file.getvalue()
