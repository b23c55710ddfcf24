"""From how likely each colour is: several different answers for one picture, and where the network is sure."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS

NEIGHBOURHOOD = 10.0  # Lab units; smooths the steps of 10 between bins, and keeps far colours apart
TINY = 1e-12  # probability that stands for 0, which has no logarithm

_squared = np.square(BINS[:, None] - BINS).sum(axis=-1)
NEARNESS = np.exp(-_squared / (2 * NEIGHBOURHOOD**2)).astype(np.float32)  # (313, 313), 1 on the diagonal


def sample_ab(probabilities: np.ndarray, temperature: float, seed: int) -> np.ndarray:
    """Draw ab (..., h, w, 2), Lab units, once from probabilities of the bins (..., h, w, 313).

    Pixels drawn one by one would be noise. Here one number is drawn for each bin, from Gumbel's distribution, and every
    pixel takes the bin with the highest log probability + number. For each pixel this is a draw from its own
    distribution (the Gumbel-max trick, Maddison et al. 2014, arXiv 1411.0030). But the numbers are the same all over
    the picture, so that pixels that are alike get the same colour, and objects stay whole. The colour is then the mean
    of the bins around the drawn one, as likely as they are.

    temperature: that the distribution is annealed with first; 0 takes the most likely bins, whatever the seed.
    """
    logits = np.log(np.maximum(probabilities, TINY)) / (temperature or 1.0)
    numbers = np.random.default_rng(seed).gumbel(size=probabilities.shape[-1]).astype(np.float32)
    drawn = (logits + numbers if temperature else logits).argmax(axis=-1)
    around = np.exp(logits - logits.max(axis=-1, keepdims=True)) * NEARNESS[drawn]
    return ((around / around.sum(axis=-1, keepdims=True)) @ BINS).astype(np.float32)


def confidence(probabilities: np.ndarray) -> np.ndarray:
    """Return how sure probabilities (..., Q) are, 0..1 (...): 1 - entropy / log Q; 0 holds all alike."""
    entropy = -np.sum(probabilities * np.log(np.maximum(probabilities, TINY)), axis=-1)
    return np.clip(1 - entropy / np.log(probabilities.shape[-1]), 0, 1)  # rounding may overstep
