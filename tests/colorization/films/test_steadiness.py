"""Colours of made films that are averaged along the motion, not across cuts, and carried where no answer is."""

import numpy as np
import pytest

pytest.importorskip("av")

from colorization.films.film import Frame  # noqa: E402
from colorization.films.steadiness import EVERY, chosen, steadied  # noqa: E402

GRID = (16, 20)


def textured(seed: int) -> np.ndarray:
    """A picture of blots, L (64, 80, 1)."""
    blots = np.random.default_rng(seed).uniform(0, 100, (16, 20)).astype(np.float32)
    return np.kron(blots, np.ones((4, 4), np.float32))[..., None]


class Answers:
    """A network whose answers flicker around the truth; it remembers what it was asked."""

    def __init__(self, truth, noise: float):
        self.truth, self.noise, self.rng, self.asked = truth, noise, np.random.default_rng(0), []

    def __call__(self, L: np.ndarray, since) -> np.ndarray:
        number = round(since[-1].seconds * 25)
        self.asked.append(number)
        truth = np.broadcast_to(np.float32(self.truth(number)), (*GRID, 2))
        return truth + self.rng.normal(0, self.noise, (1, 1, 2)).astype(np.float32)


def colours_of(pictures, answers, decay):
    frames = ((Frame(L, i, i / 25), L) for i, L in enumerate(pictures))
    return np.stack([ab for _, ab in steadied(chosen(frames, answers, decay), decay)])


def changes(colours):
    return np.abs(np.diff(colours, axis=0)).mean()


def test_flicker_falls_to_less_than_a_third_and_colours_stay():
    answers = Answers(lambda i: (20, 30), 5.0)
    steady = colours_of([textured(0)] * 40, answers, 0.8)
    alone = colours_of([textured(0)] * 40, Answers(lambda i: (20, 30), 5.0), 0.0)
    assert changes(steady) < changes(alone) / 3
    assert np.abs(steady.mean(axis=(0, 1, 2)) - (20, 30)).max() < 3


def test_without_steadiness_each_picture_has_its_own_answer():
    answers = Answers(lambda i: (i, -i), 0.0)
    colours = colours_of([textured(0)] * 10, answers, 0.0)
    np.testing.assert_array_equal(colours[:, 0, 0, 0], np.arange(10))
    assert answers.asked == list(range(10))


def test_nothing_crosses_a_cut():
    pictures = [textured(0)] * 15 + [textured(1)] * 15
    answers = Answers(lambda i: (40, 0) if i < 15 else (-40, 0), 0.0)
    colours = colours_of(pictures, answers, 0.9)
    assert np.allclose(colours[:15, ..., 0], 40, atol=1e-3)
    assert np.allclose(colours[15:, ..., 0], -40, atol=1e-3)
    assert 15 in answers.asked


def test_still_pictures_are_asked_about_now_and_then_and_the_others_get_what_is_carried():
    answers = Answers(lambda i: (20, 30), 0.0)
    colours = colours_of([textured(0)] * 30, answers, 0.8)
    assert answers.asked == list(range(0, 30, EVERY))
    assert np.allclose(colours, (20, 30), atol=1e-3)


def test_colours_go_along_with_what_moves():
    """The left half of a scene is red, the right half blue; the window pans over it."""
    scene = np.kron(np.random.default_rng(0).uniform(0, 100, (16, 60)), np.ones((4, 4))).astype(np.float32)[..., None]
    truth = np.where(np.arange(60) < 30, 40.0, -40.0)
    pictures = [scene[:, 4 * i : 4 * i + 80] for i in range(20)]  # a cell a picture

    def answer(L, since):
        number = round(since[-1].seconds * 25)
        a = np.broadcast_to(np.float32(truth[number : number + 20]), GRID)
        return np.stack([a, np.zeros(GRID, np.float32)], axis=-1)

    colours = colours_of(pictures, answer, 0.8)
    for i, ab in enumerate(colours):
        apart = np.abs(ab[..., 0] - truth[i : i + 20])
        assert (apart > 1).mean() < 0.08


def test_as_many_come_out_as_go_in_and_in_their_order():
    frames = ((Frame(textured(i % 3), i, i / 25), textured(i % 3)) for i in range(23))
    answers = Answers(lambda i: (0, 0), 1.0)
    seen = [picture.frame.pts for picture, _ in steadied(chosen(frames, answers, 0.95), 0.95)]
    assert seen == list(range(23))
