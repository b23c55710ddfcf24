"""Hints of a film: from their time on, along with what they lie on, until the next cut."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from colorization.errors import InputError  # noqa: E402
from colorization.films.begin import begun_at  # noqa: E402
from colorization.films.colours import FilmColorizer  # noqa: E402
from colorization.films.film import Span  # noqa: E402
from colorization.films.preview import preview  # noqa: E402
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


def colours(pictures, *hints, begin=0.0):
    """Return pictures, from a time on, in colour by a network that gives nothing but the hints."""
    film, colorize = film_with(pictures, *hints)
    with Reader(film) as reader:
        frames = list(reader.frames(Span(begin)))
    return [rgb.astype(int) for _, rgb in begun_at(colorize, film, frames[0])(film, frames)]


def film_with(pictures, *hints):
    """Save a film of 25 pictures a second; return it, and what colorizes it by nothing but the hints."""
    save_formula_model("siggraph17", "model")
    save_film("a.mkv", pictures)
    colorize = FilmColorizer(load_colorizer("model"), hints=hints, hint_radius=2, steady=0.5)
    return read_film(Path("a.mkv"), 10**6), colorize


def other_scene(count):
    """Return luma of pictures that show something else."""
    texture = np.random.default_rng(0).integers(30, 220, (12, 16), np.uint8)
    return [np.kron(texture, np.ones((4, 4), np.uint8))] * count


def is_grey(rgb):
    return np.ptp(rgb, axis=-1).max() <= 2


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
    coloured = colours(moving_blots(8) + other_scene(8), Hint(15, 20, BLUE))
    assert blueness(coloured[7], 22, 20) > 60
    assert all(map(is_grey, coloured[8:]))


def test_a_hint_of_the_last_picture_before_a_cut_is_not_of_the_next_shot():
    coloured = colours(moving_blots(9) + other_scene(8), Hint(22, 20, BLUE, seconds=0.32))
    assert all(map(is_grey, coloured[9:]))


def test_a_hint_of_the_first_picture_after_a_cut_is_of_that_shot():
    coloured = colours(moving_blots(8) + other_scene(8), Hint(22, 20, BLUE, seconds=0.3))
    assert all(map(is_grey, coloured[:8]))
    assert blueness(coloured[8], 22, 20) > 60


def test_begun_within_a_shot_a_hint_lies_where_it_has_come_to():
    whole = colours(moving_blots(20), Hint(15, 20, BLUE, seconds=0.0))
    part = colours(moving_blots(20), Hint(15, 20, BLUE, seconds=0.0), begin=0.4)
    assert len(part) == 10
    for rgb, of_whole in zip(part, whole[10:], strict=True):
        assert np.abs(rgb - of_whole).mean() < 1


def test_begun_in_a_later_shot_a_hint_of_an_earlier_one_does_not_count():
    coloured = colours(moving_blots(8) + other_scene(8), Hint(15, 20, BLUE, seconds=0.0), begin=0.4)
    assert len(coloured) == 6 and all(map(is_grey, coloured))


def test_begun_long_after_the_last_cut_a_hint_of_the_present_shot_counts():
    pictures = other_scene(8) + moving_blots(20) + [moving_blots(20)[-1]] * 60
    coloured = colours(pictures, Hint(5, 5, BLUE, seconds=0.0), Hint(15, 20, BLUE, seconds=0.32), begin=3.2)
    assert blueness(coloured[0], 34, 20) > 60
    assert is_grey(coloured[0][:8, :8])


def test_a_hint_without_a_time_is_of_the_shot_that_is_begun_with():
    coloured = colours(moving_blots(8) + other_scene(8), Hint(22, 20, BLUE), begin=0.36)
    assert blueness(coloured[0], 22, 20) > 60


def test_a_preview_shows_hints_where_they_count():
    film, colorize = film_with(moving_blots(8) + other_scene(24), Hint(15, 20, BLUE, seconds=0.0))
    sheet = preview(film, colorize, 4).astype(int)
    tiles = [sheet[:, : sheet.shape[1] // 2], sheet[:, sheet.shape[1] // 2 :]]
    first, others = tiles[0][: sheet.shape[0] // 2], [tiles[0][sheet.shape[0] // 2 :], tiles[1]]
    assert (first[..., 2] - first[..., 0]).max() > 60
    assert all((tile[..., 2] - tile[..., 0]).max() < 10 for tile in others)


def test_a_hint_begins_at_its_time():
    coloured = colours(moving_blots(40, 80), Hint(35, 20, BLUE, seconds=1.0))  # of picture 25, there in the square
    assert is_grey(coloured[0])
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
