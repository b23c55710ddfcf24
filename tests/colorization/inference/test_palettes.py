"""Palettes: colours in words, and as the shares of a picture."""

import numpy as np
import pytest

from colorization.color.bins import BINS
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.inference.palettes import palette_shares, parse_palette


def test_colours_are_read():
    np.testing.assert_array_equal(parse_palette("#aa3322, e0C080"), [[0xAA, 0x33, 0x22], [0xE0, 0xC0, 0x80]])


@pytest.mark.parametrize("words", ["", "red", "#aa3322,", "#aa332", "#aa3322;#e0c080", ",".join(["#aa3322"] * 17)])
def test_what_is_no_palette_is_told(words):
    with pytest.raises(InputError, match="write 1 to 16 colours, such as #aa3322,#e0c080"):
        parse_palette(words)


def test_each_colour_has_its_share():
    colours = np.uint8([[200, 60, 40], [40, 60, 190]])
    shares = palette_shares(colours)
    assert shares.dtype == np.float32
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    for ab in rgb_to_lab(colours[None])[0, :, 1:]:
        near = np.linalg.norm(BINS - ab, axis=-1) < 25
        assert shares[near].sum() == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(palette_shares(colours[::-1]), shares)


def test_greys_say_nothing():
    with pytest.raises(InputError, match="greys only"):
        palette_shares(np.uint8([[128, 128, 128], [30, 30, 30]]))
