"""What photo archives say of a picture beside EXIF: XMP, IPTC, and the texts of a PNG; read, and written again."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from PIL import Image, PngImagePlugin

MAX_BYTES = 64_000  # of XMP, or of IPTC: a JPEG takes no more in one piece
XMP_OF_TIFF, IPTC_OF_TIFF = 700, 33723  # XMP specification, part 3; TIFF/EP
IPTC_OF_PHOTOSHOP = 1028  # the number of its block among those of Photoshop
XMP_OF_PNG = "XML:com.adobe.xmp"
TURN_IN_XMP = re.compile(rb"(tiff:Orientation(?:=[\"']|>)\s*)[1-8]")
OF_OTHER_PIXELS = re.compile(rb"MotionPhoto|MicroVideo|hdrgm:|GainMap|Container:Directory")  # films, second pictures
TEXTS_OF_PIXELS = re.compile(r"(Raw profile type|XML:|exif:|png:|tiff:|date:)", re.IGNORECASE)
MAX_TEXT = 20_000  # characters
XMP_HOLDERS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF", "JXL")
IPTC_HOLDERS, TEXT_HOLDERS = ("JPEG", "TIFF"), ("PNG",)


@dataclass(frozen=True)
class Descriptions:
    """xmp, iptc: blocks as files hold them, b"" = none. texts: keys and values of a PNG."""

    xmp: bytes = b""
    iptc: bytes = b""
    texts: tuple[tuple[str, str], ...] = ()

    def left_out_of(self, format: str) -> list[str]:
        """Return a note for each kind that a format cannot hold."""
        kinds = (("XMP", self.xmp, XMP_HOLDERS), ("IPTC", self.iptc, IPTC_HOLDERS), ("texts", self.texts, TEXT_HOLDERS))
        return [
            f"its {name} left out, which {format} cannot hold"
            for name, found, ok in kinds
            if found and format not in ok
        ]


def descriptions_of(image: Image.Image) -> tuple[Descriptions, list[str]]:
    """Return what is found in a picture whose file is still open, and notes on what is left out."""
    notes = []
    xmp = _block(image.info.get("xmp") or image.info.get(XMP_OF_PNG) or _of_tiff(image, XMP_OF_TIFF))
    photoshop = image.info.get("photoshop")
    iptc = _block(photoshop.get(IPTC_OF_PHOTOSHOP) if isinstance(photoshop, dict) else _of_tiff(image, IPTC_OF_TIFF))
    if OF_OTHER_PIXELS.search(xmp):
        xmp, notes = b"", ["its XMP left out, which speaks of a film or a second picture in the file"]
    for name, block in (("XMP", xmp), ("IPTC", iptc)):
        if len(block) > MAX_BYTES:
            notes.append(f"its {name} left out: {len(block):,} bytes, more than {MAX_BYTES:,}")
    xmp, iptc = (block if len(block) <= MAX_BYTES else b"" for block in (xmp, iptc))
    return Descriptions(TURN_IN_XMP.sub(rb"\g<1>1", xmp), iptc, _texts(image)), notes


def _block(found) -> bytes:
    if isinstance(found, str):
        return found.encode()
    return found.rstrip(b"\0") if isinstance(found, bytes) else b""


def _of_tiff(image: Image.Image, tag: int):
    found = image.tag_v2.get(tag) if image.format == "TIFF" else None
    if isinstance(found, tuple) and all(isinstance(each, int) for each in found):  # written as numbers of 4 bytes
        return struct.pack(f"{'<' if image.tag_v2.prefix == b'II' else '>'}{len(found)}L", *found)
    return found


def _texts(image: Image.Image) -> tuple[tuple[str, str], ...]:
    if image.format != "PNG":
        return ()
    return tuple(
        (key, str(value))
        for key, value in image.text.items()
        if not TEXTS_OF_PIXELS.match(key) and 0 < len(key) < 80 and len(value) <= MAX_TEXT
    )


def png_info(said: Descriptions) -> PngImagePlugin.PngInfo:
    """Return the chunks of texts and XMP for Pillow."""
    info = PngImagePlugin.PngInfo()
    for key, value in said.texts:
        info.add_text(key, value)
    if said.xmp:
        info.add_itxt(XMP_OF_PNG, said.xmp.decode("utf-8", "replace"))
    return info


def jpeg_segment(iptc: bytes) -> bytes:
    """Return the segment APP13 that holds a block of IPTC, as Photoshop writes it."""
    block = iptc + b"\0" * (len(iptc) % 2)
    content = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", IPTC_OF_PHOTOSHOP, 0, len(iptc)) + block
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content
