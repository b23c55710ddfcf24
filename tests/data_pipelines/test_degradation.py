"""Worn prints: a share is degraded, the same step alike, each damage is what it says; what has no colour is told so."""

import numpy as np
import pytest
import tensorflow as tf
from skimage import color, data

from data_pipelines.batches import numbered
from data_pipelines.degradation import (
    crack,
    degrade,
    even_grey,
    faded,
    grain,
    halftone,
    mount,
    through_jpeg,
    vignette,
    with_degradation,
)

LAB = color.rgb2lab(data.astronaut()[:128, 100:228]).astype("f4")
L, AB = LAB[..., :1], LAB[..., 1:] + np.float32(0.25)  # no true colour is exactly 0


def batches(count=16):
    ab = np.random.default_rng(0).normal(0, 20, (count, 128, 128, 2)).astype("f4")
    return tf.data.Dataset.from_tensors({"L": np.stack([L] * count), "ab": ab}).repeat(), ab


def taken(share, seed=0, start=0, steps=3):
    clean, _ = batches()
    worn = with_degradation(numbered(clean, 16, start), share, seed).take(steps)
    return [(np.asarray(batch["L"]), np.asarray(batch["ab"])) for batch in worn]


def test_about_a_share_of_the_pictures_is_worn_and_the_truth_stays_where_the_picture_does():
    _, ab = batches()
    changed = []
    for worn, truth in taken(0.4, steps=12):
        gone = truth != ab
        assert np.all(truth[gone] == 0)  # a mount, or an even grey
        assert gone.mean() < 0.3
        assert worn.dtype == np.float32
        assert 0 <= worn.min() < worn.max() <= 100.5
        changed += [np.abs(each - L).max() > 0 for each in worn]
    assert np.mean(changed) == pytest.approx(0.4 * (1 - 0.5**5 * 0.85**4), abs=0.1)  # a few of the worn have no damage


def test_what_is_drawn_is_a_function_of_seed_and_step():
    first, other = taken(1.0), taken(1.0, start=2)
    np.testing.assert_array_equal(first[2][0], other[0][0])
    assert np.abs(first[0][0] - first[1][0]).max() > 1
    assert np.abs(first[0][0] - taken(1.0, seed=1)[0][0]).max() > 1


def test_without_a_share_the_batches_are_the_same_object():
    clean, _ = batches()
    assert with_degradation(clean, 0.0, seed=0) is clean


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


def turned_and_mirrored(picture):
    """The eight ways in which a square picture can lie, itself first."""
    return [np.rot90(each, turns) for each in (picture, picture[:, ::-1]) for turns in range(4)]


def test_a_worn_picture_still_shows_what_it_showed():
    """Of all ways in which the picture can lie, it is most like the one that it was made of."""
    shown = 0
    for seed in range(60):
        worn, truth = degrade(L, AB, np.random.default_rng(seed))
        assert worn.shape == L.shape and worn.dtype == np.float32
        inside = (truth != 0).any(axis=-1)  # not the mount
        if inside.any():  # not an even grey
            shown += 1
            alike = [np.corrcoef(worn[inside, 0], other[inside])[0, 1] for other in turned_and_mirrored(L[..., 0])]
            assert np.argmax(alike) == 0, seed
    assert shown > 50


def test_an_even_grey_shows_nothing_and_stays_in_range():
    for seed in range(20):
        grey = even_grey((32, 48, 1), np.random.default_rng(seed))
        assert grey.shape == (32, 48, 1) and 0 <= grey.min() <= grey.max() <= 100
        assert np.abs(np.diff(grey[..., 0], axis=0)).max() < 2


def test_a_mount_is_even_and_colourless_and_the_middle_stays():
    framed, truth = mount(L[..., 0], AB, np.random.default_rng(1))
    border = (truth == 0).all(axis=-1)
    assert 0.05 < border.mean() < 0.6
    assert len(np.unique(framed[border])) == 1
    np.testing.assert_array_equal(framed[32:96, 32:96], L[32:96, 32:96, 0])
    np.testing.assert_array_equal(truth[~border], AB[~border])


def test_a_vignette_darkens_the_corners_most():
    factors = vignette((64, 64), np.random.default_rng(0))
    assert factors[32, 32] == pytest.approx(1, abs=0.01)
    assert factors[0, 0] == factors.min() < factors[0, 32] < 1


def test_halftone_has_mean_0_and_the_depth_that_is_drawn():
    dots = halftone((200, 200), np.random.default_rng(0))
    assert abs(dots.mean()) < 0.1
    assert 3 <= np.abs(dots).max() <= 12


def test_cracks_are_thin():
    even = np.full((64, 64), 50.0)
    assert 0 < (crack(even, np.random.default_rng(0)) != even).mean() < 0.15
