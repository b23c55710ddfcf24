"""The compiled conversion equals the plain one, whatever the number of pixels has to do with the size of a block."""

import numpy as np
import pytest
import skimage.color
import tensorflow as tf
from numpy.testing import assert_allclose

from colorization.color import lab
from data_pipelines import compiled_lab as compiled


def pictures(shape, dtype, seed=0):
    rgb = np.random.default_rng(seed).integers(0, 256, shape, dtype="uint8")
    return rgb if dtype == "uint8" else (rgb / 255).astype(dtype)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("shape", [(3,), (2, 5, 7, 3), (compiled.BLOCK, 3), (2, compiled.BLOCK // 2 + 1, 3)])
def test_equals_the_plain_conversion(shape, dtype):
    rgb = pictures(shape, dtype)
    got = compiled.rgb_to_lab(rgb)
    assert got.shape == shape and got.dtype == tf.float32
    assert_allclose(got, lab.rgb_to_lab(rgb), atol=1.5e-4)


def test_agrees_with_scikit_image_in_float64():
    rgb = pictures((3, 256, 256, 3), "uint8")
    assert_allclose(compiled.rgb_to_lab(rgb), skimage.color.rgb2lab(rgb), atol=2e-4)


def test_empty_batch():
    assert compiled.rgb_to_lab(np.zeros((0, 4, 4, 3), "uint8")).shape == (0, 4, 4, 3)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_in_dataset_map_shapes_stay_known(dtype):
    rgb = pictures((6, 8, 10, 3), dtype)
    data = tf.data.Dataset.from_tensor_slices(rgb).batch(4).map(compiled.rgb_to_lab, num_parallel_calls=2)
    assert data.element_spec.shape.as_list() == [None, 8, 10, 3]
    assert_allclose(np.concatenate(list(data)), lab.rgb_to_lab(rgb), atol=1.5e-4)


def test_in_a_function_of_unknown_rank():
    rgb = pictures((2, 3, 4, 3), "uint8")
    unknown = tf.function(compiled.rgb_to_lab, input_signature=[tf.TensorSpec(None, tf.uint8)])
    assert_allclose(unknown(rgb), lab.rgb_to_lab(rgb), atol=1.5e-4)


def test_another_size_compiles_nothing_new():
    for pixels in (1, 2, 3):  # the second size makes the row's length unknown, once and for all
        compiled.rgb_to_lab(pictures((pixels, 3), "uint8"))
    before = compiled._in_blocks.experimental_get_tracing_count()
    for shape in ((4, 4, 3), (2, 7, 9, 3), (70_000, 3)):
        compiled.rgb_to_lab(pictures(shape, "uint8"))
    assert compiled._in_blocks.experimental_get_tracing_count() == before


def test_integers_other_than_uint8_are_refused():
    with pytest.raises(TypeError, match="rgb is int32; give uint8"):
        compiled.rgb_to_lab(np.zeros((2, 3), "int32"))
