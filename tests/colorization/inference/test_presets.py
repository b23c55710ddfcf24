"""Looks as they are written and asked for: the command line's own numbers win."""

from pathlib import Path

import pytest

from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.inference.presets import asked_conditions, described, parse_preset

LOOKS = {"natural": {"temperature": 0.6, "saturation": 1.1}, "vivid": {"saturation": 1.5}}


def test_a_look_is_read():
    assert parse_preset("natural=temperature:0.6,saturation:1.1") == ("natural", LOOKS["natural"])
    assert parse_preset("grey=saturation:0") == ("grey", {"saturation": 0.0})


def test_a_look_may_set_certainty_and_vectors():
    name, preset = parse_preset("soft=saturation:1.1,certainty:0.5,evenness:25,white:1/0/-0.2")
    assert (name, preset) == (
        "soft",
        {"saturation": 1.1, "certainty": 0.5, "evenness": 25.0, "white": (1.0, 0.0, -0.2)},
    )
    assert (
        described({name: preset})
        == "soft (saturation 1.1, certainty 0.5, evenness 25, white 1/0/-0.2); the default is soft"
    )
    for wrong in ("soft=white:1/x", "soft=hint:1/0", "soft=saturation:1/2", "soft=white:1/inf"):
        with pytest.raises(InputError, match="is no look"):
            parse_preset(wrong)


def test_looks_are_said_in_words():
    assert (
        described(LOOKS) == "natural (temperature 0.6, saturation 1.1), vivid (saturation 1.5); the default is natural"
    )


@pytest.mark.parametrize(
    "settings", ["", "1.5", "hue:3", "saturation:-1", "saturation:x", "saturation:nan", "saturation:1:2"]
)
@pytest.mark.parametrize("word", ["", "vivid", "vivid={}", "={}", "a b={}", "vivid={},temperature:inf"])
def test_what_is_no_look_is_told(word, settings):
    with pytest.raises(InputError, match=r"--look .* is no look; write name=temperature:X,saturation:X"):
        parse_preset(word.format(settings))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"look": "natural"}, {"temperature": 0.6, "saturation": 1.1}),
        ({"look": "natural", "saturation": 2.0}, {"temperature": 0.6, "saturation": 2.0}),
        ({"look": "vivid", "temperature": 0.0}, {"temperature": 0.0, "saturation": 1.5}),
        ({"saturation": 0.0}, {"saturation": 0.0}),
    ],
)
def test_numbers_given_win_over_the_looks(options, expected):
    assert asked_conditions(ColorizeOptions(**options), LOOKS, Path("model")) == expected


def test_an_unknown_look_is_told_with_those_that_there_are():
    with pytest.raises(InputError, match="model has no look 'bold'; it has natural, vivid"):
        asked_conditions(ColorizeOptions(look="bold"), LOOKS, Path("model"))
    with pytest.raises(InputError, match="model has no look 'bold', and no other; give --saturation"):
        asked_conditions(ColorizeOptions(look="bold"), {}, Path("model"))
