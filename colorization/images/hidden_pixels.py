"""Pixels that nobody sees, under full transparency, are replaced by what is seen around them.

What programs leave there (black, white, the cut-out's former surroundings) would change the colours of the rest.
"""

from __future__ import annotations

import numpy as np

ROWS = 64  # worked on at once, an even number: a large picture never lies in memory as floats


def replaced_where_hidden(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return a picture, (H, W) or (H, W, C), whose pixels of alpha 0 continue the visible ones; it keeps its kind.

    One of which nothing is visible, or all, comes back as it is.
    """
    seen = alpha > 0
    if seen.all() or not seen.any():
        return pixels
    return _continued(pixels.reshape(*pixels.shape[:2], -1), seen).reshape(pixels.shape)


def _continued(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return values (H, W, C) where they are seen, and elsewhere those of the same picture at half its size."""
    if seen.all():
        return values
    coarse, filled = _continued(*_halved(values, seen)), values.copy()
    for first in range(0, len(values), ROWS):
        hidden = ~seen[first : first + ROWS]
        fine = coarse[first // 2 : (first + ROWS) // 2].repeat(2, axis=0).repeat(2, axis=1)
        new = fine[: hidden.shape[0], : hidden.shape[1]][hidden]
        filled[first : first + ROWS][hidden] = np.rint(new) if values.dtype.kind == "u" else new
    return filled


def _halved(values: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the float32 means of what is seen in two by two pixels, and where that is any, at half the size."""
    height, width = seen.shape
    means = np.empty(((height + 1) // 2, (width + 1) // 2, values.shape[-1]), np.float32)
    seen_of_fours = np.empty(means.shape[:2], bool)
    for first in range(0, height, ROWS):
        weights = seen[first : first + ROWS].astype(np.float32)
        even = ((0, len(weights) % 2), (0, width % 2))
        sums = _fours(np.pad(values[first : first + ROWS] * weights[..., None], (*even, (0, 0))))
        weights = _fours(np.pad(weights, even))
        rows = slice(first // 2, first // 2 + len(weights))
        means[rows], seen_of_fours[rows] = sums / np.maximum(weights, 1)[..., None], weights > 0
    return means, seen_of_fours


def _fours(values: np.ndarray) -> np.ndarray:
    """Return the sums of two by two."""
    return values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]
