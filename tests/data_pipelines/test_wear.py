"""Worn prints: the truth stays, a share is worn, the same step is worn the same, each damage is what it says."""

import numpy as np
import pytest
import tensorflow as tf
from skimage import color, data

from data_pipelines.wear import faded, grain, through_jpeg, wear, with_wear

L = color.rgb2lab(data.astronaut()[:128, 100:228])[..., :1].astype("f4")


def batches(count=16):
    ab = np.random.default_rng(0).normal(0, 20, (count, 128, 128, 2)).astype("f4")
    return tf.data.Dataset.from_tensors((np.stack([L] * count), ab)).repeat(), ab


def taken(share, seed=0, start=0, steps=3):
    clean, _ = batches()
    return [(np.asarray(L), np.asarray(ab)) for L, ab in with_wear(clean, share, seed, start).take(steps)]


def test_the_truth_stays_and_about_a_share_of_the_pictures_is_worn():
    _, ab = batches()
    changed = []
    for worn, truth in taken(0.4, steps=12):
        np.testing.assert_array_equal(truth, ab)
        assert worn.dtype == np.float32
        assert 0 <= worn.min() < worn.max() <= 100.5
        changed += [np.abs(each - L).max() > 0 for each in worn]
    assert np.mean(changed) == pytest.approx(0.4 * (1 - 0.5**5), abs=0.1)  # one in 32 of the worn has no damage


def test_what_is_drawn_is_a_function_of_seed_and_step():
    first, other = taken(1.0), taken(1.0, start=2)
    np.testing.assert_array_equal(first[2][0], other[0][0])
    assert np.abs(first[0][0] - first[1][0]).max() > 1
    assert np.abs(first[0][0] - taken(1.0, seed=1)[0][0]).max() > 1


def test_without_a_share_the_batches_are_the_same_object():
    clean, _ = batches()
    assert with_wear(clean, 0.0, 0, 0) is clean


def test_fading_by_hand():
    np.testing.assert_allclose(faded(np.array([0.0, 50.0, 100.0]), 20, 80), [20, 50, 80])


def test_grain_has_mean_0_and_the_strength_that_is_drawn():
    strengths = [grain((256, 256), np.random.default_rng(seed)) for seed in range(40)]
    assert max(abs(each.mean()) for each in strengths) < 0.3
    deviations = [each.std() for each in strengths]
    assert 1 <= min(deviations) < 2.5
    assert 5.5 < max(deviations) <= 7


def test_jpeg_keeps_the_picture_and_loses_more_at_a_lower_quality():
    errors = [np.abs(through_jpeg(L[..., 0], quality) - L[..., 0]).mean() for quality in (25, 85)]
    assert 0.1 < errors[1] < errors[0] < 4


def test_a_worn_picture_still_shows_what_it_showed():
    for seed in range(30):
        worn = wear(L, np.random.default_rng(seed))
        assert worn.shape == L.shape
        assert np.corrcoef(worn.ravel(), L.ravel())[0, 1] > 0.85
