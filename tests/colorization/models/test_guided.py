"""The guided network: what is known reaches every place, what is not known changes nothing, any size, ranges, loss."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from colorization.color.bins import BINS, nearest_bin
from colorization.config import GuidedConfig
from colorization.models import build, guidance
from colorization.models.colorizer import DatasetStats
from colorization.models.guided import HintCells, HintsOfAlike

CONFIG = GuidedConfig(encoder="efficientnet_lite0", width=2)


@pytest.fixture(scope="module")
def colorizer():
    """A small network whose heads and whose layers that tell what is known have weights, as after training."""
    keras.utils.set_random_seed(0)
    colorizer = build("guided", CONFIG, DatasetStats())
    for layer in colorizer.network.layers:
        if layer.name in ("ab", "log_spread") or layer.name.endswith(("_scale", "_shift")):
            layer.kernel.assign(keras.random.normal(layer.kernel.shape, stddev=0.3, seed=1))
    return colorizer


@pytest.fixture(scope="module", name="L")
def lightness():
    return keras.random.uniform((2, 64, 96, 1), 0, 100, seed=2)


def known(name, batch=2, size=(64, 96)):
    """Something that is known, of the right shape."""
    middle = np.zeros((batch, *size, 1), np.float32)
    middle[:, 8:12, 8:12] = 1
    return {
        "hints": {"hint_ab": middle * np.float32([60, 40]), "hint_mask": middle},
        "reference": {"reference": np.float32(np.eye(len(BINS))[[300] * batch])},
        "white": {"white": np.float32([[1, 0.5, 1.5]] * batch)},
        "chroma": {"chroma": np.float32([[1, 2]] * batch)},
    }[name]


def test_it_starts_from_grey():
    fresh = build("guided", CONFIG, DatasetStats())
    np.testing.assert_array_equal(fresh.predict_ab(np.full((1, 32, 32, 1), 50, np.float32)), 0)


@pytest.mark.parametrize("name", ["hints", "reference", "white", "chroma"])
def test_what_is_known_reaches_every_place(colorizer, L, name):
    without, with_it = (np.asarray(colorizer.predict_ab(L, **what)) for what in ({}, known(name)))
    changed = np.abs(with_it - without).max(axis=-1) > 1e-4
    assert changed.mean() > 0.95
    assert changed[:, -8:, -8:].any()  # far from the hint, too


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (97, 40)])
def test_any_size_is_answered_with_conditions_and_without(colorizer, size):
    L = np.full((1, *size, 1), 40, np.float32)
    hints = {"hint_ab": np.zeros((1, *size, 2), np.float32), "hint_mask": np.zeros((1, *size, 1), np.float32)}
    for what in ({}, hints, known("white", batch=1)):
        ab = np.asarray(colorizer.predict_ab(L, **what))
        assert ab.shape == (1, *size, 2)
        assert np.isfinite(ab).all()


def test_absent_conditions_are_those_that_say_nothing(colorizer, L):
    nothing = {
        name: np.zeros([{0: 2, 1: 64, 2: 96}[i] if side is None else side for i, side in enumerate(shape)], np.float32)
        for name, shape in colorizer.known_shapes.items()
    }
    np.testing.assert_array_equal(colorizer.predict_ab(L), colorizer.predict_ab(L, **nothing))


def test_the_likeliest_spread_is_the_error(colorizer, L):
    """Where the error is 30 the likeliest spread is 30."""
    truth = np.zeros((2, 64, 96, 2), np.float32)
    losses = []
    for spread in (10.0, 30.0 / np.sqrt(2), 60.0):  # of each of a and b
        output = {
            "ab": ops.zeros((2, 16, 24, 2)) + float(np.arctanh(30 / np.sqrt(2) / 110)),
            "spread": ops.zeros((2, 16, 24, 1)) + spread,
        }
        losses.append(float(colorizer.objective.loss(L, truth, output)))
    assert losses[1] == min(losses)


def test_cells_hold_the_mean_of_the_hints_in_them():
    hints = np.zeros((1, 8, 8, 3), np.float32)
    hints[0, 0, 0], hints[0, 3, 3], hints[0, 5, 5] = [0.5, 0.2, 1], [0.1, 0.4, 1], [-0.3, 0, 1]
    cells = np.asarray(HintCells(4)(hints))
    np.testing.assert_allclose(cells[0, 0, 0], [0.3, 0.3, 1], rtol=1e-5)
    np.testing.assert_allclose(cells[0, 1, 1], [-0.3, 0, 1], rtol=1e-5)
    np.testing.assert_array_equal(cells[0, 0, 1], 0)


@pytest.mark.parametrize("keys", [256, 3])
def test_a_hint_is_carried_to_what_is_like_it(keys):
    """Two kinds of places; a hint on one of the first kind. The layer's projections are set by hand."""
    layer = HintsOfAlike(2, keys)
    kind = np.zeros((1, 4, 6, 2), np.float32)
    kind[..., :3, 0] = kind[..., 3:, 1] = 1
    hints = np.zeros((1, 4, 6, 3), np.float32)
    hints[0, 0, 0] = [0.4, -0.2, 1]
    layer(kind, hints)
    for part in (layer.query, layer.key):
        part.kernel.assign(20 * np.eye(2).reshape(1, 1, 2, 2))
    layer.none.kernel.assign(np.zeros((1, 1, 2, 1)))
    layer.none.bias.assign([50.0])
    told = np.asarray(layer(kind, hints))
    np.testing.assert_allclose(told[0, :, :3], np.broadcast_to([0.4, -0.2, 1], (4, 3, 3)), atol=1e-3)
    np.testing.assert_allclose(told[0, :, 3:], 0, atol=1e-3)
    np.testing.assert_array_equal(layer(kind, np.zeros_like(hints)), 0)


