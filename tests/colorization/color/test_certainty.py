"""Certainty and evenness: against hand calculations, and the equations solved as one matrix."""

import numpy as np
import pytest

from colorization.color.certainty import ALIKE, FLAT, SURE, certain, evened, unless_flat


def grid(height=6, width=9, seed=0):
    """ab, spread and L of two pictures, with edges."""
    random = np.random.default_rng(seed)
    ab = random.normal(0, 20, (2, height, width, 2)).astype("f4")
    spread = random.uniform(4, 30, (2, height, width, 1)).astype("f4")
    L = np.where(np.arange(width)[:, None] < 4, 30, 70) + random.normal(0, 2, (2, height, width, 1))
    return ab, spread, L.astype("f4")


def test_certainty_halves_what_is_as_strong_as_the_spread_and_leaves_the_sure():
    ab = np.float32([[[[3, 4], [30, 40], [0, 0]]]])
    spread = np.full((1, 1, 3, 1), 10, np.float32)
    np.testing.assert_allclose(certain(ab, spread, 0.0), ab, rtol=1e-5)
    np.testing.assert_allclose(certain(ab, spread, 0.5)[0, 0], [[1.5, 2], [30 / 1.01, 40 / 1.01], [0, 0]], rtol=1e-5)


@pytest.mark.parametrize("evenness", [1.0, 25.0])
def test_evened_solves_its_equations(evenness):
    ab, spread, L = grid()
    places = [(y, x) for y in range(6) for x in range(9)]
    for picture in range(2):
        matrix = np.diag((SURE / spread[picture].astype("f8").ravel()) ** 2)
        wanted = np.diag(matrix)[:, None] * ab[picture].reshape(-1, 2)
        for i, (y, x) in enumerate(places):
            for neighbour in ((y + 1, x), (y, x + 1)):
                if neighbour in places:
                    j = places.index(neighbour)
                    link = evenness * np.exp(-(((L[picture][y, x, 0] - L[picture][neighbour][0]) / ALIKE) ** 2))
                    matrix[[i, j], [i, j]] += link
                    matrix[[i, j], [j, i]] -= link
        expected = np.linalg.solve(matrix, wanted).reshape(6, 9, 2)
        np.testing.assert_allclose(evened(ab, spread, L, evenness)[picture], expected, atol=0.1)


def test_what_is_plain_gets_one_colour_and_edges_stay():
    ab, spread = grid()[0], np.full((2, 6, 9, 1), SURE, np.float32)
    L = np.broadcast_to(np.where(np.arange(9)[:, None] < 4, 30, 70), (2, 6, 9, 1)).astype("f4")
    ab[:, :, 4:] += 40
    even = evened(ab, spread, L, 25.0)
    for half in (slice(4), slice(4, None)):
        assert even[:, :, half].std(axis=(1, 2)).max() < ab[:, :, half].std(axis=(1, 2)).min() / 4
        np.testing.assert_allclose(even[:, :, half].mean((1, 2)), ab[:, :, half].mean((1, 2)), atol=0.1)


def test_a_sure_place_gives_its_colour_to_an_unsure_one():
    ab = np.float32([[[[30, 0], [0, 30]]]])
    spread, L = np.float32([[[[2], [40]]]]), np.full((1, 1, 2, 1), 50, np.float32)
    np.testing.assert_allclose(evened(ab, spread, L, 25.0)[0, 0], [[30, 0], [30, 0]], atol=0.2)


def test_a_picture_that_shows_nothing_is_grey():
    ab = grid()[0]
    L = np.full((2, 24, 36, 1), 50, np.float32)
    L[0, 0, 0], L[1, 0, 0] = 50 + 2 * FLAT, 50 + FLAT / 2  # a single pixel counts
    left = unless_flat(ab, L)
    np.testing.assert_array_equal(left[0], ab[0])
    assert not left[1].any()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (6, 9)])
def test_tensors_give_what_arrays_give(height, width):
    ops = pytest.importorskip("keras").ops
    ab, spread, L = grid(height, width)
    expected = evened(certain(unless_flat(ab, L), spread, 0.4), spread, L, 25.0)
    assert expected.shape == (2, height, width, 2)
    ab, spread, L = (ops.convert_to_tensor(x) for x in (ab, spread, L))
    np.testing.assert_allclose(evened(certain(unless_flat(ab, L), spread, 0.4), spread, L, 25.0), expected, atol=1e-2)
