"""Whole runs against a critic: resumed equals never stopped; one that breaks is named; it learns without one too."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from colorization.config import RunConfig, SamplesConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models import build
from colorization.training.fit import build_for_training, fit
from colorization.training.run_folder import create_run
from data_pipelines import Pictures
from tests.colorization.training.histories import timeless
from tests.colorization.training.noise import noise
from tests.colorization.training.tiny_adversarial import STATS, TINY, TINY_DDCOLOR

PARTS = ("loss", "mse", "kl", "adversarial", "critic", "gradient_penalty", "wasserstein")


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return noise(8, 4, classes=3)


def new_run(folder, name, model=TINY, **training):
    training = TrainingConfig(**{"epochs": 3, "batch_size": 4, "log_every": 1} | training)
    return create_run(folder, name, RunConfig(model, SamplesConfig(size=16), training), STATS)


def checkpoint(run):
    with np.load(run.last) as file:
        return {name: file[name] for name in file.files if name != "progress.json"}


def points(run, tag, part="train"):
    events = EventAccumulator(str(run.events / part), size_guidance={"tensors": 0}).Reload()
    return [(e.step, tf.make_ndarray(e.tensor_proto).item()) for e in events.Tensors(tag)]


@pytest.mark.slow  # a minute: three graphs
def test_resumed_equals_in_one_go(tmp_path, pictures, same_bits):
    """Both networks, both optimizers, history and points, where the penalty looks included."""
    whole, parts = new_run(tmp_path, "whole", epochs=2), new_run(tmp_path, "parts", epochs=2)
    expected = fit(whole, pictures)
    fit(parts, pictures, stop_after=1)
    assert timeless(fit(parts, pictures)) == timeless(expected)
    one, other = checkpoint(whole), checkpoint(parts)
    assert {name.split("/")[0] for name in one} == {"network", "optimizer", "critic", "critic_optimizer"}
    assert set(one) == set(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    for part in PARTS:
        assert points(whole, part) == points(parts, part)
        assert len(points(whole, part, "validation")) == 2
    with np.load(whole.best) as best:
        assert all((best[name] == one[name]).all() for name in best.files if name != "progress.json")


def test_a_critic_that_breaks_is_named_and_the_checkpoint_stays(tmp_path, pictures, eagerly):
    class Break(keras.callbacks.Callback):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                for variable in self.model.critic.trainable_variables:
                    variable.assign(variable * self.factor)

    run = new_run(tmp_path, "nan")
    told = (
        r"the adversarial, critic, gradient penalty, wasserstein became nan in epoch 2, step 1; "
        r"the checkpoint of the last whole epoch is kept"
    )
    with pytest.raises(InputError, match=told):
        fit(run, pictures, callbacks=[Break(np.nan)])
    kept = checkpoint(run)
    assert all(np.isfinite(each).all() for each in kept.values())
    run = new_run(tmp_path, "explodes")
    with pytest.raises(
        InputError, match=r"the gradient penalty exploded \(.*, where 0 is perfect\) in epoch 2, step 1"
    ):
        fit(run, pictures, callbacks=[Break(30.0)])
    assert all(np.isfinite(each).all() for each in checkpoint(run).values())


def test_early_stopping_is_refused(tmp_path):
    with pytest.raises(InputError, match="--early-stopping has nothing to watch: against a critic the loss tells"):
        build_for_training(new_run(tmp_path, "early", early_stopping=3))


def test_the_generator_learns_its_classes_without_a_critic_too(tmp_path, pictures, eagerly):
    run = new_run(tmp_path, "classes", dataclasses.replace(TINY, without="adversarial"), epochs=6, learning_rate=0.01)
    history = fit(run, pictures)
    assert {"loss", "mse", "kl", "class_accuracy", "ab_mae"} <= set(history[0])
    assert history[-1]["kl"] < history[0]["kl"]


@pytest.mark.slow  # half a minute
def test_ddcolor_is_trained_against_its_critic(tmp_path, pictures, eagerly):
    run = new_run(tmp_path, "ddcolor", TINY_DDCOLOR, epochs=1)  # two steps
    fresh = build("ddcolor", TINY_DDCOLOR, STATS).objective.adversary.critic
    [row] = fit(run, pictures)
    for part in ("loss", "adversarial", "critic", "gradient_penalty", "wasserstein"):
        assert np.isfinite(row[part]) and np.isfinite(row[f"val_{part}"])
    saved = checkpoint(run)
    assert {name.split("/")[0] for name in saved} == {"network", "optimizer", "critic", "critic_optimizer"}
    assert sum(name.startswith("critic/") for name in saved) == len(fresh.variables)
    [steps] = [value for name, value in saved.items() if name.startswith("critic_optimizer") and "iteration" in name]
    assert steps == 2
