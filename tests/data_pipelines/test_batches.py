"""Batches: what an epoch holds depends on (seed, epoch) alone; the colours are right; evaluation is never random."""

import dataclasses

import numpy as np
import pytest
from skimage import color

from colorization.color.lab import lab_to_uint8
from data_pipelines import Split
from data_pipelines.batches import batches_per_epoch, evaluation_batches, training_batches
from data_pipelines.crops import central_crop, grid_crops


@pytest.fixture
def split() -> Split:
    random = np.random.default_rng(0)
    rows = [random.integers(0, 256, (h, w, 3), np.uint8) for h, w in [(9, 12), (8, 8), (20, 10), (8, 30), (11, 11)]]
    return Split(rows=rows, names=[f"picture {i}" for i in range(5)], patches=3)


def taken(dataset, count):
    return [(batch["L"].numpy(), batch["ab"].numpy()) for batch in dataset.take(count)]


def same(one, other):
    return all(np.array_equal(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))


def test_any_epoch_can_be_the_first(split):
    steps = batches_per_epoch(split, 4)
    assert steps == 3  # 15 crops, 4 a batch
    in_one_go = taken(training_batches(split, 8, 4, seed=1), 4 * steps)
    assert same(in_one_go[2 * steps :], taken(training_batches(split, 8, 4, seed=1, start_epoch=2), 2 * steps))
    assert not same(in_one_go[:steps], in_one_go[steps : 2 * steps])
    assert not same(in_one_go, taken(training_batches(split, 8, 4, seed=2), 4 * steps))


def test_an_epoch_shows_every_crop_once_and_half_of_them_mirrored():
    marked = np.zeros((64, 8, 8, 3), np.uint8)
    marked[:, :, 0] = np.arange(64)[:, None, None] * 3 + 1  # the left column tells which picture it is
    batches = taken(training_batches(Split(rows=marked, names=[""] * 64), 8, 16, seed=0), 4)
    rgb = np.concatenate([np.asarray(lab_to_uint8(L, ab)) for L, ab in batches])
    left, right = rgb[:, 0, 0, 0].astype(int), rgb[:, 0, -1, 0].astype(int)
    np.testing.assert_allclose(np.sort(np.maximum(left, right)), np.arange(64) * 3 + 1)
    assert 16 < (right > left).sum() < 48


def test_without_flips_no_picture_is_mirrored():
    marked = np.zeros((64, 8, 8, 3), np.uint8)
    marked[:, :, 0] = 200
    batches = taken(training_batches(Split(rows=marked, names=[""] * 64), 8, 16, seed=0, no_flips=True), 4)
    rgb = np.concatenate([np.asarray(lab_to_uint8(L, ab)) for L, ab in batches])
    assert (rgb[:, :, 0] > 190).all() and (rgb[:, :, 1:] == 0).all()


def test_crops_reach_every_corner_of_a_picture():
    row = np.zeros((10, 12, 3), np.uint8)
    row[..., 0], row[..., 1] = np.arange(10)[:, None] * 20, np.arange(12) * 20
    batches = taken(training_batches(Split(rows=[row], names=["one"], patches=400), 8, 400, seed=0), 1)
    rgb = np.asarray(lab_to_uint8(*batches[0]))
    assert set(np.unique(rgb[:, 0, :, 0].min(axis=1))) == {0, 20, 40}
    assert set(np.unique(rgb[:, :, :, 1].min(axis=(1, 2)))) == {0, 20, 40, 60, 80}


def test_lab_of_a_batch_is_scikit_images(split):
    [(L, ab), *_] = taken(evaluation_batches(split, 8, 4), 1)
    expected = color.rgb2lab(central_crop(split, 8, 0, 0))
    np.testing.assert_allclose(np.concatenate([L[0], ab[0]], axis=-1), expected, atol=2e-4)


