import numpy as np
import pytest
import tensorflow as tf

from colorization.resize import enlarge, shrink, target_size


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
    assert tuple(map(int, target_size(*size, shorter_side=128))) == expected


def test_target_size_without_a_bound_keeps_the_shorter_side():
    assert tuple(map(int, target_size(1000, 10_000, 128, max_aspect=None))) == (128, 1280)


def test_the_shorter_side_is_exact_for_every_height():
    for height in range(65, 2000, 7):
        assert int(target_size(height, 3000, 64, max_aspect=None)[0]) == 64


def test_shrinking_averages_instead_of_leaving_out():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    small = shrink(stripes, 16).numpy()
    assert small.dtype == np.uint8
    assert np.abs(small[:, 2:-2].astype(int) - 100).max() <= 2  # plain bilinear gives 200 or 0


def test_uint8_is_rounded_not_cut_off():
    picture = np.full((8, 8, 3), 100, np.uint8)
    picture[:, :4] = 101
    exact = tf.image.resize(picture, (3, 3), antialias=True).numpy()
    np.testing.assert_array_equal(shrink(picture, 3), np.round(exact))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_small_pictures_come_back_unchanged(dtype):
    picture = np.random.default_rng(0).uniform(0, 255, (2, 20, 30, 3)).astype(dtype)
    small = shrink(picture, 20).numpy()
    assert small.dtype == dtype
    np.testing.assert_array_equal(small, picture.astype(np.float32).astype(dtype))


def test_floats_keep_their_range():
    ab = np.full((1, 50, 60, 2), -110.0, np.float32)
    np.testing.assert_allclose(shrink(ab, 10), np.full((1, 10, 12, 2), -110.0), rtol=1e-5)


@pytest.mark.parametrize("size", [(90, 120), (33, 200), (16, 16), (5, 9), (1, 1)])
def test_a_graph_of_unknown_size_gives_the_same_as_eager_code(size):
    graph = tf.function(lambda x: shrink(x, 16), input_signature=[tf.TensorSpec((None, None, None, None), tf.uint8)])
    pictures = np.random.default_rng(1).integers(0, 256, (2, *size, 3), np.uint8)
    np.testing.assert_array_equal(graph(pictures), shrink(pictures, 16))


def test_shrinking_inside_a_data_pipeline():
    pictures = np.random.default_rng(2).integers(0, 256, (2, 40, 50, 3), np.uint8)
    mapped = tf.data.Dataset.from_tensor_slices(pictures).map(lambda x: shrink(x, 16))
    np.testing.assert_array_equal(np.stack(list(mapped.as_numpy_iterator())), shrink(pictures, 16))


def test_enlarging_is_bilinear_between_the_centres_of_pixels():
    ab = np.array([0.0, 8.0], np.float32).reshape(1, 1, 2, 1)
    np.testing.assert_allclose(enlarge(ab, 1, 4).numpy().ravel(), [0, 2, 6, 8])
