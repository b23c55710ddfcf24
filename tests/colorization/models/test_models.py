"""One checker over every row of MODELS: a new network is tested without a new test."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from colorization.config import MODEL_CONFIGS
from colorization.models import MODELS, build
from colorization.models.colorizer import DatasetStats
from colorization.training.supervised import loss_parts, weighted
from tests.colorization.models.tiny import TINY, give_random_weights, shorten

CASES = [(name, {}) for name in MODELS] + [
    ("unet", {"target": "rgb"}),
    ("unet", {"target": "hsv", "without": "skips", "normalization": "none"}),
    ("unet", {"doubling": "transposed", "normalization": "group", "dropout": 0.5}),
    ("unet", {"depth": 1, "loss": "huber"}),
    ("classification", {"temperature": 0.0, "rebalance": 1.0}),
    ("guided", {"encoder": "mobilenet_v2"}),
]
STATS = DatasetStats(mean_ab=(1.0, 2.0), classes=("cat", "dog"), prior=(1 / 313,) * 313, size=32)


@pytest.fixture(scope="module", autouse=True)
def short():
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        yield


def tiny(name, options):
    return build(name, MODEL_CONFIGS[name](**TINY[name] | options), STATS)


def awake(colorizer):
    """Random weights everywhere: fresh networks may answer grey."""
    give_random_weights(colorizer.network)
    return colorizer


def test_every_model_is_here():
    assert list(TINY) == list(MODELS) == list(MODEL_CONFIGS)


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (17, 9), (32, 32), (5, 64)])
def test_predicts_finite_ab_of_any_size(name, options, size):
    L = np.random.default_rng(1).random((2, *size, 1), np.float32) * 100
    colorizer = awake(tiny(name, options))
    ab = np.asarray(colorizer.predict_ab(L))
    assert ab.shape == (2, *size, 2)
    assert ab.dtype == np.float32
    assert np.isfinite(ab).all()
    assert np.abs(ab).max() <= 150
    grey = colorizer.gives("spread") and size == (1, 1)  # a picture of one pixel shows nothing
    assert (np.abs(ab).max() > 0.1) != grey


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_picture_does_not_depend_on_its_batch(name, options):
    colorizer = awake(tiny(name, options))
    L = np.random.default_rng(1).random((3, 16, 16, 1), np.float32) * 100
    together, alone = colorizer.predict_ab(L)[1:2], colorizer.predict_ab(L[1:2])
    np.testing.assert_allclose(together, alone, atol=0.01)  # Lab units; another picture is tens of them away


@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_layer_is_named_and_weights_get_gradients(name, options):
    colorizer = awake(tiny(name, options))
    names = [layer.name for layer in colorizer.network.layers]
    assert not [name for name in names if name.startswith(("conv2d", "re_lu", "batch_normalization", "concatenate"))]
    random = np.random.default_rng(2)
    L, ab = random.random((2, 16, 16, 1), np.float32) * 100, random.normal(0, 20, (2, 16, 16, 2)).astype("f4")
    with tf.GradientTape() as tape:
        batch = {"L": L, "ab": ab, "targets": np.full((2, 2), 0.5, np.float32)}
        loss = weighted(colorizer, loss_parts(colorizer, batch, colorizer.output(L, training=True)))
    gradients = tape.gradient(loss, [v.value for v in colorizer.network.trainable_variables])
    assert np.isfinite(float(loss))
    assert all(g is not None and np.isfinite(g).all() for g in gradients)


@pytest.mark.parametrize("name", MODELS)
def test_wrong_shapes_are_refused_by_name(name):
    with pytest.raises(ValueError, match=r"L must have shape \(B, H, W, 1\), got \(8, 8, 1\)"):
        tiny(name, {}).predict_ab(np.zeros((8, 8, 1), np.float32))


@pytest.mark.parametrize(
    "name", [name for name in MODELS if name not in ("guided", "ddcolor")]
)  # theirs is their decoder's
def test_width_is_the_channels_of_the_first_block(name):
    config = dataclasses.replace(MODEL_CONFIGS[name](), **TINY[name] | {"width": 16})
    first = build(name, config, DatasetStats()).network.trainable_variables[0]
    assert first.shape[-1] == 16
