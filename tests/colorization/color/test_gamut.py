"""Fitting to the gamut against a brute-force search in float64, written with scikit-image's matrix and no bisection."""

import numpy as np
import pytest
import skimage.color.colorconv as colorconv
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from colorization.color.gamut import STEPS, TOLERANCE, fit_to_gamut
from colorization.color.lab import lab_to_uint8, rgb_to_lab


def linear_rgb(L, ab):
    """Lab -> linear RGB in float64, not clipped: (..., 3)."""
    fy = (L[..., 0] + 16) / 116
    f = np.stack(np.broadcast_arrays(fy + ab[..., 0] / 500, fy, fy - ab[..., 1] / 200), axis=-1)
    xyz = np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787) * [0.95047, 1.0, 1.08883]
    return xyz @ np.linalg.inv(colorconv.xyz_from_rgb).T


def outside(L, ab):
    """How far the linear RGB lies outside 0..1, by the worst channel: (...)."""
    rgb = linear_rgb(L, ab)
    return np.maximum(-rgb, rgb - 1).max(axis=-1)


def colours(seed, span, count=2000):
    generator = np.random.default_rng(seed)
    L, ab = generator.uniform(0, 100, (count, 1)), generator.uniform(-span, span, (count, 2))
    return L.astype("float32"), ab.astype("float32")


def test_colours_of_photographs_are_unchanged():
    rgb = np.random.default_rng(0).integers(0, 256, (40_000, 3), dtype="uint8")
    corners = 255 * np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), axis=-1).reshape(-1, 3).astype("uint8")
    lab = np.asarray(rgb_to_lab(np.concatenate([corners, rgb])))
    assert_array_equal(fit_to_gamut(lab[:, :1], lab[:, 1:]), lab[:, 1:])


@pytest.mark.parametrize("span", [60, 110, 180])
def test_result_lies_in_the_gamut_on_the_line_to_grey(span):
    L, ab = colours(1, span)
    fitted = np.asarray(fit_to_gamut(L, ab))
    assert outside(L, fitted).max() < 2 * TOLERANCE
    factor = np.linalg.norm(fitted, axis=-1) / np.linalg.norm(ab, axis=-1)
    assert factor.max() <= 1 + 1e-6
    assert_allclose(fitted, ab * factor[:, None], atol=1e-4)


def test_factor_is_the_largest_by_brute_force():
    L, ab = colours(2, 180, count=300)
    steps = np.linspace(0, 1, 4001)
    fits = outside(L[:, None], steps[:, None] * ab[:, None]) <= TOLERANCE
    largest = steps[np.argmin(fits, axis=1) - 1]  # the last that fits before the first that does not
    largest[fits.all(axis=1)] = 1
    factor = np.linalg.norm(fit_to_gamut(L, ab), axis=-1) / np.linalg.norm(ab, axis=-1)
    assert_allclose(factor, largest, atol=0.5**STEPS + 2 / 4000)


@pytest.mark.parametrize("span", [60, 180])
def test_lightness_of_the_8_bit_picture_is_kept(span):
    L, ab = colours(3, span)
    if span == 180:
        ab = np.where(ab > 0, np.float32(180), np.float32(-180))
    seen = np.asarray(rgb_to_lab(lab_to_uint8(L, fit_to_gamut(L, ab))))
    assert np.abs(seen[:, :1] - L).mean() <= 0.1
    assert np.abs(seen[:, :1] - L).max() <= 0.5
    clipped = np.asarray(rgb_to_lab(lab_to_uint8(L, ab)))
    assert np.abs(clipped[:, :1] - L).mean() > 1  # without fitting it is not kept


def test_black_white_and_beyond_become_grey():
    L, ab = np.array([[0.0], [100.0], [-3.0], [104.0]]), np.full((4, 2), 50.0)
    assert_allclose(fit_to_gamut(L, ab), np.zeros((4, 2)), atol=0.2)


def test_function_of_unknown_size_and_empty_batch():
    L, ab = (x.reshape(2, 20, 50, -1) for x in colours(4, 150))
    unknown = tf.function(
        fit_to_gamut, input_signature=[tf.TensorSpec([None, None, None, 1]), tf.TensorSpec([None, None, None, 2])]
    )
    assert_allclose(unknown(L, ab), fit_to_gamut(L, ab), atol=1e-4)
    assert unknown(L[:0], ab[:0]).shape == (0, 20, 50, 2)


def test_gradient_is_finite_and_flows_to_ab():
    L, ab = (tf.constant(x) for x in colours(5, 150))
    with tf.GradientTape() as tape:
        tape.watch(ab)
        total = tf.reduce_sum(fit_to_gamut(L, ab))
    gradient = tape.gradient(total, ab).numpy()
    assert np.isfinite(gradient).all() and gradient.max() == 1
