"""Losses against hand calculations."""

import numpy as np
import pytest

from colorization.losses import huber, l1, l2


def test_losses_by_hand():
    truth, answer = np.zeros((1, 1, 2, 2), np.float32), np.array([[[[0.5, -1], [3, 0]]]], np.float32)
    assert float(l1(truth, answer)) == pytest.approx(4.5 / 4)
    assert float(l2(truth, answer)) == pytest.approx((0.25 + 1 + 9) / 4)
    # half the square up to 1, then distance minus one half
    assert float(huber(truth, answer)) == pytest.approx((0.125 + 0.5 + 2.5 + 0) / 4)
