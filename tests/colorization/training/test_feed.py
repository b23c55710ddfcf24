"""What processes that share a batch read together is what one process reads, drawn by the same chance."""

import dataclasses
import functools

import numpy as np
import pytest

from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from colorization.training.feed import make_feed
from data_pipelines import Pictures, Split
from data_pipelines.batches import WHOLE, Share
from tests.colorization.models.tiny import TINY
from tests.colorization.training.noise import noise

# two processes of one replica each, and of two
ONE_EACH = (Share(0, 1, 2), Share(1, 1, 2))
TWO_EACH = (Share(0, 2, 4), Share(2, 2, 4))


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return noise(28, 12, classes=3)


@functools.cache
def tiny(name):
    config = MODEL_CONFIGS[name](**TINY[name])
    return config, build(name, config, DatasetStats(classes=("a", "b", "c"), size=16))


def drawn(pictures, name, share, which, steps, start_epoch=0, **training):
    """The batches of one process, each of its steps' replicas one after another, as dicts of arrays."""
    training = TrainingConfig(batch_size=8, degradation=0.5, zoom=1.5, **training)
    config, colorizer = tiny(name)
    feed = make_feed(RunConfig(config, SamplesConfig(size=16), training), pictures, start_epoch, share)
    feed = feed.with_chance(colorizer, training)
    return list(getattr(feed, which).take(steps * share.count).as_numpy_iterator())


def joined(parts):
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@pytest.mark.parametrize(
    ("shares", "name", "which", "overfit"),
    [
        (ONE_EACH, "guided", "train", 0),
        (TWO_EACH, "guided", "train", 0),
        (ONE_EACH, "chromagan", "train", 2),
        (ONE_EACH, "chromagan", "validation", 0),
    ],
    ids=["guided", "two replicas each", "overfit", "validation"],
)
def test_the_shares_of_a_batch_are_the_batch(pictures, shares, name, which, overfit):
    whole = drawn(pictures, name, WHOLE, which, steps=4, overfit=overfit)
    apart = [drawn(pictures, name, share, which, steps=4, overfit=overfit) for share in shares]
    count = shares[0].count
    for step, batch in enumerate(whole):
        parts = [part for own in apart for part in own[step * count : (step + 1) * count]]
        together = joined(parts)
        assert set(together) == set(batch) >= {"L", "ab", "number"}
        assert len({len(part["L"]) for part in parts}) == 1
        for key, expected in batch.items():
            # Lab is calculated in blocks, and which pixels share one may change its rounding
            np.testing.assert_allclose(together[key], expected, rtol=0, atol=1e-3, err_msg=key)
        np.testing.assert_array_equal(together["number"], batch["number"])


def test_any_epoch_of_a_share_can_be_the_first(pictures):
    in_one_go = drawn(pictures, "guided", ONE_EACH[1], "train", steps=9)
    later = drawn(pictures, "guided", ONE_EACH[1], "train", steps=3, start_epoch=2)
    for one, other in zip(in_one_go[6:], later, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], other[key], err_msg=key)


def test_numbers_count_all_pictures_of_the_run(pictures):
    batches = drawn(pictures, "unet", WHOLE, "train", steps=3, start_epoch=2)  # an epoch has 3 steps
    np.testing.assert_array_equal(np.concatenate([each["number"] for each in batches]), np.arange(48, 72))


def test_a_batch_that_cannot_be_shared_is_told(pictures):
    with pytest.raises(InputError, match="--batch-size 8 cannot be shared by 3 devices; give a multiple"):
        drawn(pictures, "unet", Share(0, 1, 3), "train", steps=1)


def test_more_devices_than_validation_pictures_are_told(pictures):
    few = dataclasses.replace(pictures, validation=Split(pictures.validation.rows[:1], ["0"]))
    with pytest.raises(InputError, match="28 training and 1 validation pictures are too few for 2 devices"):
        drawn(few, "unet", ONE_EACH[0], "validation", steps=1)
