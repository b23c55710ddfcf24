"""Lab against outside figures, scikit-image in float64 and tensorflow-io; gradients against finite differences."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
import skimage.color
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from colorization.color.lab import GAMMA_KINK, lab_to_rgb, lab_to_uint8, rgb_to_lab

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", module=r"tensorflow_io\.python\.ops")
    from tensorflow_io.python.experimental import color_ops

PROJECT = Path(__file__).resolve().parents[3]

# brucelindbloom.com, CIE Color Calculator: sRGB, reference white D65, no adaptation.
LINDBLOOM = [
    ([1, 0, 0], [53.2408, 80.0925, 67.2032]),
    ([0, 1, 0], [87.7347, -86.1827, 83.1793]),
    ([0, 0, 1], [32.2970, 79.1875, -107.8602]),
    ([1, 1, 0], [97.1393, -21.5537, 94.4780]),
    ([0, 1, 1], [91.1132, -48.0875, -14.1312]),
    ([1, 0, 1], [60.3242, 98.2343, -60.8249]),
    ([1, 1, 1], [100.0, 0.0, 0.0]),
    ([0, 0, 0], [0.0, 0.0, 0.0]),
]


@pytest.fixture(scope="module")
def cube():
    """Every 5th level of each channel with black and white, and every grey: uint8 (N, 3)."""
    levels = np.arange(0, 256, 5, dtype="uint8")
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    return np.concatenate([grid, np.repeat(np.arange(256, dtype="uint8")[:, None], 3, axis=1)])


@pytest.mark.parametrize(("rgb", "lab"), LINDBLOOM)
def test_lindbloom_figures(rgb, lab):
    # His matrix has one digit more than scikit-image's and ours: they lie up to 0.005 apart.
    assert_allclose(rgb_to_lab(np.array(rgb, "float32")), lab, atol=5e-3)
    assert_allclose(rgb_to_lab(np.array(rgb, "uint8") * np.uint8(255)), lab, atol=5e-3)
    assert_allclose(lab_to_rgb(np.array(lab, "float32")), rgb, atol=1e-4)


def test_uint8_agrees_with_scikit_image_in_float64(cube):
    assert_allclose(rgb_to_lab(cube), skimage.color.rgb2lab(cube), atol=2e-4)


def test_float_agrees_with_scikit_image_in_float64(cube):
    assert_allclose(rgb_to_lab(cube / 255), skimage.color.rgb2lab(cube), atol=2e-4)


def test_agrees_with_tensorflow_io(cube):
    assert_allclose(rgb_to_lab(cube), color_ops.rgb_to_lab(tf.constant(cube / 255)), atol=2e-4)


def test_out_of_gamut_agrees_with_tensorflow_io():
    # scikit-image is no oracle here: it raises negative Z to 0 before the matrix, we clip once, at the end.
    lab = np.random.default_rng(0).uniform([0, -130, -130], [100, 130, 60], (1000, 3))
    lab[:, 2] = np.minimum(lab[:, 2], 200 * (lab[:, 0] + 16) / 116)  # where Z is not negative
    got, expected = lab_to_rgb(lab), color_ops.lab_to_rgb(tf.constant(lab))
    assert_allclose(got, expected, atol=2e-5)
    assert np.min(got) == 0 and np.max(got) == 1


def test_8_bit_round_trip_is_exact(cube):
    lab = rgb_to_lab(cube)
    assert_array_equal(lab_to_uint8(lab[:, :1], lab[:, 1:]), cube)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 5, 7, 3), (2, 3, 2, 2, 3), (0, 4, 4, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_any_leading_shape_and_dtype(shape, dtype):
    lab = rgb_to_lab(np.ones(shape, dtype))
    assert lab.shape == shape and lab.dtype == np.float32
    assert lab_to_rgb(lab).shape == shape
    assert lab_to_uint8(lab[..., :1], lab[..., 1:]).dtype == np.uint8


def test_integers_other_than_uint8_are_refused():
    with pytest.raises(TypeError, match="rgb is int32; give uint8"):
        rgb_to_lab(np.zeros((2, 3), "int32"))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_map_and_function_equal_eager(dtype):
    rgb = np.random.default_rng(1).integers(0, 256, (4, 9, 6, 3), dtype="uint8")
    rgb = rgb if dtype == "uint8" else (rgb / 255).astype(dtype)
    eager = rgb_to_lab(rgb)
    mapped = next(iter(tf.data.Dataset.from_tensors(rgb).map(rgb_to_lab)))
    unknown = tf.function(rgb_to_lab, input_signature=[tf.TensorSpec([None, None, None, 3], dtype)])
    assert_allclose(mapped, eager, atol=1e-4)
    assert_allclose(unknown(rgb), eager, atol=1e-4)


def test_back_works_in_a_function_of_unknown_shape():
    lab = np.random.default_rng(2).uniform([0, -100, -100], [100, 100, 100], (5, 4, 3)).astype("float32")
    unknown = tf.function(lab_to_rgb, input_signature=[tf.TensorSpec([None, None, 3])])
    assert_allclose(unknown(lab), lab_to_rgb(lab), atol=1e-5)


def test_works_in_a_keras_functional_model():
    rgb = keras.Input((None, None, 3))
    model = keras.Model(rgb, lab_to_rgb(rgb_to_lab(rgb)))
    x = np.random.default_rng(3).random((1, 4, 5, 3)).astype("float32")
    assert_allclose(model(x), x, atol=1e-5)


# --- gradients ---


def gradient(function, x):
    """The gradient of the sum of all outputs, weighted so that they do not cancel: same shape as x."""
    x = tf.constant(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(function(x) * [1.0, 0.7, 0.4])
    return tape.gradient(total, x).numpy()


def finite_differences(function, x, step):
    """The same, by central differences of a function in float64; x is (N, 3)."""
    columns = []
    for channel in np.eye(3):
        difference = function(x + step * channel) - function(x - step * channel)
        columns.append((difference * [1.0, 0.7, 0.4]).sum(axis=-1) / (2 * step))
    return np.stack(columns, axis=-1)


SPECIAL_RGB = [[0, 0, 0], [1, 1, 1], [GAMMA_KINK] * 3, [0, GAMMA_KINK, 1], [-0.2, 0, 0.5], [1.2, -1, 3], [1e-30] * 3]
SPECIAL_LAB = [
    [0, 0, 0],
    [100, 0, 0],
    [8, 0, 0],
    [50, 120, 120],
    [50, -180, 180],
    [-5, 10, 10],
    [130, 0, 0],
    [1, 90, 90],
]


def test_gradient_of_rgb_to_lab_is_finite_everywhere():
    assert np.isfinite(gradient(rgb_to_lab, SPECIAL_RGB)).all()
    assert np.abs(gradient(rgb_to_lab, [[0.0, 0.0, 0.0]])).max() > 1  # black has a slope; it is not simply cut off


def test_gradient_of_lab_to_rgb_is_finite_everywhere():
    assert np.isfinite(gradient(lab_to_rgb, SPECIAL_LAB)).all()


def test_gradient_of_rgb_to_lab_equals_finite_differences():
    # Black and dark colours are in; the kinks themselves are not, as the slope differs on their two sides.
    rgb = np.concatenate(
        [np.random.default_rng(4).uniform(0.001, 1, (200, 3)), np.zeros((1, 3)), np.full((1, 3), 0.01)]
    )
    expected = finite_differences(skimage.color.rgb2lab, rgb, 1e-6)
    assert_allclose(gradient(rgb_to_lab, rgb), expected, rtol=2e-3, atol=0.05)


def test_gradient_of_lab_to_rgb_equals_finite_differences():
    lab = skimage.color.rgb2lab(np.random.default_rng(5).uniform(0.01, 0.99, (200, 3)))
    expected = finite_differences(skimage.color.lab2rgb, lab, 1e-5)
    assert_allclose(gradient(lab_to_rgb, lab), expected, rtol=2e-3, atol=1e-5)


# --- arrays without Keras ---


def test_arrays_need_no_keras():
    program = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them now fails
import numpy as np
from colorization.color import bins, gamut, lab, saturation, tables
red = lab.rgb_to_lab(np.array([[255, 0, 0]], "uint8"))
ab = gamut.fit_to_gamut(red[:, :1], red[:, 1:])
print(lab.lab_to_uint8(red[:, :1], ab), np.abs(red - [53.2408, 80.0925, 67.2032]).max() < 1e-2)
"""
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=120)
    assert done.stdout.strip() == "[[255   0   0]] True", done.stderr


def test_tensors_give_what_arrays_give(cube):
    lab = rgb_to_lab(cube)
    assert_allclose(rgb_to_lab(tf.constant(cube)), lab, atol=4e-4)  # each lies within 2e-4 of the truth
    assert_allclose(lab_to_rgb(tf.constant(lab)), lab_to_rgb(lab), atol=1e-6)
