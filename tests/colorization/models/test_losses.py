"""Losses against hand calculations."""

import numpy as np
import pytest

from colorization.models.losses import distribution_cross_entropy, distribution_entropy, huber, l1, l2


def test_losses_by_hand():
    truth, answer = np.zeros((1, 1, 2, 2), np.float32), np.array([[[[0.5, -1], [3, 0]]]], np.float32)
    assert float(l1(truth, answer)) == pytest.approx(4.5 / 4)
    assert float(l2(truth, answer)) == pytest.approx((0.25 + 1 + 9) / 4)
    # half the square up to 1, then distance minus one half
    assert float(huber(truth, answer)) == pytest.approx((0.125 + 0.5 + 2.5 + 0) / 4)


def test_cross_entropy_of_distributions_by_hand():
    shares, logits = np.float32([[0.25, 0.75, 0], [1, 0, 0]]), np.log(np.float32([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]))
    expected = [-(0.25 * np.log(0.5) + 0.75 * np.log(0.25)), -np.log(0.1)]
    np.testing.assert_allclose(distribution_cross_entropy(shares, logits), expected, rtol=1e-5)
    entropy = [-(0.25 * np.log(0.25) + 0.75 * np.log(0.75)), 0]
    np.testing.assert_allclose(distribution_entropy(shares), entropy, atol=1e-6)
