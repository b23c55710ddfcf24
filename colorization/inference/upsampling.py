"""Colours on a network's small grid -> colours of every pixel.

Bicubic is smooth, and knows nothing of the photograph. Guided follows its edges: around each cell of the grid colour is
taken for a linear function of lightness (He, Sun and Tang 2010), and the slope says how much of a pixel's lightness
that the smooth picture does not have shows in its colour.
"""

from __future__ import annotations

import numpy as np

from colorization.config import UPSAMPLINGS
from colorization.images.resize import reduced

NOISE = 400.0  # squared Lab units; a spread of L below its root says little of colours (docs/experiments/upsampling.md)
ROWS = 16  # of pixels, enlarged together: they lie near few cells, and BLAS takes no second thread for so few sums


class Enlarging:
    """Colours of a grid that become those of a picture, some rows at a time."""

    def __init__(self, ab: np.ndarray, L: np.ndarray, size: tuple[int, int], upsampling: str = UPSAMPLINGS[0]):
        """Prepare ab (h, w, 2) for a picture of `size` (height, width).

        L: (h', w', 1), the picture's lightness, reduced to no less than the grid. upsampling: one of UPSAMPLINGS.
        """
        self.guided = upsampling == "guided" and ab.shape[:2] != size
        L = reduced(L, ab.shape[:2]) if self.guided else None
        cells = np.concatenate([ab, L, slopes(ab, L)], axis=-1) if self.guided else ab
        across = cubic_weights(ab.shape[1], size[1])
        # each channel of a row of cells is a line as wide as the picture: rows of pixels are sums of such lines
        self.lines = np.einsum("Ww,hwc->chW", across, np.float32(cells), optimize=True)
        self.down = cubic_weights(len(ab), size[0])

    def rows(self, rows: slice, L: np.ndarray) -> np.ndarray:
        """Return ab (n, W, 2) of some rows of the picture, whose lightness is L (n, W, 1)."""
        down = self.down[rows]
        planes = np.empty((len(self.lines), len(down), self.lines.shape[-1]), np.float32)
        for first in range(0, len(down), ROWS):
            some = slice(first, first + ROWS)
            used = np.flatnonzero(down[some].any(axis=0))
            near = slice(used[0], used[-1] + 1)
            np.matmul(down[some, near], self.lines[:, near], out=planes[:, some])
        if self.guided:
            a, b, smooth, slope_a, slope_b = planes
            detail = L[..., 0] - smooth
            slope_a *= detail
            slope_b *= detail
            a += slope_a
            b += slope_b
        return planes[:2].transpose(1, 2, 0)


def enlarge_colours(ab: np.ndarray, L: np.ndarray, upsampling: str = UPSAMPLINGS[0]) -> np.ndarray:
    """Return colours (h, w, 2) of a grid enlarged to float32 (H, W, 2), for the lightness L (H, W, 1), 0..100."""
    return Enlarging(ab, L, L.shape[:2], upsampling).rows(slice(0, len(L)), L)


def slopes(ab: np.ndarray, L: np.ndarray) -> np.ndarray:
    """Return how ab changes with L around each cell: (h, w, 2), of ab (h, w, 2) and L (h, w, 1) of the cells."""
    mean_L = mean_of_nine(L)
    covariance = mean_of_nine(L * ab) - mean_L * mean_of_nine(ab)
    variance = np.maximum(mean_of_nine(L * L) - mean_L * mean_L, 0)
    return mean_of_nine(covariance / (variance + NOISE))


def mean_of_nine(cells: np.ndarray) -> np.ndarray:
    """Return the mean of each cell and its eight neighbours, (h, w, C); at the border cells count again."""
    height, width = cells.shape[:2]
    padded = np.pad(cells, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return sum(padded[i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9


def cubic_weights(cells: int, pixels: int) -> np.ndarray:
    """Return the weight of each cell in each pixel of an axis: float32 (pixels, cells), Keys 1981 with a = -1/2.

    What would lie beyond the border is left out, as Pillow does.
    """
    place = (np.arange(pixels) + 0.5) * cells / pixels - 0.5  # of a pixel's middle; a cell's middle is its number
    d = np.abs(place[:, None] - np.arange(cells))
    near, far = (1.5 * d - 2.5) * d * d + 1, ((2.5 - 0.5 * d) * d - 4) * d + 2
    weights = np.where(d < 1, near, np.where(d < 2, far, 0.0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
