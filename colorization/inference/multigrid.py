"""Equations between neighbours on a grid, solved by conjugate gradients on many scales.

Conjugate gradients alone carry a value one place a step, so a step here begins with a V-cycle: what is left is solved
on every other row and column, too, and there again. A row between follows the two beside it as strongly as it is linked
to them, so that a coarse grid has the edges of the fine one (Alcouffe, Brandt, Dendy and Painter 1981, The multi-grid
method for the diffusion equation with strongly discontinuous coefficients).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

DAMPING = 0.8  # of a Jacobi step, which evens out what the coarse grid does not see
FEW = 128  # places that are solved at once
STEPS, CLOSE = 200, 0.1  # most steps; mean of a step's correction, in the unit of what is sought, at which they end


@dataclass(frozen=True)
class Grid:
    """The equations weight * x + sum over neighbours of link * (x - neighbour) = wanted, one for each place.

    weight: (1, h, w), above 0. down: (1, h - 1, w), links of the places to those above them. across: (1, h, w - 1), of
    the places to those at their left; 0 or more. All float32.
    """

    weight: np.ndarray
    down: np.ndarray
    across: np.ndarray

    def times(self, x: np.ndarray) -> np.ndarray:
        """Return the left side of the equations, (C, h, w), for x (C, h, w)."""
        y = self.weight * x
        flow = steps_down(x)
        flow *= self.down
        y[:, 1:] += flow
        y[:, :-1] -= flow
        flow = steps_across(x)
        flow *= self.across
        y[:, :, 1:] += flow
        y[:, :, :-1] -= flow
        return y

    def solve(self, wanted: np.ndarray) -> np.ndarray:
        """Return x (C, h, w) with times(x) = wanted, by preconditioned conjugate gradients."""
        x, residual = np.zeros_like(wanted), wanted.copy()
        direction, size = np.zeros_like(wanted), 1.0
        for _ in range(STEPS):
            correction = self.approximate(residual)
            if np.abs(correction).mean() <= CLOSE:
                break
            size, before = (residual * correction).sum(), size
            direction *= size / before
            direction += correction
            turned = self.times(direction)
            step = size / (direction * turned).sum()
            x += step * direction
            residual -= step * turned
        return x

    def approximate(self, wanted: np.ndarray) -> np.ndarray:
        """Return x (C, h, w) with times(x) near wanted: one V-cycle, symmetric as conjugate gradients need it."""
        if self.weight.size <= FEW:
            return (wanted.reshape(len(wanted), -1) @ self.inverse).reshape(wanted.shape)
        rows, columns, coarse = self.coarser
        x = self.jacobi * wanted
        left = _turned(columns.sums(_turned(rows.sums(wanted - self.times(x)))))
        x += rows.spread(_turned(columns.spread(_turned(coarse.approximate(left)))))
        x += self.jacobi * (wanted - self.times(x))
        return x

    @cached_property
    def jacobi(self) -> np.ndarray:
        """What a Jacobi step multiplies by, (1, h, w)."""
        diagonal = self.weight.copy()
        diagonal[:, 1:] += self.down
        diagonal[:, :-1] += self.down
        diagonal[:, :, 1:] += self.across
        diagonal[:, :, :-1] += self.across
        return np.float32(DAMPING) / diagonal

    @cached_property
    def coarser(self) -> tuple[Halving, Halving, Grid]:
        """How rows and columns are halved, and the grid of what remains."""
        rows, half = _halved(self)
        columns, quarter = _halved(_turned_grid(half))
        return rows, columns, _turned_grid(quarter)

    @cached_property
    def inverse(self) -> np.ndarray:
        """The inverse of the equations as a matrix, float32 (h * w, h * w)."""
        places = self.weight.size
        each_alone = np.eye(places).reshape(places, *self.weight.shape[1:])
        return np.linalg.inv(self.times(each_alone).reshape(places, places)).astype(np.float32)


@dataclass(frozen=True)
class Halving:
    """Every other row of h, and how the rows between follow them.

    up, below: shares, 0..1, that a row between has of the row above it, (1, h // 2, w), and below it,
    (1, (h - 1) // 2, w).
    """

    up: np.ndarray
    below: np.ndarray

    def spread(self, x: np.ndarray) -> np.ndarray:
        """Return all rows, (C, h, w), of what every other has, (C, (h + 1) // 2, w)."""
        between = self.up * x[:, : self.up.shape[1]]
        between[:, : self.below.shape[1]] += self.below * x[:, 1:]
        rows = np.empty((x.shape[0], x.shape[1] + between.shape[1], x.shape[2]), x.dtype)
        rows[:, ::2], rows[:, 1::2] = x, between
        return rows

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Return every other row with its shares of the rows between, (C, (h + 1) // 2, w): spread, transposed."""
        between = x[:, 1::2]
        sums = x[:, ::2].copy()
        sums[:, : between.shape[1]] += self.up * between
        sums[:, 1:] += self.below * between[:, : self.below.shape[1]]
        return sums


def _halved(grid: Grid) -> tuple[Halving, Grid]:
    """Return how the rows of a grid are halved, and the grid of every other row.

    Two links one behind the other are one, as two resistors are. What a place's own weight holds, such as a hint, does
    not follow the rows beside it; but a place that is linked within its row does, or thin lines would take long.
    """
    up, below = grid.down[:, ::2], grid.down[:, 1::2]
    inner = slice(below.shape[1])
    total = _held(grid.weight[:, 1::2], grid.across[:, 1::2])
    total += up
    total[:, inner] += below
    rows = Halving(up / total, below / total[:, inner])
    least = Halving(*(np.minimum(share[:, :, 1:], share[:, :, :-1]) for share in (rows.up, rows.below)))
    return rows, Grid(rows.sums(grid.weight), rows.up[:, inner] * below, least.sums(grid.across))


def _held(weight: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return what of each place's weight (1, h, w) counts beside its links across, (1, h, w - 1)."""
    whole = weight.copy()
    whole[:, :, 1:] += across
    whole[:, :, :-1] += across
    return weight * (weight / whole)


def _turned_grid(grid: Grid) -> Grid:
    return Grid(_turned(grid.weight), _turned(grid.across), _turned(grid.down))


def _turned(x: np.ndarray) -> np.ndarray:
    """Return x (C, h, w) with rows for columns: (C, w, h)."""
    return np.ascontiguousarray(x.transpose(0, 2, 1))


def steps_down(x: np.ndarray) -> np.ndarray:
    """Return what each place of x (C, h, w) has more than the one above it: (C, h - 1, w)."""
    return x[:, 1:] - x[:, :-1]


def steps_across(x: np.ndarray) -> np.ndarray:
    """Return what each place of x (C, h, w) has more than the one to its left: (C, h, w - 1)."""
    return x[:, :, 1:] - x[:, :, :-1]
