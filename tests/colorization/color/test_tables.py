"""The tables against the formulas that they stand for, over every level and the whole cube of 8-bit colours."""

import numpy as np
import pytest

from colorization.color.gamut import STEPS, fit_to_gamut
from colorization.color.lab import lab_to_rgb, lab_to_uint16, rgb_to_lab
from colorization.color.tables import BLOCK, join, lightness, row_blocks, without_colour


def planes_of_the_cube(step: int):
    """Every `step`th value of red, each with all greens and blues: uint8 (256, 256, 3)."""
    green, blue = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for red in range(0, 256, step):
        yield np.stack([np.full_like(green, red), green, blue], axis=-1)


def test_lightness_of_the_whole_cube():
    for rgb in planes_of_the_cube(3):
        np.testing.assert_allclose(lightness(rgb), rgb_to_lab(rgb)[..., :1], atol=1e-4)


@pytest.mark.parametrize("white", [255, 65535])
def test_lightness_of_greys(white):
    grey = np.arange(white + 1).astype(np.uint8 if white == 255 else np.uint16)[None, :, None]
    expected = rgb_to_lab(np.repeat(grey / white, 3, axis=-1))[..., :1]
    np.testing.assert_allclose(lightness(grey), expected, atol=1e-4)
    rgb = np.repeat(grey, 3, axis=-1)
    np.testing.assert_allclose(lightness(rgb), lightness(grey), atol=1e-4)
    np.testing.assert_array_equal(without_colour(rgb), grey)
    rgb[0, -1, 2] -= 1
    assert without_colour(rgb) is rgb


def test_the_whole_cube_goes_there_and_back_exactly():
    for rgb in planes_of_the_cube(1):
        lab = rgb_to_lab(rgb)
        np.testing.assert_array_equal(join(lab[..., :1], lab[..., 1:]), rgb)


@pytest.mark.parametrize("span", [20, 60, 150])
def test_any_colour_is_the_formulas_but_for_ties(span):
    """A table has steps: where the formula lies half-way between two levels, either may come out.

    So may either neighbour of the factor that fits a colour into the gamut, where the limit lies just between two.
    """
    random = np.random.default_rng(0)
    L, ab = np.float32(random.uniform(0, 100, (200, 300, 1))), np.float32(random.uniform(-span, span, (200, 300, 2)))
    fitted = fit_to_gamut(L, ab)
    neighbour = np.where(fitted != ab, ab * 0.5**STEPS, 0)
    off = [_levels_off(join(L, ab), L, near) for near in (fitted, fitted - neighbour, fitted + neighbour)]
    one_step = 0.03  # of a level: 12.92 * 255 / 2**16 / 2, and float32's rounding
    assert np.minimum.reduce(off).max() <= 0.5 + one_step


def _levels_off(rgb, L, ab):
    exact = 255 * lab_to_rgb(np.concatenate([L, ab], axis=-1))
    return np.abs(rgb - exact).max(axis=-1)


def test_16_bits_are_the_formulas():
    random = np.random.default_rng(1)
    L, ab = np.float32(random.uniform(0, 100, (40, 50, 1))), np.float32(random.uniform(-120, 120, (40, 50, 2)))
    got = join(L, ab, np.uint16).astype(int)
    assert got.shape == (40, 50, 3)
    assert np.abs(got - lab_to_uint16(L, fit_to_gamut(L, ab))).max() <= 2  # float32 sums in another order


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, BLOCK), (300, 1000), (3, 2 * BLOCK)])
def test_row_blocks_cover_each_row_once(height, width):
    rows = [row for block in row_blocks(height, width) for row in range(height)[block]]
    assert rows == list(range(height))
