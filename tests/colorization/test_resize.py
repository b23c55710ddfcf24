import numpy as np
import pytest
import tensorflow as tf

from colorization import resize
from colorization.resize import enlarge, enlarge_colours, shrink, target_size


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


def joint_in_numpy(ab, L):
    """The weighted mean of the nine cells about each pixel, from the formula, pixel by pixel."""
    (h, w), (H, W) = ab.shape[:2], L.shape
    up, left = H // h, W // w
    blocks = L.reshape(h, up, w, left)
    mean, spread = blocks.mean((1, 3)), resize.LIKE**2 + blocks.var((1, 3))
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
    monkeypatch.setattr(resize, "CORRECTIONS", 0)
    random = np.random.default_rng(0)
    ab, L = random.uniform(-80, 80, (4, 6, 2)), random.uniform(0, 100, (12, 24))
    large = enlarge_colours(ab[None], L[None, ..., None]).numpy()[0]
    np.testing.assert_allclose(large, joint_in_numpy(ab, L), atol=1e-3)


def edge_picture():
    """A slanted edge: dark blue on the left of it, light orange on the right; L (64, 96) and ab (64, 96, 2)."""
    right = np.arange(96) > 30 + np.arange(64)[:, None] / 3
    return np.where(right, 75.0, 35.0).astype(np.float32), np.where(right[..., None], (20.0, 50.0), (10.0, -40.0))


@pytest.mark.parametrize("upsampling", ["bilinear", "bicubic"])
def test_joint_upsampling_keeps_colours_on_their_side_of_an_edge(upsampling):
    L, ab = edge_picture()
    small = ab.reshape(8, 8, 12, 8, 2).mean((1, 3))[None]
    joint, plain = (
        np.abs(enlarge_colours(small, L[None, ..., None], way).numpy()[0] - ab).mean() for way in ("joint", upsampling)
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
