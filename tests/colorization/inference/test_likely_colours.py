"""The colours that are offered at a place: likeliest first, far apart, of the place's lightness."""

import itertools

import numpy as np
import pytest

from colorization.color.lab import rgb_to_lab
from colorization.inference.colorize import load_colorizer
from colorization.inference.likely_colours import APART, MOST, likely_colours
from tests.colorization.formula_model import WARM, save_formula_model

L = np.full((20, 30, 1), 60, np.float32)


def offered(kind, folder, place):
    save_formula_model(kind, str(folder))
    return likely_colours(load_colorizer(folder), L, place)


def test_what_the_network_is_sure_of_is_all_that_is_offered(tmp_path):
    [(rgb, chance)] = offered("classification", tmp_path, (0.2, 0.5))
    np.testing.assert_allclose(rgb_to_lab(np.uint8(rgb)), [60, *WARM], atol=1)
    assert chance == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("kind", "place"), [("classification", (0.8, 0.5)), ("unet", (0.5, 0.5))])
def test_an_unsure_network_offers_colours_that_lie_apart(kind, place, tmp_path):
    colours = offered(kind, tmp_path, place)
    assert len(colours) == MOST
    chances = [chance for _, chance in colours]
    assert chances == sorted(chances, reverse=True)
    labs = rgb_to_lab(np.uint8([[rgb for rgb, _ in colours]]))[0]
    np.testing.assert_allclose(labs[:, 0], 60, atol=1)
    distances = [np.linalg.norm(one[1:] - other[1:]) for one, other in itertools.combinations(labs, 2)]
    assert min(distances) > APART - 1.5  # of rounding to 8 bits


def test_a_network_of_one_colour_offers_it_first(tmp_path):
    rgb, _ = offered("unet", tmp_path, (1.0, 1.0))[0]
    np.testing.assert_allclose(rgb_to_lab(np.uint8(rgb)), [60, *WARM], atol=1)
