"""Equations between neighbours: against numpy's solution of the same equations, written out as a matrix."""

import numpy as np
import pytest

from colorization.inference.multigrid import CLOSE, Grid, Halving

SHAPES = [(33, 27), (32, 40), (1, 300), (300, 1), (5, 4)]


def equations(shape, seed=0):
    """A grid with links from 1e-6 to 1, a few places held, and what is wanted of them."""
    random, (height, width) = np.random.default_rng(seed), shape
    held = (random.random((1, height, width)) < 0.05).astype(np.float32)
    held[0, 0, 0] = 1
    down = np.float32(10.0 ** random.uniform(-6, 0, (1, height - 1, width)))
    across = np.float32(10.0 ** random.uniform(-6, 0, (1, height, width - 1)))
    wanted = 100 * held * random.normal(0, 40, (2, height, width)).astype(np.float32)
    return Grid(1e-3 + 100 * held, down, across), wanted


def solution(grid, wanted):
    """The same by numpy, float64."""
    _, height, width = grid.weight.shape
    place = np.arange(height * width).reshape(height, width)
    matrix = np.diag(grid.weight.ravel().astype(np.float64))
    for links, one, other in ((grid.down, place[1:], place[:-1]), (grid.across, place[:, 1:], place[:, :-1])):
        for link, i, j in zip(links.ravel(), one.ravel(), other.ravel(), strict=True):
            matrix[[i, j], [i, j]] += link
            matrix[[i, j], [j, i]] -= link
    return np.linalg.solve(matrix, wanted.reshape(2, -1).T).T.reshape(wanted.shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_solution_is_numpys(shape):
    grid, wanted = equations(shape)
    error = np.abs(grid.solve(wanted) - solution(grid, wanted))
    assert error.mean() < 3 * CLOSE


def test_a_region_without_hints_gets_nothing_over_an_edge():
    """The edge lies between the two columns of a coarse one."""
    across = np.ones((1, 64, 63), np.float32)
    across[:, :, 32] = 1e-9
    weight = np.full((1, 64, 64), 1e-4, np.float32)
    weight[:, 30:33, 10:13] = 100
    grid = Grid(weight, np.ones((1, 63, 64), np.float32), across)
    x = grid.solve(np.where(weight == 100, np.float32(100 * 50), 0))
    assert x[:, :, :33].min() > 30
    assert np.abs(x[:, :, 33:]).max() < 0.05


def test_a_v_cycle_comes_near_where_jacobi_steps_would_take_hundreds():
    grid = Grid(
        np.full((1, 65, 90), 1e-4, np.float32), np.ones((1, 64, 90), np.float32), np.ones((1, 65, 89), np.float32)
    )
    rows, columns = np.mgrid[:65, :90]
    smooth = np.float32(np.sin(rows / 20) + np.cos(columns / 30))[None]
    assert np.abs(grid.approximate(grid.times(smooth)) - smooth).mean() < 0.2 * np.abs(smooth).mean()


@pytest.mark.parametrize("rows", [2, 3, 8, 9])
def test_sums_are_the_transpose_of_spreading(rows):
    random = np.random.default_rng(rows)
    halving = Halving(random.random((1, rows // 2, 4)), random.random((1, (rows - 1) // 2, 4)))
    few, many = random.random((2, (rows + 1) // 2, 4)), random.random((2, rows, 4))
    assert (halving.spread(few) * many).sum() == pytest.approx((few * halving.sums(many)).sum())


def test_nothing_wanted_is_nothing():
    grid, wanted = equations((20, 30))
    assert not grid.solve(np.zeros_like(wanted)).any()
