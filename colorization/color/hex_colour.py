"""Colours as people write them: #rrggbb."""

from __future__ import annotations

import re

PATTERN = "#?[0-9a-fA-F]{6}"


def parse_hex(word: str) -> tuple[int, int, int] | None:
    """Return red, green and blue, 0..255, of "#c03020" or "c03020"; None for anything else."""
    return tuple(bytes.fromhex(word.removeprefix("#"))) if re.fullmatch(PATTERN, word) else None
