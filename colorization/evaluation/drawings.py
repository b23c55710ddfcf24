"""Pictures as arrays: a grid of them, and which colours occur in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorization.color.tables import join

WIDEST = 110  # Lab units of a and b that can occur
HISTOGRAM_BINS = 110  # each way, one pixel each
LIGHTNESS, PALEST = 55.0, 0.25  # of the drawn colours; how much ink the rarest has


def picture_grid(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return pictures (N, H, W, 3) a column as one picture (N H, columns W, 3), one row for each."""
    return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)


def ab_histogram(ab: np.ndarray, side: float = WIDEST) -> np.ndarray:
    """Draw how often each colour occurs, uint8 (110, 110, 3): a to the right, b upward, both from -side to side.

    Drawn in the colours themselves on white paper, the stronger the higher the log of the count, so that a narrow brown
    cloud beside a wide true one is seen at a glance.
    """
    edges = np.linspace(-side, side, HISTOGRAM_BINS + 1)
    flat = ab.reshape(-1, 2)
    counts, _, _ = np.histogram2d(flat[:, 1], flat[:, 0], bins=(edges, edges))
    centres = (edges[:-1] + edges[1:]) / 2
    plane = np.stack(np.meshgrid(centres, centres), axis=-1).astype(np.float32)
    colours = np.asarray(join(np.full((*counts.shape, 1), LIGHTNESS, np.float32), plane)).astype(np.float32)
    share = np.log1p(counts) / np.log1p(max(counts.max(), 1))
    ink = np.where(counts > 0, PALEST + (1 - PALEST) * share, 0)[..., None]
    return np.uint8(255 + ink * (colours - 255))[::-1]
