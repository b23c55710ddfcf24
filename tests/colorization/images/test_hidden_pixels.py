"""What lies under full transparency changes nothing that is seen."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from colorization.images.hidden_pixels import replaced_where_hidden
from colorization.images.reader import read_picture

H, W = 61, 83
NOISE = np.random.default_rng(0).integers(0, 256, (H, W), dtype=np.uint8)
RAMP = np.add.outer(np.arange(H), np.arange(W)).astype(np.uint8)
rows, columns = np.ogrid[:H, :W]
DISC = np.where((rows - 30) ** 2 + (columns - 40) ** 2 < 400, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("hidden", [np.uint8(0), np.uint8(255), NOISE], ids=["black", "white", "noise"])
def test_whatever_is_hidden_the_picture_is_the_same(tmp_path, hidden):
    Image.merge("LA", [Image.fromarray(np.where(DISC, RAMP, hidden)), Image.fromarray(DISC)]).save(tmp_path / "a.png")
    photograph = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(photograph.rgb, read_of(tmp_path, RAMP).rgb)
    np.testing.assert_array_equal(photograph.rgb[..., 0][DISC > 0], RAMP[DISC > 0])
    np.testing.assert_array_equal(photograph.alpha, DISC)
    assert RAMP[DISC > 0].min() <= photograph.rgb.min() <= photograph.rgb.max() <= RAMP[DISC > 0].max()


def read_of(folder, grey):
    Image.merge("LA", [Image.fromarray(grey), Image.fromarray(DISC)]).save(folder / "b.png")
    return read_picture(folder / "b.png")


def test_the_edge_is_continued():
    filled = replaced_where_hidden(RAMP, DISC)
    assert abs(int(filled[30, 61]) - int(RAMP[30, 59])) < 10
    assert abs(int(filled[30, 19]) - int(RAMP[30, 21])) < 10


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_kinds_and_shapes_are_kept(kind):
    grey = RAMP.astype(kind)
    for pixels in (grey, np.dstack([grey] * 3)):
        filled = replaced_where_hidden(pixels, DISC)
        assert (filled.dtype, filled.shape) == (pixels.dtype, pixels.shape)
        np.testing.assert_array_equal(filled[DISC > 0], pixels[DISC > 0])


@pytest.mark.parametrize("alpha", [0, 1, 255])
def test_all_or_nothing_visible_changes_nothing(alpha):
    assert replaced_where_hidden(NOISE, np.full((H, W), alpha, np.uint8)) is NOISE


def test_a_single_pixel_is_enough():
    alpha = np.zeros((1, 5), np.uint8)
    alpha[0, 3] = 1
    np.testing.assert_array_equal(replaced_where_hidden(np.uint8([[9, 8, 7, 77, 5]]), alpha), [[77] * 5])


def test_the_cut_outs_of_the_cases_are_one_picture(shared_cases):
    names = ("black", "original", "white")
    folder = shared_cases / "09_hidden_pixels_of_cut_outs_change_colours"
    first, *others = (read_picture(folder / f"hidden_{name}.png").rgb for name in names)
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_a_large_picture_is_never_copied_as_floats():
    pixels, alpha = np.zeros((1000, 1500, 3), np.uint8), np.full((1000, 1500), 255, np.uint8)
    alpha[200:700, 100:1100] = 0
    tracemalloc.start()
    try:
        replaced_where_hidden(pixels, alpha)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 12 * alpha.size  # bytes; one copy as floats is 12 a pixel
