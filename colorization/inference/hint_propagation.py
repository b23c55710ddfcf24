"""Hints for every network: what a hint differs from the answer is spread over what belongs to its place.

The difference is the smallest that has the hint's value where a hint lies, and changes little between neighbours that
are alike in lightness and in the network's own colours (Levin 2004, Colorization using Optimization, equation 1, with
a weight that pulls what is far away back to the answer). A network that takes hints is asked with them first; then
little is left to spread.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LIKE_L, LIKE_AB = 8.0, 6.0  # Lab units: differences between neighbours that hold back most of the spreading
PULL = 1e-4  # of the answer; over even ground a difference fades to a third within 1 / sqrt(PULL) = 100 places
HOLD = 100.0  # of a hint: what is left at its place is a hundredth
STEPS, PRECISION = 1000, 1e-4  # most steps of the solver; residual, of the first, at which it ends


def with_hints(ab: np.ndarray, L: np.ndarray, hint_ab: np.ndarray, hint_mask: np.ndarray) -> np.ndarray:
    """Return ab (h, w, 2), Lab units, that has the hints' colours at their places and fits them around these.

    Args:
        ab: (h, w, 2), the answer. L: (h, w, 1) in 0..100. hint_ab: (h, w, 2). hint_mask: (h, w, 1), 0 or 1.
    """
    # planes (C, h, w): an operation then has long rows to work on, not pairs of a and b
    L, ab, hint_ab, hint_mask = (np.ascontiguousarray(x.transpose(2, 0, 1)) for x in (L, ab, hint_ab, hint_mask))
    down, across = _likeness(_steps_down(L), _steps_down(ab)), _likeness(_steps_across(L), _steps_across(ab))
    weight = PULL + HOLD * hint_mask

    def matrix(x: np.ndarray) -> np.ndarray:
        y = weight * x
        flow = down * _steps_down(x)
        y[:, 1:] += flow
        y[:, :-1] -= flow
        flow = across * _steps_across(x)
        y[:, :, 1:] += flow
        y[:, :, :-1] -= flow
        return y

    diagonal = weight.copy()
    diagonal[:, 1:] += down
    diagonal[:, :-1] += down
    diagonal[:, :, 1:] += across
    diagonal[:, :, :-1] += across
    return (ab + _solve(matrix, HOLD * hint_mask * (hint_ab - ab), diagonal)).transpose(1, 2, 0)


def _steps_down(x: np.ndarray) -> np.ndarray:
    """Return what each place of x (C, h, w) has more than the one above it: (C, h - 1, w)."""
    return x[:, 1:] - x[:, :-1]


def _steps_across(x: np.ndarray) -> np.ndarray:
    """Return what each place of x (C, h, w) has more than the one to its left: (C, h, w - 1)."""
    return x[:, :, 1:] - x[:, :, :-1]


def _likeness(L: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Return how alike neighbours are, 0..1, that differ by so much in L (1, h, w) and in ab (2, h, w)."""
    return np.exp(-np.square(L / LIKE_L) - np.square(ab / LIKE_AB).sum(axis=0, keepdims=True))


def _solve(matrix: Callable, wanted: np.ndarray, diagonal: np.ndarray) -> np.ndarray:
    """Return x with matrix(x) = wanted, by conjugate gradients, preconditioned by the matrix' diagonal."""
    x, residual = np.zeros_like(wanted), wanted.copy()
    direction = residual / diagonal
    size = (residual * direction).sum()
    enough = PRECISION**2 * size
    for _ in range(STEPS):
        if size <= enough:
            break
        turned = matrix(direction)
        step = size / (direction * turned).sum()
        x += step * direction
        residual -= step * turned
        scaled = residual / diagonal
        size, before = (residual * scaled).sum(), size
        direction *= size / before
        direction += scaled
    return x
