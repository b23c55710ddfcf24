"""Grey, toned, coloured: made from scikit-image's photographs, and real old prints where they are at hand."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from colorization.pictures import looks_like_picture, read_picture
from colorization.tone import note_on_colour

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])  # the usual filter


def grey_of(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_a_photograph_in_its_colours_in_grey_and_in_sepia(name):
    picture = getattr(data, name)()
    assert "colours of its own" in note_on_colour(picture)
    assert note_on_colour(grey_of(picture)) is None
    sepia = np.clip(picture @ SEPIA.T, 0, 255).astype(np.uint8)
    assert note_on_colour(sepia).startswith("toned")


def test_noise_is_no_colour():
    noise = np.random.default_rng(0).integers(-3, 4, (300, 400, 3))
    assert note_on_colour(np.clip(grey_of(data.chelsea())[:300, :400] + noise, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2)])
def test_a_few_pixels_are_judged_too(size):
    assert note_on_colour(np.full((*size, 3), 128, np.uint8)) is None
    assert note_on_colour(np.full((*size, 3), (200, 30, 30), np.uint8)).startswith("toned")  # one colour is one tone


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_real_old_prints_are_grey_or_toned():
    notes = [
        note_on_colour(read_picture(path).rgb) for path in (SHARED / "legacy_bw").iterdir() if looks_like_picture(path)
    ]
    assert len(notes) == 55
    assert {note for note in notes if note} == {"toned, or nearly grey: taken as grey"}
    assert sum(note is None for note in notes) > 40
