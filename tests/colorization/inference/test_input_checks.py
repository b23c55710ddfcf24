"""Grey, toned, coloured: made from scikit-image's photographs, and real old prints where they are at hand."""

import numpy as np
import pytest
from skimage import data

from colorization.images.reader import looks_like_picture, read_picture
from colorization.inference.input_checks import notes_on_colour

TONED, COLOURED = "toned, or nearly grey: taken as grey", "it has colours of its own; they were replaced"
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])  # the usual filter


def grey_of(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.uint8)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_a_photograph_in_its_colours_in_grey_and_in_sepia(name):
    picture = getattr(data, name)()
    assert notes_on_colour(picture) == (COLOURED,)
    assert notes_on_colour(grey_of(picture)) == ()
    sepia = np.clip(picture @ SEPIA.T, 0, 255).astype(np.uint8)
    assert notes_on_colour(sepia) == (TONED,)


def test_noise_is_no_colour():
    noise = np.random.default_rng(0).integers(-3, 4, (300, 400, 3))
    assert notes_on_colour(np.clip(grey_of(data.chelsea())[:300, :400] + noise, 0, 255).astype(np.uint8)) == ()


def test_a_very_large_picture_is_judged_as_a_small_one():
    large = np.kron(data.rocket(), np.ones((8, 8, 1), np.uint8))
    assert notes_on_colour(large) == (COLOURED,)
    assert notes_on_colour(grey_of(large)) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2)])
def test_a_few_pixels_are_judged_too(size):
    assert notes_on_colour(np.full((*size, 3), 128, np.uint8)) == ()
    assert notes_on_colour(np.full((*size, 3), (200, 30, 30), np.uint8)) == (TONED,)  # one colour is one tone


def test_real_old_prints_are_grey_or_toned(shared_data):
    files = [path for path in (shared_data / "legacy_bw").iterdir() if looks_like_picture(path)]
    notes = [notes_on_colour(read_picture(path).rgb) for path in files]
    assert len(notes) == 55
    assert set(notes) == {(), (TONED,)}
    assert notes.count(()) > 40
