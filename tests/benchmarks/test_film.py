"""What the benchmark of films measures, on made clips whose figures are known."""

from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("av")

from benchmarks.film import Clip, flicker, lag  # noqa: E402
from colorization.films.motion import motion_between  # noqa: E402

GRID = (16, 20)


def clip(shots: list[int]) -> Clip:
    """Return a clip of still shots with so many pictures each."""
    blots = np.random.default_rng(0).uniform(0, 100, (len(shots), *GRID, 1)).astype(np.float32)
    L = [np.kron(blots[i], np.ones((4, 4, 1), np.float32)) for i, count in enumerate(shots) for _ in range(count)]
    return Clip("made", [], L, [motion_between(before, after, GRID) for before, after in pairwise(L)])


def test_flicker_is_the_change_of_colour_a_picture():
    colours = [np.full((*GRID, 2), [3.0 * (i % 2), 4.0 * (i % 2)], np.float32) for i in range(6)]
    assert flicker(clip([6]), colours) == pytest.approx(5.0, abs=1e-3)


def test_a_change_at_a_cut_is_no_flicker():
    colours = [np.full((*GRID, 2), 40.0 * (i >= 3), np.float32) for i in range(6)]
    assert flicker(clip([3, 3]), colours) == pytest.approx(0.0, abs=1e-3)


def test_lag_counts_the_pictures_that_still_have_the_colours_of_before():
    answers = [np.zeros((*GRID, 2), np.float32)] * 20
    colours = [np.full((*GRID, 2), 30.0 if 10 <= i < 13 else 0.0, np.float32) for i in range(20)]
    assert lag(clip([10, 10]), answers, colours, 10) == 3
    assert lag(clip([10, 10]), answers, answers, 10) == 0
