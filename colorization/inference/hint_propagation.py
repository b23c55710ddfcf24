"""Hints for every network: what a hint differs from the answer is spread over what belongs to its place.

The difference is the smallest that has the hint's value where a hint lies, and changes little between neighbours that
are alike in lightness and in the network's own colours (Levin 2004, Colorization using Optimization, equation 1, with
a weight that pulls what is far away back to the answer). A network that takes hints is asked with them first; then
little is left to spread.
"""

from __future__ import annotations

import numpy as np

from colorization.inference.multigrid import Grid, steps_across, steps_down

LIKE_L, LIKE_AB = 8.0, 6.0  # Lab units: differences between neighbours that hold back most of the spreading
PULL = 1e-4  # of the answer; over even ground a difference fades to a third within 1 / sqrt(PULL) = 100 places
HOLD = 100.0  # of a hint: what is left at its place is a hundredth


def with_hints(ab: np.ndarray, L: np.ndarray, hint_ab: np.ndarray, hint_mask: np.ndarray) -> np.ndarray:
    """Return ab (h, w, 2), Lab units, that has the hints' colours at their places and fits them around these.

    Args:
        ab: (h, w, 2), the answer. L: (h, w, 1) in 0..100. hint_ab: (h, w, 2). hint_mask: (h, w, 1), 0 or 1.
    """
    # planes (C, h, w): an operation then has long rows to work on, not pairs of a and b
    L, ab, hint_ab, hint_mask = (np.ascontiguousarray(x.transpose(2, 0, 1)) for x in (L, ab, hint_ab, hint_mask))
    down, across = _likeness(steps_down(L), steps_down(ab)), _likeness(steps_across(L), steps_across(ab))
    difference = Grid(PULL + HOLD * hint_mask, down, across).solve(HOLD * hint_mask * (hint_ab - ab))
    return (ab + difference).transpose(1, 2, 0)


def _likeness(L: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Return how alike neighbours are, 0..1, that differ by so much in L (1, h, w) and in ab (2, h, w)."""
    return np.exp(-np.square(L / LIKE_L) - np.square(ab / LIKE_AB).sum(axis=0, keepdims=True))
