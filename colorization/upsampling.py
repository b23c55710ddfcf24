"""Colours on a network's small grid -> colours of every pixel, along the edges of the full-size lightness."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from colorization.config import UPSAMPLINGS
from colorization.strips import sum_of_strips

LIKE = 7.0  # Lab units; a cell whose L differs by more from a pixel's has little to say of its colour
CORRECTIONS = 3  # more gain nothing
OFFSETS = np.array([[-1], [0], [1]], np.int32)  # of the cells that a pixel looks at along an axis, from its own


def enlarge_colours(ab, L, upsampling: str = UPSAMPLINGS[0]):
    """Colours (B, h, w, 2) on a network's grid -> float32 (B, H, W, 2), for the lightness L (B, H, W, 1), 0..100.

    "joint" follows the edges of L, the others know nothing of it. A grid as large as the picture stays as it is.
    """
    return colours_of_rows(ab, L, upsampling)(0, tf.shape(L)[1])


def colours_of_rows(ab, L, upsampling: str = UPSAMPLINGS[0]) -> Callable:
    """The same for a few rows at a time: a function (first, end) -> float32 (B, end - first, W, 2)."""
    ab, L = tf.cast(ab, tf.float32), tf.cast(L, tf.float32)
    rows, columns = _Axis(tf.shape(ab)[1], tf.shape(L)[1]), _Axis(tf.shape(ab)[2], tf.shape(L)[2])
    method = "bilinear" if upsampling == "joint" else upsampling
    down, across = rows.enlarging(method), columns.enlarging(method)

    def smooth(first, end):
        return _separably(down[first:end], ab, across)

    if upsampling != "joint":
        return smooth
    along_edges = _along_edges(ab, L, rows, columns)
    larger = tf.logical_or(rows.pixels > rows.count, columns.pixels > columns.count)
    return lambda first, end: tf.cond(larger, lambda: along_edges(first, end), lambda: smooth(first, end))


def _along_edges(ab, L, rows: _Axis, columns: _Axis) -> Callable:
    """Joint bilateral upsampling (Kopf 2007) with back-projection (Irani and Peleg 1991); time is linear in pixels.

    A pixel's colour is the mean of the nine cells about it, each weighed by how near it is and how like its L is to the
    pixel's. A cell over an edge, whose pixels differ, is like all of them a little, and like none much. The mean of the
    pixels of a cell is then not the cell's colour, so the difference is added, smoothly, a few times: what the
    additions come to is known from the cells alone, and is added at once.
    """
    batch, width = tf.shape(L)[0], tf.shape(L)[2]
    row_means, column_means = rows.means(), columns.means()

    def cell_means(of_rows, channels):
        def part(first, end):
            return _separably(row_means[:, first:end], of_rows(first, end), column_means)

        return sum_of_strips(part, batch, rows.pixels, width, (batch, rows.count, columns.count, channels))

    def both_powers(first, end):
        return tf.concat([L[:, first:end], tf.square(L[:, first:end])], axis=-1)

    mean, square = tf.split(cell_means(both_powers, 2), 2, axis=-1)
    cells = tf.concat([mean, LIKE**2 + tf.maximum(square - mean * mean, 0.0), ab], axis=-1)

    def of_alike_cells(first, end):
        return _mean_of_alike_cells(cells, L[:, first:end], rows.of_pixels(first, end), columns)

    down, across = rows.enlarging("bicubic"), columns.enlarging("bicubic")
    lack, lacks = ab - cell_means(of_alike_cells, 2), tf.zeros_like(ab)
    for _ in range(CORRECTIONS):
        lacks += lack
        lack -= _separably(row_means @ down, lack, column_means @ across)
    return lambda first, end: of_alike_cells(first, end) + _separably(down[first:end], lacks, across)


def _mean_of_alike_cells(cells, L, rows: _Axis, columns: _Axis):
    """Colours (B, n, W, 2) of the pixels with lightness L (B, n, W, 1), which lie in `rows`.

    cells: (B, h, w, 4), what _along_edges knows of each cell: mean of L, square of the spread of L, a, b.
    """
    near = rows.nearness()[:, :, None, None, None] * columns.nearness()[:, :, None]  # (3, n, 3, W, 1)
    nine = tf.gather(tf.gather(cells, rows.cells(), axis=1), columns.cells(), axis=3)  # (B, 3, n, 3, W, 4)
    mean, spread, ab = nine[..., :1], nine[..., 1:2], nine[..., 2:]
    like = tf.exp(-tf.square(L[:, None, :, None] - mean) / (2 * spread)) * tf.math.rsqrt(spread)
    weight = near * (like + 1e-6)  # where no cell is like it, the nearest count
    return tf.reduce_sum(weight * ab, axis=(1, 3)) / tf.reduce_sum(weight, axis=(1, 3))


def _separably(down, x, across):
    """down (H, h), x (B, h, w, C), across (W, w) -> (B, H, W, C)."""
    return tf.einsum("Hh,bhWc->bHWc", down, tf.einsum("bhwc,Ww->bhWc", x, across))


class _Axis:
    """How the pixels of one axis, or some of them, lie among the cells of a grid that covers it."""

    def __init__(self, cells, pixels):
        self.count, self.pixels = cells, pixels
        self.side = tf.cast(pixels, tf.float32) / tf.cast(cells, tf.float32)
        self.starts = tf.range(tf.cast(pixels, tf.float32))

    def of_pixels(self, first, end) -> _Axis:
        part = copy.copy(self)
        part.starts = self.starts[first:end]
        return part

    def means(self):
        """(cells, pixels): times pixels gives the mean of each cell."""
        first = tf.range(tf.cast(self.count, tf.float32))[:, None] * self.side
        shared = tf.minimum(self.starts + 1, first + self.side) - tf.maximum(self.starts, first)
        return tf.maximum(shared, 0.0) / self.side

    def enlarging(self, method: str):
        """(pixels, cells): times cells gives the pixels, as tf.image.resize does."""
        each_cell = tf.eye(self.count)[..., None]
        return tf.image.resize(each_cell, tf.stack((self.pixels, self.count)), method)[..., 0]

    def cells(self):
        """int32 (3, pixels): each pixel's own cell between its neighbours, or the last one that is there."""
        own = tf.cast(tf.round(self._places()), tf.int32)
        return tf.clip_by_value(own + OFFSETS, 0, self.count - 1)

    def nearness(self):
        """(3, pixels): weights of those cells by a quadratic B-spline, which is 0 where the next cell takes over."""
        distance = tf.abs(self._places() - tf.round(self._places()) - tf.cast(OFFSETS, tf.float32))
        return tf.where(distance < 0.5, 0.75 - distance**2, tf.maximum(1.5 - distance, 0.0) ** 2 / 2)

    def _places(self):
        """Where the pixels' middles lie; a cell's middle is its number."""
        return (self.starts + 0.5) / self.side - 0.5
