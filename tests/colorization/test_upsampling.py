"""Colours along edges, against the formula pixel by pixel."""

import numpy as np
import pytest
import tensorflow as tf

from colorization import strips, upsampling
from colorization.config import UPSAMPLINGS
from colorization.strips import in_strips
from colorization.upsampling import colours_of_rows, enlarge_colours


def joint_in_numpy(ab, L):
    """The weighted mean of the nine cells about each pixel, from the formula, pixel by pixel."""
    (h, w), (H, W) = ab.shape[:2], L.shape
    up, left = H // h, W // w
    blocks = L.reshape(h, up, w, left)
    mean, spread = blocks.mean((1, 3)), upsampling.LIKE**2 + blocks.var((1, 3))
    result = np.zeros((H, W, 2))

    def spline(d):
        return 0.75 - d * d if abs(d) < 0.5 else max(1.5 - abs(d), 0) ** 2 / 2

    for y, x in np.ndindex(H, W):
        row, column = (y + 0.5) / up - 0.5, (x + 0.5) / left - 0.5
        total = 0.0
        for i, j in np.ndindex(3, 3):
            near_row, near_column = y // up + i - 1, x // left + j - 1
            near = spline(row - near_row) * spline(column - near_column)
            cell = np.clip(near_row, 0, h - 1), np.clip(near_column, 0, w - 1)
            like = np.exp(-((L[y, x] - mean[cell]) ** 2) / (2 * spread[cell])) / spread[cell] ** 0.5
            result[y, x] += near * (like + 1e-6) * ab[cell]
            total += near * (like + 1e-6)
        result[y, x] /= total
    return result


def test_joint_upsampling_is_the_formula(monkeypatch):
    monkeypatch.setattr(upsampling, "CORRECTIONS", 0)
    random = np.random.default_rng(0)
    ab, L = random.uniform(-80, 80, (4, 6, 2)), random.uniform(0, 100, (12, 24))
    large = enlarge_colours(ab[None], L[None, ..., None]).numpy()[0]
    np.testing.assert_allclose(large, joint_in_numpy(ab, L), atol=1e-3)


def edge_picture():
    """A slanted edge: dark blue on the left of it, light orange on the right; L (64, 96) and ab (64, 96, 2)."""
    right = np.arange(96) > 30 + np.arange(64)[:, None] / 3
    return np.where(right, 75.0, 35.0).astype(np.float32), np.where(right[..., None], (20.0, 50.0), (10.0, -40.0))


@pytest.mark.parametrize("other", ["bilinear", "bicubic"])
def test_joint_upsampling_keeps_colours_on_their_side_of_an_edge(other):
    L, ab = edge_picture()
    small = ab.reshape(8, 8, 12, 8, 2).mean((1, 3))[None]
    joint, plain = (
        np.abs(enlarge_colours(small, L[None, ..., None], way).numpy()[0] - ab).mean() for way in ("joint", other)
    )
    assert joint < plain / 3


def test_joint_upsampling_gives_each_cell_its_colour_back():
    random = np.random.default_rng(0)
    small, L = random.uniform(-50, 50, (1, 6, 6, 2)), random.uniform(0, 100, (1, 48, 48, 1))
    joint, plain = (
        np.abs(enlarge_colours(small, L, way).numpy().reshape(1, 6, 8, 6, 8, 2).mean((2, 4)) - small).mean()
        for way in ("joint", "bilinear")
    )
    assert joint < 0.25 * plain


@pytest.mark.parametrize(
    ("grid", "size"), [((7, 5), (50, 41)), ((1, 1), (3, 9)), ((4, 4), (5, 4)), ((3, 200), (5, 401))]
)
def test_one_colour_stays_one_colour_at_any_size(grid, size):
    L = np.random.default_rng(0).uniform(0, 100, (1, *size, 1))
    large = enlarge_colours(np.full((1, *grid, 2), 30.0), L)
    np.testing.assert_allclose(large, np.full((1, *size, 2), 30.0), atol=1e-3)


def test_a_grid_of_the_pictures_size_stays_as_it_is():
    random = np.random.default_rng(0)
    ab, L = random.uniform(-80, 80, (1, 9, 7, 2)), random.uniform(0, 100, (1, 9, 7, 1))
    np.testing.assert_allclose(enlarge_colours(ab, L), ab, atol=1e-4)


def test_upsampling_in_a_graph_of_unknown_size():
    sizes = [tf.TensorSpec((None, None, None, channels), tf.float32) for channels in (2, 1)]
    graph = tf.function(enlarge_colours, input_signature=sizes)
    random = np.random.default_rng(1)
    for grid, size in [((5, 7), (33, 41)), ((5, 7), (5, 7))]:
        ab, L = (np.float32(random.uniform(0, 50, (2, *each))) for each in ((*grid, 2), (*size, 1)))
        np.testing.assert_allclose(graph(ab, L), enlarge_colours(ab, L), atol=1e-3)


@pytest.mark.parametrize("way", UPSAMPLINGS)
def test_a_few_rows_at_a_time_give_the_same(monkeypatch, way):
    random = np.random.default_rng(2)
    ab, L = random.uniform(-80, 80, (2, 5, 7, 2)), random.uniform(0, 100, (2, 33, 41, 1))
    whole = enlarge_colours(ab, L, way).numpy()
    monkeypatch.setattr(strips, "STRIP_PIXELS", 2 * 41 * 4)  # 4 rows of both pictures; the last strip has one
    colours = colours_of_rows(ab, L, way)
    rows = in_strips(colours, 2, 33, 41, tf.float32)
    np.testing.assert_allclose(rows, whole, atol=1e-3)
    np.testing.assert_allclose(colours(30, 33), whole[:, 30:], atol=1e-3)
