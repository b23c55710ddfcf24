"""Saturation and vibrance, against their definitions in numpy."""

import numpy as np
import pytest

from colorization.color.saturation import PHOTOGRAPHS, WEAKEST, strength, strengthened


def picture(rms, seed=0):
    """ab of two pictures of this strength."""
    ab = np.random.default_rng(seed).normal(0, 1, (2, 30, 40, 2)).astype("f4")
    return ab * rms / np.sqrt(np.square(ab).sum(-1).mean((1, 2)))[:, None, None, None]


@pytest.mark.parametrize("rms", [0.5, 8.0, 60.0])
def test_strength_is_the_root_mean_square_of_chroma(rms):
    np.testing.assert_allclose(strength(picture(rms)), np.full((2, 1, 1, 1), rms), rtol=1e-5)


def test_by_default_nothing_changes():
    ab = picture(9.0)
    np.testing.assert_array_equal(strengthened(ab), ab)
    np.testing.assert_array_equal(strengthened(0 * ab, vibrance=1.0), 0 * ab)


@pytest.mark.parametrize(
    ("rms", "saturation", "vibrance", "expected"),
    [
        (10.0, 1.5, 0.0, 15.0),
        (10.0, 1.0, 1.0, PHOTOGRAPHS),
        (PHOTOGRAPHS / 4, 1.0, 0.5, PHOTOGRAPHS / 2),
        (PHOTOGRAPHS * 4, 1.0, 0.5, PHOTOGRAPHS * 2),
        (10.0, 0.5, 1.0, PHOTOGRAPHS / 2),
        (WEAKEST / 4, 1.0, 1.0, PHOTOGRAPHS / 4),  # no more than WEAKEST is raised
        (10.0, 0.0, 1.0, 0.0),
    ],
)
def test_pictures_get_the_strength_that_was_asked_for(rms, saturation, vibrance, expected):
    ab = picture(rms)
    changed = np.asarray(strengthened(ab, saturation, vibrance))
    np.testing.assert_allclose(changed, ab * expected / rms, rtol=1e-4, atol=1e-5)


def test_each_picture_of_a_batch_has_a_strength_of_its_own():
    batch = np.concatenate([picture(5.0)[:1], picture(50.0)[:1]])
    np.testing.assert_allclose(
        strength(strengthened(batch, vibrance=1.0)), PHOTOGRAPHS * np.ones((2, 1, 1, 1)), rtol=1e-4
    )
