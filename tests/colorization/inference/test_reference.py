"""The colours of a reference: shares of the bins, counted by hand."""

import numpy as np
import pytest
from PIL import Image
from scipy.stats import wasserstein_distance
from skimage import color

from colorization.color.bins import BINS, nearest_bin
from colorization.errors import InputError
from colorization.inference.reference import (
    FOLLOW,
    IN_ALL,
    MOST,
    colour_shares,
    in_colours_of,
    matched,
    reference_shares,
    transported,
)


def test_shares_are_those_of_the_colours():
    rgb = np.zeros((40, 100, 3), np.uint8)
    rgb[:, :25], rgb[:, 25:] = [200, 40, 30], [128, 128, 128]
    shares = colour_shares(rgb)
    np.testing.assert_array_equal(reference_shares(rgb), shares)
    assert shares.dtype == np.float32
    assert shares.sum() == pytest.approx(1)
    for colour, share in (((200, 40, 30), 0.25), ((128, 128, 128), 0.75)):
        ab = color.rgb2lab(np.uint8([[colour]]))[0, 0, 1:]
        nearest = np.square(BINS - ab).sum(axis=1).argmin()
        assert shares[nearest] == pytest.approx(share)


def test_a_large_picture_counts_as_a_small_one_does():
    blots = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8))
    small, large = (np.asarray(blots.resize((8 * n, 6 * n), Image.Resampling.BICUBIC)) for n in (11, 100))
    assert np.abs(colour_shares(small) - colour_shares(large)).sum() < 0.1


def test_a_grey_reference_says_nothing():
    with pytest.raises(InputError, match="the reference is grey, which says nothing of colours"):
        reference_shares(np.repeat(np.random.default_rng(0).integers(0, 256, (40, 60, 1), np.uint8), 3, axis=-1))


def normal(mean, deviations, count=200, seed=0):
    """(10, n, 2) colours of exactly this mean and these deviations of a and b, which do not vary together."""
    colours = np.random.default_rng(seed).normal(size=(count, 2))
    colours -= colours.mean(axis=0)
    colours @= np.linalg.inv(np.linalg.cholesky(np.cov(colours.T, bias=True)).T)
    return np.float32(colours * deviations + mean).reshape(10, -1, 2)


def shares_around(mean, deviation):
    """Shares of a normal distribution over the bins."""
    shares = np.exp(-np.square(BINS - mean).sum(axis=1) / (2 * deviation**2))
    return shares / shares.sum()


def test_an_answer_goes_that_far_to_the_mean_and_the_spread_of_the_reference():
    shares = shares_around((20, 30), 15)
    mean = shares @ BINS
    deviations = np.sqrt(((BINS - mean) ** 2 * shares[:, None]).sum(axis=0))
    moved = transported(normal((-5, 10), (12, 10)), shares).reshape(-1, 2)
    np.testing.assert_allclose(moved.mean(axis=0), (1 - FOLLOW) * np.array([-5, 10]) + FOLLOW * mean, atol=1e-3)
    expected = (1 - FOLLOW) * np.array([12, 10]) + FOLLOW * deviations
    np.testing.assert_allclose(moved.std(axis=0), expected, rtol=0.02)  # what is faint counts a little less


def test_the_map_keeps_the_order_of_colours():
    ab = normal((0, 0), (10, 10))
    moved = transported(ab, shares_around((10, -10), 12)).reshape(-1, 2)
    for channel in range(2):  # nothing varies together, so the map is a stretch of each axis
        assert np.corrcoef(ab.reshape(-1, 2)[:, channel], moved[:, channel])[0, 1] > 0.99


def test_little_is_not_made_much():
    ab = normal((5, 5), (1, 1))
    moved = transported(ab, shares_around((0, 0), 40)).reshape(-1, 2)
    assert (moved.std(axis=0) <= 1.001 * MOST * ab.reshape(-1, 2).std(axis=0)).all()


def test_a_colourless_reference_leaves_grey_grey():
    np.testing.assert_allclose(
        in_colours_of(np.zeros((4, 4, 2), np.float32), shares_around((0, 40), 10), 0.0), 0, atol=0.01
    )


def test_colours_along_a_curve_come_nearer_to_the_reference_than_a_linear_map_can():
    """Wasserstein distances along several directions, by scipy."""
    random = np.random.default_rng(4)
    b = random.normal(0, 20, 4000)
    bent = np.column_stack([b**2 / 20 - 20, b]) + random.normal(0, 4, (4000, 2))
    shares = np.bincount(nearest_bin(bent), minlength=len(BINS)) / len(bent)
    ab = normal((0, 0), (20, 20), 2000)
    far = {}
    for how in (transported, in_colours_of):
        moved = how(ab, shares).reshape(-1, 2)
        turns = np.pi * np.arange(7) / 7
        far[how] = [wasserstein_distance(moved @ d, bent @ d) for d in np.column_stack([np.cos(turns), np.sin(turns)])]
    assert np.mean(far[in_colours_of]) < 0.6 * np.mean(far[transported])


def test_what_is_near_stays_near_and_in_order():
    """Colours of a line, told of two clusters, are not torn apart."""
    line = np.float32(np.column_stack([np.linspace(-20, 20, 400), np.zeros(400)])).reshape(20, 20, 2)
    clusters = (shares_around((-40, 0), 4) + shares_around((40, 0), 4)) / 2
    moved = matched(line, clusters).reshape(-1, 2)
    steps = np.diff(moved[:, 0])
    assert steps.min() > 0
    assert steps.max() < 1.05 * IN_ALL * 40 / 399
    assert np.abs(moved[:, 1]).max() < 1


@pytest.mark.parametrize("deviation", [1, 3, 6])
def test_the_noise_of_a_pale_answer_is_not_made_blotches(deviation):
    pale = normal((5, 5), (deviation, deviation), 2000)
    moved = matched(pale, shares_around((20, 30), 25)).reshape(-1, 2)
    assert (moved.std(axis=0) < 1.1 * IN_ALL * deviation).all()


def test_an_answer_with_the_references_own_colours_hardly_moves():
    ab = normal((10, 20), (12, 12), 4000)
    shares = np.bincount(nearest_bin(ab.reshape(-1, 2)), minlength=len(BINS)) / 4000
    assert np.linalg.norm(in_colours_of(ab, shares) - ab, axis=-1).mean() < 1.5  # a bin is 10 wide
