"""The colours of one picture as a wish for another: what --reference tells a network that takes it."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.images.resize import reduced, target_size

SIDE = 64  # px, shorter side at which the colours are counted


def reference_shares(rgb: np.ndarray) -> np.ndarray:
    """Return the shares of the 313 colour bins among the pixels of uint8 RGB (H, W, 3): float32 (313,), sum 1."""
    small = reduced(rgb, target_size(*rgb.shape[:2], SIDE))
    bins = nearest_bin(rgb_to_lab(small)[..., 1:])
    return np.bincount(bins.ravel(), minlength=len(BINS)).astype(np.float32) / bins.size
