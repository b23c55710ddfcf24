"""Which pictures are held out for validation where a data set does not say so itself, and which few are enough."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable

import numpy as np

from data_pipelines import Split

SHARE = 0.1  # of the pictures, on average


def held_out(names: Iterable[str]) -> frozenset[str]:
    """Return about a tenth of the names, and at least one.

    Each name is judged by its own hash, so a picture stays on its side when others are added or removed. Only a set
    so small that no hash falls into the tenth gives the picture of the lowest hash instead.
    """
    names = list(names)
    below = frozenset(name for name in names if _place(name) < SHARE)
    return below or frozenset(sorted(names, key=_place)[:1])


def fewer(split: Split, count: int) -> Split:
    """Return the `count` pictures of the lowest hash, or all where there are not more, in the split's own order.

    A smaller count gives a part of what a larger one gives, so that both can be compared.
    """
    if count >= len(split.rows):
        return split
    chosen = np.sort(np.argsort([_place(name) for name in split.names], kind="stable")[:count])
    rows = split.rows[chosen] if isinstance(split.rows, np.ndarray) else split.rows.take(chosen)
    others = {name: getattr(split, name) for name in ("labels", "targets", "weights")}
    others = {name: None if value is None else np.asarray(value)[chosen] for name, value in others.items()}
    return dataclasses.replace(split, rows=rows, names=tuple(split.names[i] for i in chosen), **others)


def _place(name: str) -> float:
    """A number in 0..1 that is the same on every machine (Python's own hash of a str is not)."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8]) / 2**64
