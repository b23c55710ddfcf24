"""What the benchmark of films measures, on made clips whose figures are known."""

import numpy as np
import pytest

pytest.importorskip("av")

from benchmarks.film import Clip, flicker, lag  # noqa: E402

GRID = (16, 20)


def clip(cuts: list[int], pictures: int) -> Clip:
    blots = np.random.default_rng(0).uniform(0, 100, (*GRID, 1)).astype(np.float32)
    L = np.kron(blots, np.ones((4, 4, 1), np.float32))
    return Clip("made", [], [L] * pictures, cuts)


def test_flicker_is_the_change_of_colour_a_picture():
    colours = [np.full((*GRID, 2), [3.0 * (i % 2), 4.0 * (i % 2)], np.float32) for i in range(6)]
    assert flicker(clip([0], 6), colours) == pytest.approx(5.0, abs=1e-3)


def test_a_change_at_a_cut_is_no_flicker():
    colours = [np.full((*GRID, 2), 40.0 * (i >= 3), np.float32) for i in range(6)]
    assert flicker(clip([0, 3], 6), colours) == pytest.approx(0.0, abs=1e-3)


def test_lag_counts_the_pictures_that_still_have_the_colours_of_before():
    answers = [np.zeros((*GRID, 2), np.float32)] * 20
    colours = [np.full((*GRID, 2), 30.0 if 10 <= i < 13 else 0.0, np.float32) for i in range(20)]
    assert lag(clip([0, 10], 20), answers, colours, 10) == 3
    assert lag(clip([0, 10], 20), answers, answers, 10) == 0