def test_evaluation_is_never_random_and_complete(split):
    once, again = (taken(evaluation_batches(split, 8, 4), -1) for _ in range(2))
    assert same(once, again)
    assert [len(L) for L, _ in once] == [4, 4, 4, 3]
    assert len(grid_crops(split)) == 15
    assert [row for row, _ in grid_crops(split, 3)] == [0, 2, 4]


def test_one_patch_is_the_central_crop():
    row = np.arange(10 * 10 * 3, dtype=np.uint8).reshape(10, 10, 3)
    np.testing.assert_array_equal(central_crop(Split([row], ["one"]), 8, 0, 0), row[1:9, 1:9])


def test_a_split_smaller_than_a_batch_fills_one():
    split = Split(rows=np.zeros((3, 8, 8, 3), np.uint8), names=["a", "b", "c"])
    [(L, _)] = taken(training_batches(split, 8, 5, seed=0), 1)
    assert L.shape == (5, 8, 8, 1)


def test_zoom_shows_a_smaller_part_larger():
    ramp = np.zeros((32, 32, 3), np.uint8) + np.arange(0, 160, 5, dtype=np.uint8)[None, :, None]
    split = Split(rows=[ramp] * 64, names=["ramp"] * 64)
    near = taken(training_batches(split, 32, 4, seed=0, zoom=2.0), 16)
    levels = np.stack([np.asarray(lab_to_uint8(L, ab))[..., 0].astype(int) for L, ab in near])  # (16, 4, 32, 32)
    widths = np.ptp(levels, axis=(-2, -1)) / 5 + 1  # columns of the ramp that a crop spans
    assert np.ptp(widths, axis=1).min() > 0  # each picture has its own factor
    assert 16 <= widths.min() < 20 and 28 < widths.max() <= 32
    assert len(np.unique(levels.min(axis=(-2, -1)))) > 8  # from everywhere in the picture


def test_a_zoomed_epoch_is_a_function_of_seed_and_number(split):
    in_one_go = taken(training_batches(split, 8, 4, seed=1, zoom=1.5), 9)
    assert same(in_one_go[6:], taken(training_batches(split, 8, 4, seed=1, start_epoch=2, zoom=1.5), 3))


def test_weights_say_how_often_a_picture_is_shown():
    rows = [np.full((8, 8, 3), 10 * (i + 1), np.uint8) for i in range(20)]
    weights = np.array([3.0] * 5 + [0.5] * 15)
    split = Split(rows=rows, names=[""] * 20, weights=weights)
    shown = np.zeros(20)
    for _, [L, ab] in zip(range(40), taken(training_batches(split, 8, 10, seed=0), 40), strict=True):
        levels = np.asarray(lab_to_uint8(L, ab))[:, 0, 0, 0]
        shown += np.bincount(np.rint(levels / 10).astype(int) - 1, minlength=20)
    assert shown.sum() == 400  # 20 epochs as long as ever
    np.testing.assert_allclose(shown, 400 * weights / weights.sum(), atol=10)


def test_a_picture_that_is_shown_again_is_cropped_otherwise():
    row = np.zeros((40, 40, 3), np.uint8) + np.arange(0, 240, 6, dtype=np.uint8)[None, :, None]
    rows = [row] + [np.full((40, 40, 3), 250, np.uint8)] * 15
    split = Split(rows=rows, names=[""] * 16, weights=np.array([1000.0] + [1.0] * 15))
    [(L, ab)] = taken(training_batches(split, 8, 16, seed=0), 1)
    assert len(np.unique(np.asarray(lab_to_uint8(L, ab))[:, 0, 0, 0])) > 4


def test_a_weighed_epoch_is_a_function_of_seed_and_number(split):
    weighed = dataclasses.replace(split, weights=np.array([5.0, 1, 1, 1, 0.2]))
    in_one_go = taken(training_batches(weighed, 8, 4, seed=1), 9)
    assert same(in_one_go[6:], taken(training_batches(weighed, 8, 4, seed=1, start_epoch=2), 3))
