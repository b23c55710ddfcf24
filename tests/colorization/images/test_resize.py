"""Shrinking and enlarging against TensorFlow's antialiased resize, which training used before, and plain stats."""

import numpy as np
import pytest
import tensorflow as tf

from colorization.images import resize
from colorization.images.resize import enlarge, reduced, shrink, target_size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1356, 2040), (128, 193)),  # 192.57
        ((2040, 1356), (193, 128)),
        ((100, 300), (100, 300)),  # already small
        ((128, 128), (128, 128)),
        ((1, 1), (1, 1)),
        ((200, 1000), (102, 512)),  # a panorama: the longer side is 4 * 128
        ((100, 10_000), (5, 512)),  # also one whose shorter side is small
        ((1, 100_000), (1, 512)),
    ],
)
def test_target_size(size, expected):
    assert target_size(*size, shorter_side=128) == expected


def test_target_size_without_a_bound_keeps_the_shorter_side():
    assert target_size(1000, 10_000, 128, max_aspect=None) == (128, 1280)


def test_the_shorter_side_is_exact_for_every_height():
    for height in range(65, 2000, 7):
        assert target_size(height, 3000, 64, max_aspect=None)[0] == 64


@pytest.mark.parametrize("size", [(90, 120), (333, 200), (41, 997), (17, 16)])
def test_shrinking_is_tensorflows_antialiased_bilinear(size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    target = target_size(*size, 16)
    expected = tf.image.resize(picture, target, method="bilinear", antialias=True).numpy()
    np.testing.assert_allclose(reduced(picture.astype(np.float32), target), expected, atol=1e-3)
    np.testing.assert_allclose(shrink(picture, 16), expected, atol=0.501)


@pytest.mark.parametrize("band", [1, 700, 5000])
def test_a_few_rows_at_a_time_give_the_same(monkeypatch, band):
    picture = np.random.default_rng(2).random((211, 97, 2), np.float32)
    whole = reduced(picture, (30, 14))
    monkeypatch.setattr(resize, "BAND_PIXELS", band)
    np.testing.assert_allclose(reduced(picture, (30, 14)), whole, atol=1e-5)


def test_what_is_averaged_may_be_chosen():
    picture = np.random.default_rng(3).random((60, 40, 3), np.float32)
    squares = reduced(picture, (7, 5), of=np.square)
    np.testing.assert_allclose(squares, reduced(np.square(picture), (7, 5)), atol=1e-6)


def test_shrinking_averages_instead_of_leaving_out():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    small = shrink(stripes, 16)
    assert small.dtype == np.uint8
    assert np.abs(small[:, 2:-2].astype(int) - 100).max() <= 2  # plain bilinear gives 200 or 0


def test_integers_are_rounded_not_cut_off():
    picture = np.full((8, 8, 3), 100, np.uint8)
    picture[:, :4] = 101
    np.testing.assert_array_equal(shrink(picture, 3), np.rint(shrink(picture.astype(np.float32), 3)))
    deep = np.full((8, 8, 1), 65535, np.uint16)
    np.testing.assert_array_equal(shrink(deep, 3), np.full((3, 3, 1), 65535))


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
def test_small_pictures_come_back_unchanged(dtype):
    picture = np.random.default_rng(0).uniform(0, 255, (20, 30, 3)).astype(dtype)
    small = shrink(picture, 20)
    assert small.dtype == dtype
    np.testing.assert_array_equal(small, picture)


def test_floats_keep_their_range():
    ab = np.full((50, 60, 2), -110.0, np.float32)
    np.testing.assert_allclose(shrink(ab, 10), np.full((10, 12, 2), -110.0), rtol=1e-5)


def test_enlarging_is_bilinear_between_the_centres_of_pixels():
    ab = np.array([0.0, 8.0], np.float32).reshape(1, 2, 1)
    np.testing.assert_allclose(enlarge(ab, 1, 4).ravel(), [0, 2, 6, 8])
    random = np.random.default_rng(4).random((9, 7, 2), np.float32)
    np.testing.assert_allclose(enlarge(random, 40, 50), tf.image.resize(random, (40, 50)), atol=1e-5)
