"""The colours of a reference: shares of the bins, counted by hand."""

import numpy as np
import pytest
from PIL import Image
from skimage import color

from colorization.color.bins import BINS
from colorization.errors import InputError
from colorization.inference.reference import colour_shares, reference_shares


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
