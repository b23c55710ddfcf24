"""Pixels that nobody sees, under full transparency, are replaced by what is seen around them.

What programs leave there (black, white, the cut-out's former surroundings) would change the colours of the rest.
"""

from __future__ import annotations

import numpy as np


def replaced_where_hidden(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return a picture, (H, W) or (H, W, C), whose pixels of alpha 0 continue the visible ones; it keeps its kind.

    One of which nothing is visible, or all, comes back as it is.
    """
    seen = alpha > 0
    if seen.all() or not seen.any():
        return pixels
    values = pixels.reshape(*pixels.shape[:2], -1).astype(np.float32)
    values[~seen] = 0
    filled = np.rint(_continued(values, seen.astype(np.float32))).astype(pixels.dtype)
    return np.where(seen.reshape(*seen.shape, *[1] * (pixels.ndim - 2)), pixels, filled.reshape(pixels.shape))


def _continued(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return values where their weight is above 0, and elsewhere those of the same picture at half its size."""
    height, width = weights.shape
    if weights.all():
        return values
    even = ((0, height % 2), (0, width % 2))
    weights_of_fours = _fours(np.pad(weights, even))
    sums = _fours(np.pad(values * weights[..., None], (*even, (0, 0))))
    means = sums / np.maximum(weights_of_fours, 1e-6)[..., None]
    coarse = _continued(means, (weights_of_fours > 0).astype(np.float32))
    fine = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(weights[..., None] > 0, values, fine)


def _fours(values: np.ndarray) -> np.ndarray:
    """Return the sums of two by two."""
    return values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]
