"""HSV, XYZ and YUV against scikit-image and Python's own colorsys; uint8, shapes, graphs."""

import colorsys

import numpy as np
import pytest
import skimage.color
import tensorflow as tf
from numpy.testing import assert_allclose

from data_pipelines import color_spaces as spaces

THERE_AND_BACK = [("rgb_to_hsv", "hsv_to_rgb"), ("rgb_to_xyz", "xyz_to_rgb"), ("rgb_to_yuv", "yuv_to_rgb")]


@pytest.fixture(scope="module")
def rgb():
    """uint8 (N, 3): random colours, the corners of the cube, all greys."""
    corners = 255 * np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    colours = np.random.default_rng(0).integers(0, 256, (2000, 3))
    return np.concatenate([colours, corners, greys]).astype("uint8")


@pytest.mark.parametrize("space", ["hsv", "xyz", "yuv"])
def test_agrees_with_scikit_image(space, rgb):
    expected = getattr(skimage.color, f"rgb2{space}")(rgb)
    assert_allclose(getattr(spaces, f"rgb_to_{space}")(rgb), expected, atol=2e-5)


def test_hsv_agrees_with_colorsys(rgb):
    expected = [colorsys.rgb_to_hsv(*(pixel / 255)) for pixel in rgb[:200]]
    assert_allclose(spaces.rgb_to_hsv(rgb[:200]), expected, atol=1e-5)


def test_white_is_d65():
    white = np.full(3, 255, "uint8")
    assert_allclose(spaces.rgb_to_xyz(white), [0.95047, 1.0, 1.08883], atol=2e-4)
    assert_allclose(spaces.rgb_to_yuv(white), [1, 0, 0], atol=1e-5)


@pytest.mark.parametrize(("there", "back"), THERE_AND_BACK)
def test_round_trip_is_exact_at_8_bits(there, back, rgb):
    again = getattr(spaces, back)(getattr(spaces, there)(rgb))
    assert np.array_equal(np.round(np.asarray(again) * 255), rgb)


@pytest.mark.parametrize(("there", "back"), THERE_AND_BACK)
@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 5, 7, 3), (2, 2, 3, 4, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_any_leading_shape_and_dtype(there, back, shape, dtype):
    converted = getattr(spaces, there)(np.ones(shape, dtype))
    assert converted.shape == shape and converted.dtype == tf.float32
    assert getattr(spaces, back)(converted).shape == shape


@pytest.mark.parametrize("there", ["rgb_to_hsv", "rgb_to_xyz", "rgb_to_yuv"])
def test_map_and_function_of_unknown_shape_equal_eager(there, rgb):
    convert = getattr(spaces, there)
    unknown = tf.function(convert, input_signature=[tf.TensorSpec([None, 3], tf.uint8)])
    assert_allclose(unknown(rgb), convert(rgb), atol=1e-6)
    assert_allclose(next(iter(tf.data.Dataset.from_tensors(rgb).map(convert))), convert(rgb), atol=1e-6)


def test_integers_without_a_range_are_refused():
    with pytest.raises(TypeError, match="colours are int32"):
        spaces.rgb_to_hsv(np.zeros((2, 3), "int32"))
    with pytest.raises(TypeError, match="colours are uint8"):
        spaces.yuv_to_rgb(np.zeros((2, 3), "uint8"))
