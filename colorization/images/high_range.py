"""High dynamic range, as cameras write it into HEIC and AVIF: it is said, because it is not converted."""

from __future__ import annotations

from PIL import Image

TRANSFERS = {16: "PQ", 18: "HLG"}  # ITU-T H.273, table 3
CURVE_BOX = b"colrnclx"  # ISO/IEC 14496-12, 12.1.5; two bytes of primaries and two of the transfer follow
HEAD = 65_536  # bytes among which the box lies


def notes_on_range(transfer: int) -> list[str]:
    """Return what to say of a curve of brightness, by its number in H.273."""
    if transfer not in TRANSFERS:
        return []
    return [f"high dynamic range ({TRANSFERS[transfer]}): its brightness is not converted"]


def transfer_of(image: Image.Image) -> int:
    """Return the number of the curve of brightness that a HEIC or an AVIF names; 0 for none, and for other formats."""
    if image.format not in ("HEIF", "AVIF"):
        return 0
    before = image.fp.tell()
    image.fp.seek(0)
    _, found, after = image.fp.read(HEAD).partition(CURVE_BOX)
    image.fp.seek(before)
    return int.from_bytes(after[2:4], "big") if found else 0
