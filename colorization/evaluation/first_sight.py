"""What a person sees first in a coloured picture, as figures: blotches on plain areas, cream whites, strong red.

All take Lab (H, W, 3) of a picture whose shorter side is about 256 px: what is flat depends on the size.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

FLAT, WINDOW = 1.2, 9  # Lab units and px: lightness that varies less within such a window shows nothing
SMOOTHING = 2.0  # px; finer than this nobody sees
LEAST_AREA = 0.02  # of the picture, of a region that counts
WHITE, LEAST_WHITE = 85.0, 0.01  # L, and share of the picture
NEUTRAL = 5.0  # chroma below which a true colour is none
RED_A, RED_CHROMA = 35.0, 45.0


def blotches(lab: np.ndarray) -> float:
    """Return how far ab wanders within flat regions of the lightness: mean spread by area, Lab units.

    A wall of one colour has about 1, a sky with a sunset more. nan where no flat region is large enough.
    """
    smooth = ndimage.gaussian_filter(lab[..., 0], SMOOTHING)
    mean, square = ndimage.uniform_filter(smooth, WINDOW), ndimage.uniform_filter(smooth**2, WINDOW)
    flat = np.sqrt(np.maximum(square - mean**2, 0)) < FLAT
    regions, count = ndimage.label(ndimage.binary_opening(flat, iterations=2))
    areas = np.bincount(regions.ravel(), minlength=count + 1)
    large = [i for i in range(1, count + 1) if areas[i] >= LEAST_AREA * regions.size]
    if not large:
        return float("nan")
    planes = [ndimage.gaussian_filter(lab[..., k], SMOOTHING) for k in (1, 2)]
    spreads = np.sqrt(sum(np.asarray(ndimage.variance(plane, regions, large)) for plane in planes))
    return float(np.average(spreads, weights=areas[large]))


def cream(lab: np.ndarray, truth: np.ndarray | None = None) -> float:
    """Return the mean b of what is white, Lab units; nan where less than a hundredth of the picture is.

    truth: Lab of the true picture; only what has no colour there counts.
    """
    white = lab[..., 0] > WHITE
    if truth is not None:
        white &= np.hypot(truth[..., 1], truth[..., 2]) < NEUTRAL
    return float(lab[..., 2][white].mean()) if white.mean() > LEAST_WHITE else float("nan")


def strong_red(lab: np.ndarray) -> float:
    """Return the share of strongly red pixels, 0..1."""
    return float(((lab[..., 1] > RED_A) & (np.hypot(lab[..., 1], lab[..., 2]) > RED_CHROMA)).mean())
