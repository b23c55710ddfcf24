"""Enlarged colours: bicubic against Pillow, guided against what is known of edges."""

import numpy as np
import pytest
from PIL import Image

from colorization.config import UPSAMPLINGS
from colorization.inference.upsampling import NOISE, Enlarging, enlarge_colours, slopes


@pytest.mark.parametrize(
    ("grid", "size"), [((7, 5), (50, 41)), ((1, 1), (3, 9)), ((4, 9), (4, 40)), ((12, 8), (13, 99))]
)
def test_bicubic_is_pillows(grid, size):
    ab = np.random.default_rng(0).uniform(-80, 80, (*grid, 2)).astype(np.float32)
    L = np.zeros((*size, 1), np.float32)
    expected = [np.asarray(Image.fromarray(ab[..., i]).resize(size[::-1], Image.Resampling.BICUBIC)) for i in range(2)]
    np.testing.assert_allclose(enlarge_colours(ab, L, "bicubic"), np.stack(expected, axis=-1), atol=1e-3)


def edge_picture() -> tuple[np.ndarray, np.ndarray]:
    """A slanted edge: dark blue on the left of it, light orange on the right; L (64, 96, 1) and ab (64, 96, 2)."""
    right = (np.arange(96) > 30 + np.arange(64)[:, None] / 3)[..., None]
    return np.where(right, 75.0, 35.0).astype(np.float32), np.where(right, (20.0, 50.0), (10.0, -40.0))


def test_guided_keeps_colours_on_their_side_of_an_edge():
    L, ab = edge_picture()
    small = ab.reshape(8, 8, 12, 8, 2).mean((1, 3)).astype(np.float32)
    guided, bicubic = (np.abs(enlarge_colours(small, L, way) - ab).mean() for way in ("guided", "bicubic"))
    assert guided < 0.8 * bicubic


def test_slopes_are_those_of_a_line():
    """Where colour is a line of lightness its slope is found, less the share of its variance that counts as noise."""
    L = np.random.default_rng(0).uniform(0, 100, (30, 40, 1)).astype(np.float32)
    found = slopes(np.concatenate([0.8 * L + 3, -0.3 * L], axis=-1), L)
    padded = np.pad(L[..., 0].astype(np.float64), 1, mode="edge")
    variance = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).var(axis=(2, 3))
    share = np.pad(variance / (variance + NOISE), 1, mode="edge")
    share = np.lib.stride_tricks.sliding_window_view(share, (3, 3)).mean(axis=(2, 3))
    # each of some ten float32 steps rounds L * L, up to 1e4, by 6e-4 at most; NOISE = 400 divides the sum of them
    np.testing.assert_allclose(found, share[..., None] * [0.8, -0.3], atol=1e-4)
    assert np.abs(slopes(np.full((30, 40, 2), 7, np.float32), L)).max() < 1e-3


@pytest.mark.parametrize("way", UPSAMPLINGS)
@pytest.mark.parametrize(
    ("grid", "size"), [((7, 5), (50, 41)), ((1, 1), (3, 9)), ((4, 4), (5, 4)), ((3, 200), (5, 401))]
)
def test_one_colour_stays_one_colour_at_any_size(way, grid, size):
    L = np.random.default_rng(0).uniform(0, 100, (*size, 1)).astype(np.float32)
    large = enlarge_colours(np.full((*grid, 2), 30.0, np.float32), L, way)
    np.testing.assert_allclose(large, np.full((*size, 2), 30.0), atol=1e-3)


@pytest.mark.parametrize("way", UPSAMPLINGS)
def test_a_grid_of_the_pictures_size_stays_as_it_is(way):
    random = np.random.default_rng(0)
    ab, L = np.float32(random.uniform(-80, 80, (9, 7, 2))), np.float32(random.uniform(0, 100, (9, 7, 1)))
    np.testing.assert_allclose(enlarge_colours(ab, L, way), ab, atol=1e-4)


@pytest.mark.parametrize("way", UPSAMPLINGS)
def test_a_few_rows_at_a_time_give_the_same(way):
    random = np.random.default_rng(2)
    ab, L = np.float32(random.uniform(-80, 80, (5, 7, 2))), np.float32(random.uniform(0, 100, (33, 41, 1)))
    whole, enlarging = enlarge_colours(ab, L, way), Enlarging(ab, L, (33, 41), way)
    for first in range(0, 33, 4):
        rows = slice(first, min(first + 4, 33))
        np.testing.assert_allclose(enlarging.rows(rows, L[rows]), whole[rows], atol=1e-3)
