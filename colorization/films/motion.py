"""What moved between two pictures of a film, on the small grid on which colours are predicted, and whether it is a cut.

Block matching, coarse to fine: for each cell the place in the other picture is searched whose lightness differs least
from the cell and its eight neighbours. Brightness that changes as a whole, as in old films, is no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorization.images.resize import enlarge, reduced

CELL = 4  # px of the picture that the network sees
REACH = 4  # coarse px, of 2 px each, that are searched to each side: two cells
STILL = 0.15  # Lab units that a step of one coarse px must gain: even ground does not move for its grain
WITH_OTHERS = 1.0  # weight of the mean difference around a cell, 9 x 9 cells: what is even moves as its surroundings do
ALIKE = 5.0  # Lab units; a cell that differs so much from its match counts e^-1
LEAST = 0.02  # trust in what matches worst; where nothing matches, this decides by whose colours are left
UNLIKE = 0.5  # of a picture's contrast; with so large a mean difference after motion, there was a cut
HISTOGRAM_CUT = 0.35  # share of pixels whose lightness has no partner; with half of UNLIKE it is a cut, too
BINS = 32


@dataclass(frozen=True)
class Warp:
    """How values of one picture's cells are carried to another's, by linear interpolation.

    indices, weights: (4, n): the four cells around each cell's origin, and their shares of it, times the trust in it.
    trust: (n,), 0..1. origins: (h, w, 2), the place, down and right, in cells, that each cell's values come from.
    """

    indices: np.ndarray
    weights: np.ndarray
    trust: np.ndarray
    origins: np.ndarray

    def __call__(self, cells: np.ndarray) -> np.ndarray:
        """Return values (h, w, C) moved, and multiplied by the trust in the motion."""
        flat = cells.reshape(-1, cells.shape[-1])
        moved = sum(w[:, None] * flat[i] for i, w in zip(self.indices, self.weights, strict=True))
        return moved.reshape(cells.shape)


@dataclass(frozen=True)
class Motion:
    """Motion between a picture and the next one. forth: values of the earlier are carried to the later; back: reverse.

    is_cut: whether the two show different scenes.
    """

    forth: Warp
    back: Warp
    is_cut: bool


@dataclass(frozen=True)
class Step:
    """From a picture to the next one. seconds: time of the next one. motion: None where that begins a shot."""

    seconds: float
    motion: Motion | None


def cells_of(L: np.ndarray) -> tuple[int, int]:
    """Return height and width of the grid on which motion in a picture L (h, w, 1) is searched."""
    height, width = (max(round(side / CELL), 1) for side in L.shape[:2])
    return height, width


def motion_between(before: np.ndarray, after: np.ndarray, grid: tuple[int, int]) -> Motion:
    """Return what moved between two pictures L (h, w, 1), 0..100. grid: (height, width) of the cells of colour."""
    cells = cells_of(before)
    before, after = (_resized(L, CELL * cells[0], CELL * cells[1]) for L in (before, after))
    after = _as_bright(after, before)
    coarse = _coarse_matches(_halved(after), _halved(before))
    origins, differences = _matches(after, before, coarse)
    ends, unlike = _matches(before, after, -coarse)  # motion is smooth, so the way back begins in the same place
    return Motion(_warp(origins, differences, grid), _warp(ends, unlike, grid), _is_cut(before, after, differences))


def _resized(L: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return L (h, w, 1) at another size that differs by less than a cell, (height, width)."""
    is_smaller = L.shape[0] >= height and L.shape[1] >= width
    return (reduced(L, (height, width)) if is_smaller else enlarge(L, height, width))[..., 0]


def _as_bright(L: np.ndarray, as_this: np.ndarray) -> np.ndarray:
    """Return L with the mean and the contrast of another picture, as far as that is a change of light."""
    gain = np.clip((as_this.std() + 1) / (L.std() + 1), 0.5, 2.0)
    return (L - L.mean()) * np.float32(gain) + as_this.mean()


