"""Pictures as arrays: a grid of them, and which colours occur in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorization.color.tables import join

HISTOGRAM_SIDE = 110  # Lab units each way, one pixel a unit of 2


def picture_grid(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return pictures (N, H, W, 3) a column as one picture (N H, columns W, 3), one row for each."""
    return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)


def ab_histogram(ab: np.ndarray) -> np.ndarray:
    """Draw how often each colour occurs, uint8 (110, 110, 3): a to the right, b upward, bright as the log of the count.

    Drawn in the colours themselves, so that a narrow brown cloud beside a wide true one is seen at a glance.
    """
    edges = np.linspace(-HISTOGRAM_SIDE, HISTOGRAM_SIDE, HISTOGRAM_SIDE + 1)
    flat = ab.reshape(-1, 2)
    counts, _, _ = np.histogram2d(flat[:, 1], flat[:, 0], bins=(edges, edges))
    centres = (edges[:-1] + edges[1:]) / 2
    plane = np.stack(np.meshgrid(centres, centres), axis=-1).astype(np.float32)
    lightness = 90 * np.log1p(counts) / np.log1p(max(counts.max(), 1))
    return np.asarray(join(lightness[..., None].astype(np.float32), plane))[::-1]
