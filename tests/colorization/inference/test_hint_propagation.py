"""Hints carried to what belongs to their places: exact there, stopped by edges, harmless far away."""

import numpy as np
import pytest

from colorization.color.lab import rgb_to_lab
from colorization.inference import hint_propagation
from colorization.inference.colorize import load_colorizer
from colorization.inference.hint_propagation import (
    ALIKE_AB,
    ALIKE_L,
    ALIKE_PLACE,
    HOLD,
    LIKE_AB,
    LIKE_L,
    NOISE,
    OWN,
    PULL,
    carried,
    spread,
    with_hints,
)
from colorization.inference.hints import Hint, hint_planes
from tests.colorization.formula_model import WARM, save_formula_model

SIZE = (96, 128)
BROWN = (40.0, 20.0)


def halves():
    """A picture of two even halves: L 60 at the left, 30 at the right; an answer without colour."""
    L = np.full((*SIZE, 1), 60, np.float32)
    L[:, 64:] = 30
    return L, np.zeros((*SIZE, 2), np.float32)


def planes(*places, colour=BROWN):
    """Hints of 3 x 3 places around (row, column)."""
    ab, mask = np.zeros((*SIZE, 2), np.float32), np.zeros((*SIZE, 1), np.float32)
    for row, column in places:
        square = (slice(row - 1, row + 2), slice(column - 1, column + 2))
        ab[square], mask[square] = colour, 1
    return {"hint_ab": ab, "hint_mask": mask}


def test_a_hint_is_spread_up_to_the_edge_and_not_beyond():
    L, ab = halves()
    coloured = spread(ab, L, **planes((48, 20)))
    np.testing.assert_allclose(coloured[48, 20], BROWN, atol=0.5)
    assert (coloured[:, :60, 0] > 8).all()  # all of the half has got some of it
    assert np.abs(coloured[:, 66:]).max() < 0.05


def test_a_small_difference_is_carried_to_all_that_is_alike_and_a_large_one_hardly():
    L, ab = halves()
    for strength, share in ((0.1, 1 / (1 + NOISE * (1 + 20 / OWN**2))), (1, 1 / (1 + NOISE * (1 + 2000 / OWN**2)))):
        colour = strength * np.array(BROWN)
        moved = carried(ab, L, **planes((48, 20), colour=colour))
        far = np.array([90 - 48, 120 - 20]) / (ALIKE_PLACE * SIZE[0])
        like = np.exp(-(far @ far + (30 / ALIKE_L) ** 2) / 2)  # place and lightness differ
        np.testing.assert_allclose(moved[90, 120], share * like * colour, rtol=1e-3)
        np.testing.assert_allclose(moved[48, 20], share * colour, rtol=1e-3)
    assert np.hypot(*moved[90, 120]) < 0.05 * np.hypot(*BROWN)


def test_what_is_carried_is_the_mean_of_a_gaussian_process():
    """Against its formula, written out place by place in double precision."""
    random = np.random.default_rng(2)
    L = random.uniform(0, 100, (*SIZE, 1)).astype(np.float32)
    ab = random.normal(0, 10, (*SIZE, 2)).astype(np.float32)
    places = ((10, 10), (80, 100), (40, 64))
    given = planes(*places)
    given["hint_ab"][39:42, 63:66] = (-9, 4)
    scale = np.array([ALIKE_PLACE * SIZE[0]] * 2 + [ALIKE_L] + [ALIKE_AB] * 2)

    def looks(row, column, around):
        square = (slice(row - around, row + around + 1), slice(column - around, column + around + 1))
        return np.array([row, column, L[square].mean(), *ab[square].mean(axis=(0, 1))]) / scale

    def alike(x, y):
        return np.exp(-((x - y) ** 2).sum() / 2)

    hinted = [looks(*place, 1) for place in places]
    differences = np.array(
        [(given["hint_ab"] - ab)[r - 1 : r + 2, c - 1 : c + 2].mean(axis=(0, 1)) for r, c in places], np.float64
    )
    noise = NOISE * (1 + (differences**2).sum(axis=1) / OWN**2)
    covariance = np.array([[alike(x, y) for y in hinted] for x in hinted]) + np.diag(noise)
    for place in ((0, 0), (50, 60), (95, 127)):
        towards = np.array([alike(looks(*place, 0), x) for x in hinted])
        wanted = ab[place] + towards @ np.linalg.inv(covariance) @ differences
        np.testing.assert_allclose(carried(ab, L, **given)[place], wanted, atol=1e-3)


def test_a_hint_that_is_larger_or_beside_another_colour_counts_once():
    L, ab = halves()
    small, large = planes((48, 20)), planes((48, 20))
    large["hint_ab"][40:57, 12:29], large["hint_mask"][40:57, 12:29] = BROWN, 1
    np.testing.assert_allclose(carried(ab, L, **small), carried(ab, L, **large), atol=1e-3)
    two = planes((48, 20), (48, 23), colour=(3, 4))
    two["hint_ab"][:, 22:] = np.float32(two["hint_mask"][:, 22:] * (12, -5))
    assert len(np.unique(hint_propagation._areas(two["hint_ab"], two["hint_mask"][..., 0] > 0))) == 3  # and no hint


