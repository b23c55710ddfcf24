import pytest

from colorization.color.hex_colour import parse_hex


@pytest.mark.parametrize("word", ["#c03020", "C03020", "#C03020"])
def test_a_colour_is_read_with_and_without_its_sign(word):
    assert parse_hex(word) == (192, 48, 32)


@pytest.mark.parametrize("word", ["", "#", "#c0302", "#c030200", "red", "##03020", "#c03020\n", "#\u0661c0302"])
def test_what_is_none_gives_none(word):
    assert parse_hex(word) is None
