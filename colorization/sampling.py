"""From how likely each colour is: several different answers for one picture, and where the network is sure."""

from __future__ import annotations

import numpy as np

from colorization.color.gamut import annealed_mean

# 0 takes the drawn colour alone, which shows the steps of 10 between bins; more takes its neighbours in
SOFTNESS = 0.25


def sample_ab(probabilities: np.ndarray, temperature: float, seed: int) -> np.ndarray:
    """Probabilities of the bins (..., h, w, 313) -> one draw of ab (..., h, w, 2), Lab units.

    Pixels drawn one by one would be noise. Here one number is drawn for each colour, from Gumbel's distribution, and
    every pixel takes the colour with the highest log probability + number. For each pixel this is a draw from its own
    distribution (the Gumbel-max trick, Maddison et al. 2014, arXiv 1411.0030). But the numbers are the same all over
    the picture, so that pixels that are alike get the same colour, and objects stay whole.

    temperature: that the distribution is annealed with first; 0 gives the most likely colours, whatever the seed.
    """
    logits = np.log(np.maximum(probabilities, 1e-12))
    numbers = np.random.default_rng(seed).gumbel(size=probabilities.shape[-1]).astype(np.float32)
    if temperature <= 0:
        return np.asarray(annealed_mean(logits, 0.0))
    return np.asarray(annealed_mean(logits / temperature + numbers, SOFTNESS))


def confidence(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (..., Q) -> 0..1 (...): 1 - entropy / log Q; 1 is sure, 0 holds all alike."""
    entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=-1)
    return 1 - entropy / np.log(probabilities.shape[-1])