def test_of_very_many_hints_some_are_learnt_from(monkeypatch):
    L, ab = halves()
    three, ends = planes((20, 20), (60, 40), (90, 100)), planes((20, 20), (90, 100))
    monkeypatch.setattr(hint_propagation, "MOST", 2)
    np.testing.assert_array_equal(carried(ab, L, **three), carried(ab, L, **ends))


def test_what_is_carried_does_not_depend_on_how_much_is_computed_at_once(monkeypatch):
    L, ab = halves()
    given = planes((20, 20), (60, 40), (90, 100))
    at_once = carried(ab, L, **given)
    monkeypatch.setattr(hint_propagation, "COVARIANCES", 1000)
    np.testing.assert_allclose(carried(ab, L, **given), at_once, atol=1e-5)


def test_without_hints_nothing_changes():
    L, ab = halves()
    ab += np.random.default_rng(0).normal(0, 20, ab.shape).astype(np.float32)
    np.testing.assert_array_equal(with_hints(ab, L, **planes()), ab)


def test_a_hint_that_says_what_the_answer_says_changes_nothing():
    L, ab = halves()
    ab[:] = BROWN
    np.testing.assert_allclose(with_hints(ab, L, **planes((10, 10), (80, 100))), ab, atol=1e-4)


def test_the_solution_is_the_least_squares_one():
    """Against numpy's solution of the same equations, written out as a matrix."""
    random = np.random.default_rng(1)
    height, width = 9, 11
    L = random.uniform(40, 60, (height, width, 1)).astype(np.float32)
    ab = random.normal(0, 3, (height, width, 2)).astype(np.float32)
    mask = (random.random((height, width, 1)) < 0.1).astype(np.float32)
    hints = random.normal(0, 30, ab.shape).astype(np.float32)

    matrix = np.diag((PULL + HOLD * mask).ravel().astype(np.float64))
    for row in range(height):
        for column in range(width):
            for other in ((row + 1, column), (row, column + 1)):
                if other[0] < height and other[1] < width:
                    far = (L[row, column, 0] - L[other][0]) ** 2 / LIKE_L**2
                    far += ((ab[row, column] - ab[other]) ** 2).sum() / LIKE_AB**2
                    p, q, like = row * width + column, other[0] * width + other[1], np.exp(-far)
                    matrix[[p, q], [p, q]] += like
                    matrix[[p, q], [q, p]] -= like
    wanted = np.linalg.solve(matrix, (HOLD * mask * (hints - ab)).reshape(-1, 2)).reshape(ab.shape)
    difference = spread(ab, L, hints, mask) - ab
    assert np.abs(difference - wanted).max() < 0.02 * np.abs(wanted).max()


@pytest.mark.parametrize("count", [1, 10, 100])
def test_hints_of_the_truth_bring_every_picture_nearer_to_it(count):
    """The error falls with the hints, and nowhere far from them does it rise."""
    random = np.random.default_rng(count)
    L, _ = halves()
    L += random.normal(0, 2, L.shape).astype(np.float32)
    truth = np.where(L > 45, BROWN, (-10.0, -30.0)).astype(np.float32)
    answer = 0.3 * truth
    rows, columns = (random.integers(1, side - 1, count) for side in SIZE)
    given = planes()
    for row, column in zip(rows, columns, strict=True):
        one = planes((row, column), colour=truth[row, column])
        given = {
            "hint_ab": np.where(one["hint_mask"] > 0, truth, given["hint_ab"]),
            "hint_mask": np.maximum(one["hint_mask"], given["hint_mask"]),
        }
    error = np.linalg.norm(with_hints(answer, L, **given) - truth, axis=-1)
    before = np.linalg.norm(answer - truth, axis=-1)
    assert error.mean() < before.mean()
    assert (error <= before + 0.5).all()
    assert error[given["hint_mask"][..., 0] > 0].max() < 3


@pytest.mark.parametrize("kind", ["unet", "classification", "siggraph17"])
def test_every_model_takes_hints(kind, tmp_path):
    save_formula_model(kind, str(tmp_path))
    picture = np.full((120, 160), 130, np.uint8)
    picture[:, 100:] = 40
    blue = (40, 60, 190)
    coloured = rgb_to_lab(load_colorizer(tmp_path)(picture, hints=[Hint(30, 60, blue)]))[..., 1:]
    wanted = rgb_to_lab(np.uint8(blue))[1:]
    assert np.linalg.norm(coloured[60, 30] - wanted) < 3
    untold = rgb_to_lab(load_colorizer(tmp_path)(picture))[..., 1:]
    assert np.abs(coloured[:, 110:] - untold[:, 110:]).max() < 1.5  # beyond the edge; two levels of rounding
    assert kind == "siggraph17" or np.abs(WARM - untold[60, 30]).max() < 1.5


def test_a_hint_of_grey_takes_the_colour_out(tmp_path):
    save_formula_model("unet", str(tmp_path))
    coloured = load_colorizer(tmp_path)(np.full((100, 120), 130, np.uint8), hints=[Hint(60, 50, (128, 128, 128))])
    assert np.hypot(*rgb_to_lab(coloured)[50, 60, 1:]) < 3


def test_hints_of_a_photograph_reach_the_solver_as_planes():
    given = hint_planes([Hint(30, 60, (40, 60, 190))], 0, (120, 160), (60, 80))
    assert with_hints(np.zeros((60, 80, 2), np.float32), np.full((60, 80, 1), 50, np.float32), **given)[30, 15, 1] < -40
