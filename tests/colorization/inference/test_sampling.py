"""Draws from a distribution over colours: as likely as they should be, whole where the picture is alike, repeatable."""

import numpy as np
import pytest

from colorization.color.bins import BINS
from colorization.inference.sampling import confidence, sample_ab

COLOURS = np.float32([[-40, 10], [40, 10], [0, 80]])  # bins far apart, and not in one line
PLACES = [int(np.flatnonzero((colour == BINS).all(axis=-1))[0]) for colour in COLOURS]


def distribution(*shares: float) -> np.ndarray:
    """Probabilities (313,) that hold these shares of COLOURS."""
    probabilities = np.zeros(len(BINS), np.float32)
    probabilities[PLACES] = shares
    return probabilities


def shares_in(ab: np.ndarray) -> np.ndarray:
    """ab (..., 2), a mixture of the three COLOURS -> how much of each is in it, (..., 3)."""
    corners = np.vstack([COLOURS.T, np.ones(3)])
    right = np.concatenate([ab, np.ones_like(ab[..., :1])], axis=-1)
    return np.linalg.solve(corners, right[..., None].astype(np.float64))[..., 0]


@pytest.mark.parametrize("temperature", [0.38, 1.0, 2.0])
def test_colours_are_drawn_as_often_as_they_are_likely(temperature):
    """The colour drawn is the one with the largest share in the answer.

    Of n draws with probability p the share has the deviation sqrt(p (1 - p) / n). Four of them are overstepped by
    chance once in 16,000; and the seeds are fixed, so that this either always holds or never.
    """
    draws = 1000
    given = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [1 / 3, 1 / 3, 1 / 3]])
    picture = np.stack([distribution(*shares) for shares in given])[None]  # three pixels in a row
    drawn = np.stack([shares_in(sample_ab(picture, temperature, seed)[0]).argmax(axis=-1) for seed in range(draws)])
    often = np.stack([(drawn == colour).mean(axis=0) for colour in range(3)], axis=-1)
    expected = given ** (1 / temperature)
    expected /= expected.sum(axis=-1, keepdims=True)
    assert (np.abs(often - expected) <= 4 * np.sqrt(expected * (1 - expected) / draws)).all()


def test_a_draw_is_one_of_the_colours_and_no_mixture_of_far_ones():
    pixel = distribution(1 / 3, 1 / 3, 1 / 3)[None, None]
    most = np.array([shares_in(sample_ab(pixel, 1.0, seed)[0, 0]).max() for seed in range(200)])
    assert most.min() > 0.99


def test_a_draw_lies_between_bins_where_its_neighbours_are_as_likely():
    middle = np.array([0.0, 0.0])
    near = np.linalg.norm(BINS - middle, axis=-1) <= 10  # five bins: a cross
    pixel = np.where(near, 0.2, 0).astype(np.float32)[None, None]
    drawn = np.stack([sample_ab(pixel, 1.0, seed)[0, 0] for seed in range(50)])
    assert np.abs(drawn).max() < 10
    assert (np.abs(drawn - 10 * np.rint(drawn / 10)) > 1).any()


def test_pixels_that_are_alike_get_one_colour():
    one, other = distribution(0.5, 0.4, 0.1), distribution(0.1, 0.1, 0.8)
    where = np.random.default_rng(0).random((6, 7)) < 0.5
    picture = np.where(where[..., None], one, other)[None]
    differ = 0
    for seed in range(20):
        ab = sample_ab(picture, 1.0, seed)[0]
        for part in (ab[where], ab[~where]):
            np.testing.assert_allclose(part, np.broadcast_to(part[0], part.shape), atol=1e-3)
        differ += np.abs(ab[where][0] - ab[~where][0]).max() > 20
    assert 0 < differ < 20  # what is unlike may get one colour or two


def test_nearly_alike_pixels_get_nearly_one_colour():
    """A distribution that changes slowly over a row gives few steps, not noise."""
    left, right = distribution(0.5, 0.3, 0.2), distribution(0.3, 0.5, 0.2)
    share = np.linspace(0, 1, 50, dtype=np.float32)[:, None]
    row = ((1 - share) * left + share * right)[None, None]
    for seed in range(20):
        chosen = shares_in(sample_ab(row, 1.0, seed)[0, 0]).argmax(axis=-1)
        assert np.count_nonzero(np.diff(chosen)) <= 2


def test_same_seed_gives_the_same_answer():
    picture = np.random.default_rng(0).dirichlet(np.ones(313), (1, 4, 5)).astype(np.float32)
    ab = sample_ab(picture, 0.5, seed=3)
    assert ab.shape == (1, 4, 5, 2)
    assert ab.dtype == np.float32
    np.testing.assert_array_equal(ab, sample_ab(picture, 0.5, seed=3))


def test_other_seeds_give_other_answers():
    picture = np.full((1, 2, 2, 313), 1 / 313, np.float32)
    answers = [sample_ab(picture, 1.0, seed) for seed in range(8)]
    assert all(np.abs(one - other).max() > 1 for i, one in enumerate(answers) for other in answers[:i])


def test_batch_is_drawn_as_each_picture_is():
    pictures = np.random.default_rng(0).dirichlet(np.ones(313), (3, 4, 5)).astype(np.float32)
    whole = sample_ab(pictures, 0.5, seed=1)
    for picture, ab in zip(pictures, whole, strict=True):
        np.testing.assert_allclose(sample_ab(picture, 0.5, seed=1), ab, atol=1e-3)


def test_temperature_0_gives_the_most_likely_colour_whatever_the_seed():
    picture = np.stack([distribution(0.4, 0.35, 0.25), distribution(0.1, 0.2, 0.7)])[None]
    for seed in range(5):
        np.testing.assert_allclose(sample_ab(picture, 0.0, seed), COLOURS[None, [0, 2]], atol=1e-3)


def test_sure_pixel_keeps_its_colour_in_every_draw():
    pixel = distribution(0, 1, 0)[None, None]
    for seed in range(50):
        np.testing.assert_allclose(sample_ab(pixel, 1.0, seed)[0, 0], COLOURS[1], atol=1e-3)


@pytest.mark.parametrize(
    ("shares", "sure"),
    [
        ((1, 0, 0), 1.0),
        ((0.5, 0.5, 0), 1 - np.log(2) / np.log(313)),  # 0.8794
        ((1 / 3, 1 / 3, 1 / 3), 1 - np.log(3) / np.log(313)),  # 0.8088
        # entropy: -0.5 log 0.5 - 2 * 0.25 log 0.25 = 1.5 log 2
        ((0.5, 0.25, 0.25), 1 - 1.5 * np.log(2) / np.log(313)),
    ],
)
def test_confidence_falls_with_the_number_of_likely_colours(shares, sure):
    assert confidence(distribution(*shares)) == pytest.approx(sure, abs=1e-6)


def test_confidence_is_0_where_every_colour_is_as_likely():
    assert confidence(np.full((2, 3, 313), 1 / 313, np.float32)) == pytest.approx(np.zeros((2, 3)), abs=1e-5)
    assert confidence(np.full(4, 0.25)) == pytest.approx(0)


def test_confidence_stays_within_0_and_1():
    probabilities = np.random.default_rng(0).dirichlet(np.full(313, 0.02), (5, 6)).astype(np.float32)
    sure = confidence(probabilities)
    assert sure.shape == (5, 6)
    assert sure.min() >= 0
    assert sure.max() <= 1 + 1e-6
