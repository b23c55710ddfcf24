"""The colours of a reference: shares of the bins, counted by hand."""

import numpy as np
import pytest
from PIL import Image
from skimage import color

from colorization.color.bins import BINS
from colorization.inference.reference import reference_shares


def test_shares_are_those_of_the_colours():
    rgb = np.zeros((40, 100, 3), np.uint8)
    rgb[:, :25], rgb[:, 25:] = [200, 40, 30], [128, 128, 128]
    shares = reference_shares(rgb)
    assert shares.dtype == np.float32
    assert shares.sum() == pytest.approx(1)
    for colour, share in (((200, 40, 30), 0.25), ((128, 128, 128), 0.75)):
        ab = color.rgb2lab(np.uint8([[colour]]))[0, 0, 1:]
        nearest = np.square(BINS - ab).sum(axis=1).argmin()
        assert shares[nearest] == pytest.approx(share)


def test_a_large_picture_counts_as_a_small_one_does():
    blots = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8))
    small, large = (np.asarray(blots.resize((8 * n, 6 * n), Image.Resampling.BICUBIC)) for n in (11, 100))
    assert np.abs(reference_shares(small) - reference_shares(large)).sum() < 0.1
