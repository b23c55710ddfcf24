"""The colours of one picture as a guide for another: what --reference tells a network, and does to every answer.

A network that takes a reference knows which things may have its colours, but follows it by a tenth of the way. So the
answer's colours are moved to those of the reference as a whole, whichever network gave them: first by one linear map,
then direction by direction, until their distribution is nearly the reference's.
"""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BIN_STEP, BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.images.resize import reduced, target_size
from colorization.inference.input_checks import GREY

FAINT = 4.0  # squared Lab units, added to each variance: where next to nothing varies, nothing is to be stretched
FOLLOW = 0.7  # of the way, by the linear map; chosen when it was alone, and not tried anew with the directions
MOST = 1.75  # times that a map stretches or presses differences of colour: more makes blotches of what is unsure
TURNS, STEP = 12, 0.5  # directions of ab, and how much of the way is gone along each
IN_ALL = 2.5  # times that all of them together stretch a difference: else a pale answer's noise becomes blotches
QUANTILES = 64  # that a distribution along a direction is described by
GOLDEN = (5**0.5 - 1) / 2  # of half a turn between two directions: any number of them lies evenly
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


def in_colours_of(ab: np.ndarray, shares: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Return ab (h, w, 2), Lab units, with nearly the distribution of a reference's colours.

    Args:
        shares: (313,), the reference's `colour_shares`. strength: how colourful it is taken to be; 0 = grey.
    """
    return matched(transported(ab, shares, strength), shares, strength)


def matched(ab: np.ndarray, shares: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Return ab (h, w, 2) whose distribution is brought to the reference's along one direction after the other.

    Along each the colours keep their order (Pitie, Kokaram and Dahyot 2007, Automated colour grading using colour
    distribution transfer), and what is near stays near: no difference grows more than MOST times at once, and IN_ALL
    times in all. As above.
    """
    corners = BIN_STEP / 4 * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])  # a bin stands for the square around it
    wanted = strength * (np.float64(BINS)[:, None] + corners).reshape(-1, 2)
    weights = np.repeat(np.float64(shares) / np.sum(shares), len(corners)) / len(corners)
    before = np.float64(ab.reshape(-1, 2))
    colours = before.copy()
    for turn in range(TURNS):
        angle = np.pi * (turn * GOLDEN % 1)
        direction = np.array([np.cos(angle), np.sin(angle)])
        along = colours @ direction
        colours += STEP * np.outer(_in_order(along, wanted @ direction, weights, before @ direction) - along, direction)
    return np.float32(colours).reshape(ab.shape)


def _in_order(numbers: np.ndarray, wanted: np.ndarray, weights: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return numbers (n,) in their order, nearly distributed as `wanted` (m,) with weights (m,) of sum 1.

    before: (n,), what they were before the first direction.
    """
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    here, order = np.quantile(numbers, levels), np.argsort(wanted)
    below = np.cumsum(weights[order]) - weights[order] / 2
    there = np.interp(levels, below, wanted[order])
    steps = np.maximum(np.diff(here), 1e-4)
    steepest = np.minimum(steps * MOST, np.maximum(np.diff(np.quantile(before, levels)) * IN_ALL, steps))
    rise = np.concatenate([[0], np.cumsum(np.clip(np.diff(there), steps / MOST, steepest))])
    rise += (there - rise).mean()
    inside = np.clip(numbers, here[0], here[-1])
    return np.interp(inside, here, rise) + numbers - inside


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
