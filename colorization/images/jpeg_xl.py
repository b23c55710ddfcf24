"""The size of a JPEG XL picture from its first bytes, because its reader decodes all of it to know."""

from __future__ import annotations

from typing import BinaryIO

CODESTREAM, CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
BOXES = {b"jxlc": 0, b"jxlp": 4}  # that hold pixels, and how many bytes precede them there; ISO/IEC 18181-2
SIDE_BITS = (9, 13, 18, 30)  # of a side minus 1; ISO/IEC 18181-1, SizeHeader
RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}  # width to height
MOST_BOXES = 100


def is_jpeg_xl(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a JPEG XL."""
    return head.startswith((CODESTREAM, CONTAINER))


def jpeg_xl_size(file: BinaryIO) -> tuple[int, int] | None:
    """Return width and height, not turned upright, or None where the header says none. The file is left anywhere."""
    file.seek(0)
    head = file.read(12)
    start = 0 if head.startswith(CODESTREAM) else _start_of_pixels(file)
    if start is None:
        return None
    file.seek(start)
    head = file.read(16)
    return _size(head) if len(head) == 16 and head.startswith(CODESTREAM) else None


def _start_of_pixels(file: BinaryIO) -> int | None:
    position = 12
    for _ in range(MOST_BOXES):
        file.seek(position)
        head = file.read(16)
        if len(head) < 16:
            return None
        length, kind, inner = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # a box of more than 4 GB
            length, inner = int.from_bytes(head[8:], "big"), 16
        if kind in BOXES:
            return position + inner + BOXES[kind]
        if length < inner:
            return None
        position += length
    return None


def _size(head: bytes) -> tuple[int, int]:
    bits = int.from_bytes(head[2:], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    in_eights = take(1)

    def side() -> int:
        return 8 * (take(5) + 1) if in_eights else take(SIDE_BITS[take(2)]) + 1

    height = side()
    ratio = take(3)
    if ratio:
        across, down = RATIOS[ratio]
        return height * across // down, height
    return side(), height
