"""Layers against numpy and tf.image, at odd and tiny sizes, eagerly and in a graph of unknown size."""

import numpy as np
import pytest
import tensorflow as tf

from colorization.models.layers import BilinearDouble, CropLike, PadToMultiple

SIZES = [(1, 1), (1, 7), (3, 2), (8, 8), (13, 5)]


def in_graph(layer, x):
    spec = tf.TensorSpec((None, None, None, x.shape[-1]), tf.float32)
    return tf.function(lambda x: layer(x), input_signature=[spec])(x)


@pytest.mark.parametrize("size", SIZES)
def test_padding_mirrors_as_numpy_does(size):
    x = np.random.default_rng(0).random((2, *size, 3), np.float32)
    up = [-side % 8 for side in size]
    expected = np.pad(x, ((0, 0), (0, up[0]), (0, up[1]), (0, 0)), mode="reflect")
    layer = PadToMultiple(8)
    np.testing.assert_array_equal(layer(x), expected)
    np.testing.assert_array_equal(in_graph(layer, x), expected)
    assert layer.compute_output_shape(x.shape) == expected.shape
    np.testing.assert_array_equal(CropLike()(expected, x), x)


@pytest.mark.parametrize("size", SIZES)
def test_doubling_equals_bilinear_resizing(size):
    x = np.random.default_rng(0).random((2, *size, 3), np.float32)
    expected = tf.image.resize(x, (size[0] * 2, size[1] * 2))
    layer = BilinearDouble()
    np.testing.assert_allclose(layer(x), expected, atol=1e-6)
    np.testing.assert_allclose(in_graph(layer, x), expected, atol=1e-6)
    assert layer.compute_output_shape(x.shape) == expected.shape
