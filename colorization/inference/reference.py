"""The colours of one picture as a guide for another: what --reference tells a network that takes it."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.images.resize import reduced, target_size

SIDE = 64  # px, shorter side at which the colours are counted
GREY = 2.0  # Lab units; mean chroma; grey pictures with a JPEG's noise reach about 1


def reference_shares(rgb: np.ndarray) -> np.ndarray:
    """Return what a network is told of a reference, uint8 RGB (H, W, 3): its `colour_shares`.

    Raises:
        InputError: the picture is grey, and says nothing of colours.
    """
    small = reduced(rgb, target_size(*rgb.shape[:2], SIDE))
    if np.linalg.norm(rgb_to_lab(small)[..., 1:], axis=-1).mean() < GREY:
        raise InputError("the reference is grey, which says nothing of colours; give a colour photograph")
    return colour_shares(rgb)


def colour_shares(rgb: np.ndarray) -> np.ndarray:
    """Return the shares of the 313 colour bins among the pixels of uint8 RGB (H, W, 3): float32 (313,), sum 1."""
    small = reduced(rgb, target_size(*rgb.shape[:2], SIDE))
    bins = nearest_bin(rgb_to_lab(small)[..., 1:])
    return np.bincount(bins.ravel(), minlength=len(BINS)).astype(np.float32) / bins.size
