"""Which pictures are held out for validation where a data set does not say so itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

SHARE = 0.1  # of the pictures, on average


def held_out(names: Iterable[str]) -> frozenset[str]:
    """Return about a tenth of the names, and at least one.

    Each name is judged by its own hash, so a picture stays on its side when others are added or removed. Only a set
    so small that no hash falls into the tenth gives the picture of the lowest hash instead.
    """
    names = list(names)
    below = frozenset(name for name in names if _place(name) < SHARE)
    return below or frozenset(sorted(names, key=_place)[:1])


def _place(name: str) -> float:
    """A number in 0..1 that is the same on every machine (Python's own hash of a str is not)."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8]) / 2**64
