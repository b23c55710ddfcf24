"""The colours of one picture as a guide for another: what --reference tells a network, and does to every answer.

A network that takes a reference knows which things may have its colours, but follows it by a tenth of the way. So the
answer's colours are moved to those of the reference as a whole, whichever network gave them.
"""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.images.resize import reduced, target_size
from colorization.inference.input_checks import GREY

FAINT = 4.0  # squared Lab units, added to each variance: where next to nothing varies, nothing is to be stretched
FOLLOW = 0.7  # of the way: all of it floods white streets and skin with the colours of a picture of another thing
MOST = 1.75  # times that differences of colour are stretched or pressed at most: more makes blotches of what is unsure
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


def transported(ab: np.ndarray, shares: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Return ab (h, w, 2), Lab units, moved FOLLOW of the way to having the mean and covariance of a reference.

    The map is linear and moves colours as little as can be (Pitie and Kokaram 2007, The linear Monge-Kantorovitch
    linear colour mapping), so that what differed still differs.

    Args:
        shares: (313,), the reference's `colour_shares`. strength: how colourful it is taken to be; 0 = grey.
    """
    colours = np.float64(ab.reshape(-1, 2))
    mean, spread = _moments(colours, np.full(len(colours), 1 / len(colours)))
    wanted_mean, wanted_spread = _moments(strength * np.float64(BINS), np.float64(shares) / np.sum(shares))
    root = _root(spread)
    back = np.linalg.inv(root)
    stretch, axes = np.linalg.eigh(back @ _root(root @ wanted_spread @ root) @ back)
    matrix = axes * np.clip(stretch, min(strength, 1.0) / MOST, MOST) @ axes.T
    moved = (colours - mean) @ matrix + wanted_mean
    return np.float32(colours + FOLLOW * (moved - colours)).reshape(ab.shape)


def _moments(colours: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (2,) and covariance (2, 2) of colours (n, 2) with weights (n,) of sum 1."""
    mean = weights @ colours
    rest = colours - mean
    return mean, (rest.T * weights) @ rest + FAINT * np.eye(2)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric square root of a covariance (2, 2)."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
