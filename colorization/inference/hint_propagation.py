"""Hints for every network: what a hint differs from the answer is carried to what belongs to its place.

First to what looks like it anywhere in the picture: a Gaussian process of the differences over place, lightness and the
network's own colours (Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, equation 2.25). Small
differences are mostly those of the whole picture, of its light, and are carried far; large ones are a thing's own.

Then what is left, to its neighbours up to the edges: the smallest difference that has the hint's value where a hint
lies, and changes little between neighbours that are alike in lightness and colour (Levin 2004, Colorization using
Optimization, equation 1, with a weight that pulls what is far away back to the answer).

A network that takes hints is asked with them first; then less is left to carry.
"""

from __future__ import annotations

import numpy as np

from colorization.inference.multigrid import Grid, steps_across, steps_down

ALIKE_PLACE = 1.4  # shorter sides; within this, this difference of L and of ab, in Lab units, places are alike to the
ALIKE_L, ALIKE_AB = 25.0, 10.0  # process: at each of them alone it carries 0.6 of what it has learnt
NOISE, OWN = 0.2, 7.0  # of a hint, beside a variance of 1; Lab units of a difference at which it has doubled
MOST = 256  # hints that the process learns from
COVARIANCES = 2**20  # computed at once: 4 MB each time

LIKE_L, LIKE_AB = 8.0, 6.0  # Lab units: differences between neighbours that hold back most of the spreading
PULL = 1e-4  # of the answer; over even ground a difference fades to a third within 1 / sqrt(PULL) = 100 places
HOLD = 100.0  # of a hint: what is left at its place is a hundredth


def with_hints(ab: np.ndarray, L: np.ndarray, hint_ab: np.ndarray, hint_mask: np.ndarray) -> np.ndarray:
    """Return ab (h, w, 2), Lab units, that has the hints' colours at their places and fits them around these.

    Args:
        ab: (h, w, 2), the answer. L: (h, w, 1) in 0..100. hint_ab: (h, w, 2). hint_mask: (h, w, 1), 0 or 1.
    """
    if not hint_mask.any():
        return ab
    return spread(carried(ab, L, hint_ab, hint_mask), L, hint_ab, hint_mask)


def carried(ab: np.ndarray, L: np.ndarray, hint_ab: np.ndarray, hint_mask: np.ndarray) -> np.ndarray:
    """Return ab (h, w, 2) with the hints' differences from it carried to what is like their places; as with_hints."""
    rows, columns = np.mgrid[: L.shape[0], : L.shape[1]] / (ALIKE_PLACE * min(L.shape[:2]))
    looks = np.float32(np.dstack([rows, columns, L / ALIKE_L, ab / ALIKE_AB]))
    areas = _areas(hint_ab, hint_mask[..., 0] > 0)
    numbers, index, sizes = np.unique(areas[areas > 0], return_inverse=True, return_counts=True)
    about = np.dstack([looks, hint_ab - ab])[areas > 0]
    means = np.zeros((len(numbers), about.shape[1]), np.float32)
    np.add.at(means, index, about)
    means = (means / np.float32(sizes)[:, None])[_evenly(len(numbers))]
    hinted, differences = means[:, :-2], means[:, -2:]
    noise = NOISE * (1 + np.square(differences / OWN).sum(axis=1))
    learnt = np.linalg.solve(_alike(hinted, hinted) + np.diag(noise), differences)
    places = looks.reshape(-1, looks.shape[-1])
    blocks = np.array_split(places, -(-len(places) * len(hinted) // COVARIANCES))
    return ab + np.concatenate([_alike(block, hinted) @ learnt for block in blocks]).reshape(ab.shape)


def _evenly(count: int) -> np.ndarray:
    """Return the indices of at most MOST of so many hints."""
    return np.linspace(0, count - 1, min(count, MOST)).round().astype(int)


def _alike(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the covariance, 0..1, of n places with the looks x (n, F) and m with y (m, F): (n, m)."""
    squared = np.square(x).sum(axis=1)[:, None] + np.square(y).sum(axis=1) - 2 * x @ y.T
    return np.exp(-np.maximum(squared, 0) / 2)


def _areas(hint_ab: np.ndarray, hinted: np.ndarray) -> np.ndarray:
    """Return (h, w) numbers: one for the places of each connected area of one hinted colour, 0 where there is none."""
    areas = np.where(hinted, np.arange(1, hinted.size + 1).reshape(hinted.shape), 0)
    one_down = hinted[1:] & hinted[:-1] & (hint_ab[1:] == hint_ab[:-1]).all(axis=-1)
    one_across = hinted[:, 1:] & hinted[:, :-1] & (hint_ab[:, 1:] == hint_ab[:, :-1]).all(axis=-1)
    pairs = ((areas[1:], areas[:-1], one_down), (areas[:, 1:], areas[:, :-1], one_across))
    before = np.zeros_like(areas)
    while not np.array_equal(areas, before):
        before[:] = areas
        for one, other, connected in pairs:
            largest = np.maximum(one, other)
            np.copyto(one, largest, where=connected)
            np.copyto(other, largest, where=connected)
    return areas


def spread(ab: np.ndarray, L: np.ndarray, hint_ab: np.ndarray, hint_mask: np.ndarray) -> np.ndarray:
    """Return ab (h, w, 2) with the hints' differences from it spread up to the edges; as with_hints."""
    # planes (C, h, w): an operation then has long rows to work on, not pairs of a and b
    L, ab, hint_ab, hint_mask = (np.ascontiguousarray(x.transpose(2, 0, 1)) for x in (L, ab, hint_ab, hint_mask))
    down, across = _likeness(steps_down(L), steps_down(ab)), _likeness(steps_across(L), steps_across(ab))
    difference = Grid(PULL + HOLD * hint_mask, down, across).solve(HOLD * hint_mask * (hint_ab - ab))
    return (ab + difference).transpose(1, 2, 0)


def _likeness(L: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Return how alike neighbours are, 0..1, that differ by so much in L (1, h, w) and in ab (2, h, w)."""
    return np.exp(-np.square(L / LIKE_L) - np.square(ab / LIKE_AB).sum(axis=0, keepdims=True))
