"""The sheet of pictures that is seen before a film is colorized: also of films that do not say all of themselves."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from colorization.errors import InputError  # noqa: E402
from colorization.films.colours import FilmColorizer  # noqa: E402
from colorization.films.film import Span  # noqa: E402
from colorization.films.preview import preview  # noqa: E402
from colorization.films.reader import read_film  # noqa: E402
from colorization.inference.colorize import load_colorizer  # noqa: E402
from tests.colorization.films.made_films import moving_square, save_film  # noqa: E402
from tests.colorization.formula_model import save_formula_model  # noqa: E402


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_formula_model("unet", "model")


def without_duration(name: str) -> Path:
    """Write a film that does not say how long it lasts, as what is recorded live does not."""
    save_film("whole.mkv", moving_square(10))
    content = Path("whole.mkv").read_bytes()
    duration = content.index(b"\x44\x89\x88")  # Matroska's element Duration, of 8 bytes; and its tag
    content = content[:duration] + b"\xec\x89" + content[duration + 2 :].replace(b"DURATION", b"DURATIOM")
    Path(name).write_bytes(content)
    return Path(name)


def test_a_film_of_unknown_length_needs_an_end():
    film, colorize = read_film(without_duration("a.mkv"), 10**6), FilmColorizer(load_colorizer("model"))
    assert film.seconds == 0
    with pytest.raises(InputError, match="a.mkv does not say how long it lasts; give --to as well"):
        preview(film, colorize, 4)
    assert preview(film, colorize, 4, Span(0, 0.4)).ndim == 3


def test_where_there_are_no_more_pictures_the_sheet_ends():
    """As where the file names the length of its sound, which goes on for longer."""
    save_film("a.mp4", moving_square(10))
    film, colorize = read_film(Path("a.mp4"), 10**6), FilmColorizer(load_colorizer("model"))
    sheet = preview(dataclasses.replace(film, seconds=2.0), colorize, 4)
    np.testing.assert_array_equal(sheet, preview(film, colorize, 1))
