"""The one resizing of the project: caches, inference and exported graphs shrink and enlarge by these functions.

They work eagerly and inside tf.function, where a picture's size may be known only when the graph runs.
"""

from __future__ import annotations

import functools

import tensorflow as tf

from colorization.config import UPSAMPLINGS

MAX_ASPECT = 4  # longest shape that a network sees: longer side over shorter side
LIKE = 7.0  # Lab units; a cell whose L differs by more from a pixel's has little to say of its colour
CORRECTIONS = 3  # more gain nothing


def target_size(height, width, shorter_side: int, max_aspect: float | None = MAX_ASPECT):
    """The size that `shrink` gives: the shorter side becomes `shorter_side`, the aspect is kept.

    A panorama is bounded by its longer side, `max_aspect` times shorter_side, so that it cannot fill the memory; its
    shorter side is then smaller. None lifts the bound. A picture is never enlarged, and no side falls below 1.

    Args:
        height, width: ints or scalar int tensors, px.

    Returns:
        int32 scalar tensors (height, width), px.
    """
    # float64: in float32 the size of a large picture could depend on where it was calculated.
    height, width = tf.cast(height, tf.float64), tf.cast(width, tf.float64)
    scale = tf.minimum(tf.constant(1.0, tf.float64), shorter_side / tf.minimum(height, width))
    if max_aspect is not None:
        scale = tf.minimum(scale, max_aspect * shorter_side / tf.maximum(height, width))
    return tuple(tf.maximum(tf.cast(tf.round(side * scale), tf.int32), 1) for side in (height, width))


def shrink(pictures, shorter_side: int, max_aspect: float | None = MAX_ASPECT):
    """Pictures (H, W, C) or (B, H, W, C) reduced to `target_size`; small ones come back unchanged.

    Bilinear with antialiasing. uint8 gives uint8, rounded; a float dtype is kept, and so is its range.
    """
    pictures = tf.convert_to_tensor(pictures)
    shape = tf.shape(pictures)
    size = target_size(shape[-3], shape[-2], shorter_side, max_aspect)
    small = tf.image.resize(pictures, tf.stack(size), method="bilinear", antialias=True)
    if pictures.dtype.is_integer:
        small = tf.round(small)
    return tf.saturate_cast(small, pictures.dtype)


def enlarge(ab, height: int, width: int):
    """Colours (B, h, w, 2) on a network's grid -> float32 (B, height, width, 2), plainly bilinear."""
    return tf.image.resize(ab, (height, width), method="bilinear")


def enlarge_colours(ab, L, upsampling: str = UPSAMPLINGS[0]):
    """Colours (B, h, w, 2) on a network's grid -> float32 (B, H, W, 2), for the lightness L (B, H, W, 1), 0..100.

    "joint" follows the edges of L, the others know nothing of it. A grid as large as the picture stays as it is.
    """
    ab, L = tf.cast(ab, tf.float32), tf.cast(L, tf.float32)
    height, width = tf.shape(L)[1], tf.shape(L)[2]
    if upsampling != "joint":
        return tf.image.resize(ab, (height, width), method=upsampling)
    larger = tf.logical_or(height > tf.shape(ab)[1], width > tf.shape(ab)[2])
    return tf.cond(larger, lambda: _along_edges(ab, L), lambda: enlarge(ab, height, width))


def _along_edges(ab, L):
    """Joint bilateral upsampling (Kopf 2007) with back-projection (Irani and Peleg 1991); time is linear in pixels.

    A pixel's colour is the mean of the nine cells about it, each weighed by how near it is and how like its L is to the
    pixel's. A cell over an edge, whose pixels differ, is like all of them a little, and like none much. The mean of the
    pixels of a cell is then not the cell's colour, so the difference is added, smoothly, a few times.
    """
    rows, columns = _Axis(tf.shape(ab)[1], tf.shape(L)[1]), _Axis(tf.shape(ab)[2], tf.shape(L)[2])

    def cells(x):
        return tf.einsum("hH,bHWc,wW->bhwc", rows.means(), x, columns.means())

    mean = cells(L)
    variance = LIKE**2 + tf.maximum(cells(L * L) - mean * mean, 0.0)
    total, weights = 0.0, 0.0
    for row in (-1, 0, 1):
        for column in (-1, 0, 1):
            cell = functools.partial(_at, rows=rows.cells(row), columns=columns.cells(column))
            near = rows.nearness(row)[:, None, None] * columns.nearness(column)[:, None]
            spread = cell(variance)
            like = tf.exp(-tf.square(L - cell(mean)) / (2 * spread)) * tf.math.rsqrt(spread)
            weight = near * (like + 1e-6)  # where no cell is like it, the nearest count
            total, weights = total + weight * cell(ab), weights + weight
    large = total / weights
    for _ in range(CORRECTIONS):
        large += tf.image.resize(ab - cells(large), tf.shape(L)[1:3], method="bicubic")
    return large


def _at(cells, rows, columns):
    """Of each pixel the value of one cell: cells (B, h, w, C), its row (H,) and column (W,) -> (B, H, W, C)."""
    return tf.gather(tf.gather(cells, rows, axis=1), columns, axis=2)


class _Axis:
    """How the pixels of one axis lie among the cells of a grid that covers it."""

    def __init__(self, cells, pixels):
        self.count, self.side = cells, tf.cast(pixels, tf.float32) / tf.cast(cells, tf.float32)
        self.starts = tf.range(tf.cast(pixels, tf.float32))
        self.places = (self.starts + 0.5) / self.side - 0.5  # of the pixels' middles; a cell's middle is its number

    def means(self):
        """(cells, pixels): times pixels gives the mean of each cell."""
        first = tf.range(tf.cast(self.count, tf.float32))[:, None] * self.side
        shared = tf.minimum(self.starts + 1, first + self.side) - tf.maximum(self.starts, first)
        return tf.maximum(shared, 0.0) / self.side

    def cells(self, offset: int):
        """Number of the cell that lies `offset` cells from each pixel's own, or the last one that is there."""
        return tf.clip_by_value(tf.cast(tf.round(self.places), tf.int32) + offset, 0, self.count - 1)

    def nearness(self, offset: int):
        """Weight of that cell for each pixel: a quadratic B-spline, which is 0 where the next cell takes over."""
        distance = tf.abs(self.places - tf.round(self.places) - offset)
        return tf.where(distance < 0.5, 0.75 - distance**2, tf.maximum(1.5 - distance, 0.0) ** 2 / 2)
