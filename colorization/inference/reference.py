"""The colours of one picture as a guide for another: what --reference tells a network that takes it."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.images.resize import reduced, target_size
from colorization.inference.input_checks import GREY

SIDE = 64  # px, shorter side at which the colours are counted


def reference_shares(rgb: np.ndarray) -> np.ndarray:
    """Return what a network is told of a reference, uint8 RGB (H, W, 3): its `colour_shares`.

    Raises:
        InputError: the picture is grey, and says nothing of colours.
    """
    ab = _counted(rgb)
    if np.linalg.norm(ab, axis=-1).mean() < GREY:
        raise InputError("the reference is grey, which says nothing of colours; give a colour photograph")
    return _shares(ab)


def colour_shares(rgb: np.ndarray) -> np.ndarray:
    """Return the shares of the 313 colour bins among the pixels of uint8 RGB (H, W, 3): float32 (313,), sum 1."""
    return _shares(_counted(rgb))


def _counted(rgb: np.ndarray) -> np.ndarray:
    """Return the ab (h, w, 2) that are counted."""
    return rgb_to_lab(reduced(rgb, target_size(*rgb.shape[:2], SIDE)))[..., 1:]


def _shares(ab: np.ndarray) -> np.ndarray:
    bins = nearest_bin(ab)
    return np.bincount(bins.ravel(), minlength=len(BINS)).astype(np.float32) / bins.size
