"""Hints of a film: from their time on, along with what they lie on, until the next cut."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from colorization.errors import InputError  # noqa: E402
from colorization.films.colours import FilmColorizer  # noqa: E402
from colorization.films.reader import Reader, read_film  # noqa: E402
from colorization.inference.colorize import load_colorizer  # noqa: E402
from colorization.inference.hints import Hint, read_hints  # noqa: E402
from tests.colorization.films.made_films import moving_square, save_film  # noqa: E402
from tests.colorization.formula_model import save_formula_model  # noqa: E402

BLUE = (0, 0, 255)
BLOTS = np.random.default_rng(0).integers(-40, 40, (24, 24))


def moving_blots(count: int, width: int = 64) -> list[np.ndarray]:
    """Return luma of a bright square of blots that moves right by a pixel a picture, from 5 to 25 px."""
    blots = np.kron(BLOTS[:10, :10], np.ones((2, 2), int)) + 190
    pictures = moving_square(count, 48, width)
    for i, picture in enumerate(pictures):
        picture[10:30, 5 + i : 25 + i] = blots
    return pictures


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def colours(pictures, *hints):
    """Return pictures in colour by a network that gives nothing but the hints."""
    save_formula_model("siggraph17", "model")
    save_film("a.mkv", pictures)
    film = read_film(Path("a.mkv"), 10**6)
    colorize = FilmColorizer(load_colorizer("model"), hints=hints, hint_radius=2, steady=0.5)
    with Reader(film) as reader:
        return [rgb.astype(int) for _, rgb in colorize(film, reader.frames())]


def blueness(rgb, x, y):
    """Return how blue the bluest pixel near a place is: nearly white ones cannot be."""
    near = rgb[y - 2 : y + 3, x - 2 : x + 3]
    return (near[..., 2] - near[..., 0]).max()


def test_a_hint_goes_along_with_what_it_lies_on():
    coloured = colours(moving_blots(20), Hint(15, 20, BLUE))  # in the middle of the square, which moves
    assert blueness(coloured[0], 15, 20) > 60
    assert blueness(coloured[18], 33, 20) > 60
    assert blueness(coloured[18], 7, 40) < 30


def test_a_hint_ends_at_the_next_cut():
    texture = np.random.default_rng(0).integers(30, 220, (12, 16), np.uint8)
    other = np.kron(texture, np.ones((4, 4), np.uint8))
    coloured = colours(moving_blots(8) + [other] * 8, Hint(15, 20, BLUE))
    assert blueness(coloured[7], 22, 20) > 60
    assert all(np.ptp(rgb, axis=-1).max() <= 2 for rgb in coloured[8:])


def test_a_hint_begins_at_its_time():
    coloured = colours(moving_blots(40, 80), Hint(35, 20, BLUE, seconds=1.0))  # of picture 25, there in the square
    assert np.ptp(coloured[0], axis=-1).max() <= 2
    assert blueness(coloured[27], 37, 20) > 30
    assert blueness(coloured[33], 43, 20) > 60


def test_times_of_hints_are_read():
    entries = [{"x": 0.5, "y": 0.5, "colour": "#0000ff", "time": time} for time in ("00:01:10", 2.5)]
    Path("hints.json").write_text(json.dumps({"hints": entries}))
    assert [hint.seconds for hint in read_hints("hints.json")] == [70, 2.5]


def test_a_time_that_is_none_is_told():
    Path("hints.json").write_text('{"hints": [{"x": 0.5, "y": 0.5, "colour": "#0000ff", "time": "soon"}]}')
    with pytest.raises(InputError, match="hint 1: time soon is no time"):
        read_hints("hints.json")