def _matches(of: np.ndarray, among: np.ndarray, coarse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each cell of one picture how far off its match in another lies, and how much it differs.

    coarse: (h, w, 2), px, about where the match lies. Both pictures are (4h, 4w).

    Returns:
        displacement (h, w, 2) in px, down and right; mean difference (h, w) in Lab units.
    """
    padded = np.pad(among, 2 * REACH + 1, mode="edge")
    rows, columns = np.indices(of.shape)
    start = ((rows + 2 * REACH + 1) * padded.shape[1] + columns + 2 * REACH + 1).astype(np.int32)
    offset = _each_pixel(coarse[..., 0] * padded.shape[1] + coarse[..., 1])
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    costs = np.stack(
        [
            _over_cells(np.abs(of - padded.ravel()[start + (offset + down * padded.shape[1] + right)]), CELL)
            for down, right in steps
        ]
    )
    best = (costs + STILL / 4 * np.abs(steps).sum(axis=1)[:, None, None]).argmin(axis=0)
    return coarse + np.array(steps, np.int32)[best], np.take_along_axis(costs, best[None], 0)[0]


def _coarse_matches(of: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the best displacement (h, w, 2) of each cell in whole coarse px, times 2: in px. Pictures: (2h, 2w)."""
    padded = np.pad(among, REACH, mode="edge")
    steps = range(-REACH, REACH + 1)
    height, width = of.shape
    rows = []
    for down in steps:
        strip = padded[REACH + down : REACH + down + height]
        moved = np.lib.stride_tricks.sliding_window_view(strip, width, axis=1).transpose(1, 0, 2)  # one for each right
        penalty = np.float32(STILL * (abs(down) + np.abs(np.array(steps))))
        rows.append(_over_cells(np.abs(of - moved), 2) + penalty[:, None, None])
    costs = np.concatenate(rows)
    best = (costs + np.float32(WITH_OTHERS / 9) * _sum_around(costs, 3)).argmin(axis=0)
    return 2 * np.stack([best // len(steps) - REACH, best % len(steps) - REACH], axis=-1).astype(np.int32)


def _halved(L: np.ndarray) -> np.ndarray:
    """Return half of the rows and columns, each a mean of four px: fine detail moved by half a px matches, too."""
    padded = np.pad(L, 1, mode="edge")
    rows = (padded[:-3:2] + padded[1:-2:2] + padded[2:-1:2] + padded[3::2]) / 4
    return (rows[:, :-3:2] + rows[:, 1:-2:2] + rows[:, 2:-1:2] + rows[:, 3::2]) / 4


def _over_cells(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return the mean over each cell of side x side px and its neighbours: (..., h, w) of (..., side h, side w)."""
    rows = sum(pixels[..., i::side, :] for i in range(side))
    cells = sum(rows[..., i::side] for i in range(side))
    cells *= np.float32(1 / (3 * side) ** 2)
    return _sum_around(cells, 1)


def _sum_around(cells: np.ndarray, reach: int) -> np.ndarray:
    """Return the sum of each cell (..., h, w) and the eight that are `reach` away; at the border cells count again."""
    around = np.pad(cells, [(0, 0)] * (cells.ndim - 2) + [(reach, reach)] * 2, mode="edge")
    rows = around[..., : -2 * reach, :] + around[..., reach:-reach, :] + around[..., 2 * reach :, :]
    return rows[..., : -2 * reach] + rows[..., reach:-reach] + rows[..., 2 * reach :]


def _each_pixel(cells: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(cells, CELL, axis=0), CELL, axis=1)


def _warp(places: np.ndarray, differences: np.ndarray, grid: tuple[int, int]) -> Warp:
    """Return the warp of cells of a grid; places (h, w, 2) in px, differences (h, w)."""
    trust = np.maximum(np.exp(-np.square(differences / ALIKE)), LEAST)
    origin = np.float32(places) / CELL
    if places.shape[:2] != grid:
        both = enlarge(np.concatenate([origin, trust[..., None]], axis=-1), *grid)
        origin, trust = both[..., :2] * (np.array(grid) / places.shape[:2]), both[..., 2]
    origin = origin + np.stack(np.indices(grid), axis=-1)
    origin = np.clip(origin, 0, np.array(grid) - 1)
    first = np.minimum(origin.astype(np.int32), np.maximum(np.array(grid) - 2, 0))
    down, right = np.moveaxis(origin - first, -1, 0)
    weights = np.stack([(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]) * trust
    step = (np.array(grid) > 1).astype(int)  # a grid of one row has no next one
    index = first[..., 0] * grid[1] + first[..., 1]
    indices = np.stack([index, index + step[1], index + step[0] * grid[1], index + step[0] * grid[1] + step[1]])
    return Warp(indices.reshape(4, -1), np.float32(weights).reshape(4, -1), trust.ravel(), origin)


def _is_cut(before: np.ndarray, after: np.ndarray, differences: np.ndarray) -> bool:
    """Return whether two pictures, after's brightness that of before, show different scenes."""
    unlike = differences.mean() / (np.abs(after - after.mean()).mean() + 1)
    shares = [np.histogram(L, BINS, (0, 100))[0] / L.size for L in (before, after)]
    apart = np.abs(shares[0] - shares[1]).sum() / 2
    return bool(unlike > UNLIKE or (unlike > UNLIKE / 2 and apart > HISTOGRAM_CUT))
