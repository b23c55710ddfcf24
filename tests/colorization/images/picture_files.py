"""Picture files made for tests: by Pillow, and by hand where Pillow does not write what is wanted."""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

RGB = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)


def save(path: Path, pixels, mode: str | None = None, **how) -> Path:
    image = Image.fromarray(np.asarray(pixels))
    (image.convert(mode) if mode else image).save(path, **how)
    return path


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def write_png(path: Path, size: tuple[int, int], depth=8, colour_type=0, data=b"", before_data=b"") -> Path:
    """A PNG made by hand, for what Pillow does not write: 16-bit colour, a size that is a lie."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + before_data + pixels)
    return path