@pytest.fixture(scope="module")
def truth():
    random = np.random.default_rng(0)
    ab = np.repeat(np.repeat(random.normal(0, 25, (400, 8, 8, 2)), 4, axis=1), 4, axis=2).astype(np.float32)
    return random.uniform(0, 100, (400, 32, 32, 1)).astype(np.float32), ab


def test_guidance_is_drawn_from_the_truth_and_often_absent(truth):
    drawn = guidance.sample_guidance(*truth, np.random.default_rng(1))
    again = guidance.sample_guidance(*truth, np.random.default_rng(1))
    for name, value in drawn.items():
        np.testing.assert_array_equal(value, again[name])
        assert value.dtype == np.float32
    mask = drawn["hint_mask"]
    told = 1 - guidance.NOTHING
    without = 1 - told * (1 - guidance.NO_HINTS)
    assert (mask.sum(axis=(1, 2, 3)) == 0).mean() == pytest.approx(without, abs=0.1)
    np.testing.assert_array_equal(drawn["hint_ab"] * (1 - mask), 0)
    for name in ("reference", "chroma"):
        assert (drawn[name].any(axis=1)).mean() == pytest.approx(told * guidance.KNOWN, abs=0.1)
    references = drawn["reference"][drawn["reference"].any(axis=1)]
    np.testing.assert_allclose(references.sum(axis=1), 1, rtol=1e-5)


def test_a_hint_is_the_mean_of_the_true_colours_under_it(truth):
    hints, mask = guidance.sample_hints(truth[1], np.random.default_rng(0))
    alone = mask.sum(axis=(1, 2, 3)) == 1
    assert alone.any()
    np.testing.assert_allclose(hints[alone], (truth[1] * mask)[alone], rtol=1e-5)


def test_the_light_is_read_from_what_is_nearly_white():
    L = np.full((1, 16, 16, 1), 30, np.float32)
    ab = np.full((1, 16, 16, 2), 40, np.float32)
    np.testing.assert_array_equal(guidance.white_of(L, ab), [[0, 0, 0]])
    L[:, :4], ab[:, :4] = 90, [2, 6]
    np.testing.assert_allclose(guidance.white_of(L, ab), [[1, 0.2, 0.6]], rtol=1e-6)


def test_a_reference_is_like_the_truths_colours_but_not_the_same(truth):
    ab = truth[1][:50]
    told = guidance.reference_of(ab, np.random.default_rng(0))
    own = np.stack([np.bincount(nearest_bin(each).ravel(), minlength=len(BINS)) for each in ab]) / 32**2
    np.testing.assert_allclose(told.sum(axis=1), 1, rtol=1e-5)
    distance = np.linalg.norm(told @ BINS - own @ BINS, axis=1)  # of the mean colours
    assert distance.min() > 0
    assert np.median(distance) < 8


def test_another_encoder_is_a_matter_of_one_word():
    for encoder in ("none", "mobilenet_v2"):
        network = build("guided", dataclasses.replace(CONFIG, encoder=encoder), DatasetStats())
        assert np.asarray(network.predict_ab(np.full((1, 40, 40, 1), 50, np.float32))).shape == (1, 40, 40, 2)
