"""What is seen first, by hand: a wall with two colours, whites, reds."""

import numpy as np
import pytest

from colorization.evaluation.first_sight import blotches, cream, strong_red


def wall(L=50.0):
    return np.dstack([np.full((120, 160), L), np.zeros((120, 160)), np.zeros((120, 160))])


def test_a_wall_of_two_colours_is_blotched_by_half_their_distance():
    lab = wall()
    assert blotches(lab) == pytest.approx(0, abs=1e-6)
    lab[:, :80, 1:] = [6, 8]
    assert blotches(lab) == pytest.approx(5, rel=0.05)


def test_only_what_is_flat_counts():
    lab = wall()
    lab[..., 0] += np.random.default_rng(0).normal(0, 20, lab.shape[:2])
    assert np.isnan(blotches(lab))
    lab[:60, :, 0] = 50
    lab[80:, :, 2] = 40  # where the lightness is not flat
    assert blotches(lab) < 1


def test_cream_is_b_of_the_whites_that_are_neutral_in_truth():
    lab, truth = wall(90.0), wall(90.0)
    lab[..., 2], lab[:, 80:, 2], truth[:, 80:, 2] = 4, 30, 30
    assert cream(lab) == pytest.approx(17)
    assert cream(lab, truth) == pytest.approx(4)
    assert np.isnan(cream(wall(50.0)))


def test_strong_red_is_a_share():
    lab = wall()
    lab[:30, :, 1:] = [50, 20]
    assert strong_red(lab) == 0.25
