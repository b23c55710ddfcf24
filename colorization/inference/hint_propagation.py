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
    axes = {axis: _likeness(L, ab, axis) for axis in (0, 1)}
    weight = PULL + HOLD * hint_mask

    def matrix(x: np.ndarray) -> np.ndarray:
        flows = [(axis, likeness * np.diff(x, axis=axis)) for axis, likeness in axes.items()]
        return weight * x + sum(_shifted(flow, axis, 1) - _shifted(flow, axis, 0) for axis, flow in flows)

    diagonal = weight + sum(_shifted(each, axis, 1) + _shifted(each, axis, 0) for axis, each in axes.items())
    return ab + _solve(matrix, HOLD * hint_mask * (hint_ab - ab), diagonal)


def _likeness(L: np.ndarray, ab: np.ndarray, axis: int) -> np.ndarray:
    """Return how alike each place and the next one along an axis are, 0..1."""
    difference = (np.diff(L, axis=axis) / LIKE_L) ** 2
    difference = difference + (np.diff(ab, axis=axis) ** 2).sum(axis=-1, keepdims=True) / LIKE_AB**2
    return np.exp(-difference)


def _shifted(x: np.ndarray, axis: int, by: int) -> np.ndarray:
    """Return x one place longer along an axis, with a 0 before it (by 1) or behind it (by 0)."""
    return np.pad(x, [(by, 1 - by) if each == axis else (0, 0) for each in range(x.ndim)])


def _solve(matrix: Callable, wanted: np.ndarray, diagonal: np.ndarray) -> np.ndarray:
    """Return x with matrix(x) = wanted, by conjugate gradients, preconditioned by the matrix' diagonal."""
    x, residual = np.zeros_like(wanted), wanted
    direction = scaled = residual / diagonal
    size = (residual * scaled).sum()
    enough = PRECISION**2 * size
    for _ in range(STEPS):
        if size <= enough:
            break
        turned = matrix(direction)
        step = size / (direction * turned).sum()
        x, residual = x + step * direction, residual - step * turned
        scaled = residual / diagonal
        size, before = (residual * scaled).sum(), size
        direction = scaled + size / before * direction
    return x
