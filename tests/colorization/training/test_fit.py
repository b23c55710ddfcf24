"""Training in this process: resumed equals never stopped, random layers, schedule and early stopping included."""

import dataclasses
import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from colorization import config as settings
from colorization import models
from colorization.config import RunConfig, SamplesConfig, TrainingConfig, UNetConfig
from colorization.errors import InputError
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.losses import l1
from colorization.training.checkpoints import load_checkpoint, save_checkpoint
from colorization.training.fit import build_for_training, fit, stopped_early, trainer
from colorization.training.optimizer import make_optimizer
from colorization.training.run_folder import create_run, open_run
from data_pipelines import Pictures
from tests.colorization.training.histories import timeless
from tests.colorization.training.noise import noise


@dataclass(frozen=True)
class ToyConfig:
    """A network with everything that has a state: dropout, noise, normalisation."""

    width: int = settings.option(4, "channels")
    normalised: bool = settings.option(True, "with BatchNormalization")


def build_toy(config, stats):
    lightness = keras.Input((None, None, 1))
    x = keras.layers.Rescaling(0.01, dtype="float32")(lightness)
    x = keras.layers.Conv2D(config.width, 3, padding="same", name="conv")(x)
    if config.normalised:
        x = keras.layers.BatchNormalization(synchronized=True, name="norm")(x)
    x = keras.layers.GaussianNoise(0.1, name="noise")(x)
    x = keras.layers.Dropout(0.3, name="drop")(x)
    x = keras.layers.Conv2D(2, 1, dtype="float32", name="ab")(x)
    return Colorizer(
        network=keras.Model(lightness, x),
        decode=lambda output: output,
        objective=Objective(lambda L, ab, output: l1(ab, output)),
    )


@pytest.fixture(autouse=True)
def toy_model(monkeypatch):
    """A new network is a file, a row and a dataclass: nothing else knows of it."""
    module = types.ModuleType("toy_model")
    module.build = build_toy
    monkeypatch.setitem(sys.modules, "toy_model", module)
    monkeypatch.setitem(models.MODELS, "toy", "toy_model")
    monkeypatch.setitem(settings.MODEL_CONFIGS, "toy", ToyConfig)


pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def by_graph(eagerly):
    """As a user's training runs; that of the other tests here runs step by step."""
    eagerly.undo()


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return noise(16, 8)


def new_run(folder: Path, name: str, model=None, **training):
    training = TrainingConfig(**{"epochs": 4, "batch_size": 4, "log_every": 1, "learning_rate": 0.01} | training)
    return create_run(folder, name, RunConfig(model or ToyConfig(), SamplesConfig(size=16), training), DatasetStats())


def weights(run, which="last"):
    colorizer = build_for_training(run)
    load_checkpoint(getattr(run, which), {"network": colorizer.network.variables})
    return [np.asarray(v) for v in colorizer.network.variables]


def points(run, tag, part="train"):
    events = EventAccumulator(str(run.events / part), size_guidance={"tensors": 0}).Reload()
    return [(e.step, tf.make_ndarray(e.tensor_proto).item()) for e in events.Tensors(tag)]


def test_resumed_equals_in_one_go(tmp_path, pictures, by_graph, same_bits):
    check_resumed_equals_in_one_go(tmp_path, pictures, epochs=4)


@pytest.mark.parametrize(
    "training",
    [
        {"precision": "mixed_float16"},
        pytest.param({"precision": "mixed_bfloat16"}, marks=pytest.mark.slow),
        {"degradation": 0.5},
    ],
    ids=str,
)
def test_resumed_equals_in_one_go_with_options(tmp_path, pictures, same_bits, training):
    check_resumed_equals_in_one_go(tmp_path, pictures, epochs=2, **training)


def check_resumed_equals_in_one_go(tmp_path, pictures, epochs, **training):
    asked = {"epochs": epochs, "early_stopping": 9, **training}
    whole, parts = (new_run(tmp_path, name, **asked) for name in ("whole", "parts"))
    expected = fit(whole, pictures)
    fit(parts, pictures, stop_after=epochs // 2)
    got = fit(parts, pictures)
    assert timeless(got) == timeless(expected)
    assert [row["epoch"] for row in got] == list(range(1, epochs + 1))
    for which in ("last", "best"):
        for one, other in zip(weights(whole, which), weights(parts, which), strict=True):
            np.testing.assert_array_equal(one, other)
    for tag in ("loss", "ab_mae", "learning_rate"):
        assert points(whole, tag) == points(parts, tag)
    assert points(whole, "psnr", "validation") == points(parts, "psnr", "validation")
    assert [step for step, _ in points(parts, "loss")] == list(range(1, 4 * epochs + 1))


def test_degradation_is_for_training_only(tmp_path, pictures):
    """Of a network that does not learn the validation loss stays, the training loss is another."""
    still = {"learning_rate": 0.0, "epochs": 1, "weight_decay": 0.0}
    model = ToyConfig(normalised=False)
    clean, worn = (fit(new_run(tmp_path, f"{w}", model, degradation=w, **still), pictures)[0] for w in (0.0, 1.0))
    assert clean["val_loss"] == worn["val_loss"]
    assert clean["loss"] != worn["loss"]


def test_points_beyond_the_checkpoint_are_dropped(tmp_path, pictures, same_bits):
    class DieInEpoch3(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == 10:
                raise KeyboardInterrupt

    run = new_run(tmp_path, "cut")
    with pytest.raises(KeyboardInterrupt):
        fit(run, pictures, callbacks=[DieInEpoch3()])
    [events] = (run.events / "train").iterdir()
    with events.open("ab") as file:
        file.write(b"half a record")
    fit(run, pictures)
    whole = new_run(tmp_path, "whole")
    fit(whole, pictures)
    assert points(run, "loss") == points(whole, "loss")


def test_early_stopping_counts_through_a_resume(tmp_path, pictures, same_bits):
    def stopping(name):
        # at a rate of 0 nothing ever improves on the first epoch
        return new_run(tmp_path, name, ToyConfig(normalised=False), learning_rate=0.0, epochs=9, early_stopping=2)

    whole, parts = stopping("whole"), stopping("parts")
    one_go = fit(whole, pictures)
    assert len(one_go) < 9
    while len(fit(parts, pictures, stop_after=1)) < len(one_go):
        pass
    assert timeless(fit(parts, pictures)) == timeless(one_go)


def test_an_extension_follows_the_longer_schedule(tmp_path, pictures):
    short, long = new_run(tmp_path, "short", epochs=2), new_run(tmp_path, "long", epochs=4)
    fit(short, pictures)
    extended = dataclasses.replace(short, config=long.config)
    fit(extended, pictures)
    fit(long, pictures)
    assert points(extended, "learning_rate")[8:] == points(long, "learning_rate")[8:]
    assert points(extended, "learning_rate")[7][1] < 1e-3 < points(extended, "learning_rate")[8][1]


def test_the_schedule_warms_up_and_falls_to_zero():
    rate = make_optimizer(TrainingConfig(epochs=10, learning_rate=0.5, warmup=0.2), 10, {})._learning_rate
    assert float(rate(0)) == 0
    assert float(rate(10)) == pytest.approx(0.25)
    assert float(rate(20)) == pytest.approx(0.5)
    assert float(rate(60)) == pytest.approx(0.25)  # half of the cosine
    assert float(rate(100)) == pytest.approx(0, abs=1e-8)


def test_a_constant_schedule_stays_where_the_warm_up_ends():
    training = TrainingConfig(epochs=10, learning_rate=0.5, warmup=0.2, schedule="constant")
    rate = make_optimizer(training, 10, {})._learning_rate
    assert [float(rate(step)) for step in (10, 20, 60, 100)] == pytest.approx([0.25, 0.5, 0.5, 0.5])


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(tmp_path, pictures):
    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.network.get_layer("conv").kernel.assign(np.full((3, 3, 1, 4), np.nan))

    run = new_run(tmp_path, "nan")
    with pytest.raises(InputError, match=r"the loss became nan in epoch 2, step 1; the checkpoint .* --learning-rate"):
        fit(run, pictures, callbacks=[Poison()])
    assert all(np.isfinite(v).all() for v in weights(run))


def test_weights_that_break_in_the_last_step_of_an_epoch_are_not_saved(tmp_path, pictures):
    class PoisonLastStep(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == 8:  # of 4 a epoch: the loss of this step is still a number
                self.model.network.get_layer("conv").bias.assign(np.full(4, np.nan))

    run = new_run(tmp_path, "nan")
    with pytest.raises(InputError, match=r"the weights became no numbers \(.*conv/bias\) in epoch 2; the"):
        fit(run, pictures, callbacks=[PoisonLastStep()])
    for which in ("last", "best"):
        assert all(np.isfinite(v).all() for v in weights(run, which))


def test_an_early_stopped_run_can_be_extended(tmp_path, pictures):
    run = new_run(tmp_path, "stops", ToyConfig(normalised=False), learning_rate=0.0, epochs=5, early_stopping=2)
    assert len(fit(run, pictures)) == 3
    assert stopped_early(run)
    longer = dataclasses.replace(run.config, training=dataclasses.replace(run.config.training, epochs=9))
    assert len(fit(dataclasses.replace(run, config=longer), pictures)) == 5


def test_a_history_that_a_kill_cut_off_is_completed(tmp_path, pictures):
    run = new_run(tmp_path, "cut", epochs=2)
    fit(run, pictures)
    whole = (run.path / "history.csv").read_text()
    (run.path / "history.csv").write_text("".join(whole.splitlines(keepends=True)[:-1]))
    fit(run, pictures)
    assert (run.path / "history.csv").read_text() == whole


def test_training_pictures_are_measured_as_those_of_validation_are(tmp_path, pictures, same_bits):
    """Where both splits hold the same pictures, both measure the same; the epoch's own loss is another."""
    same = Pictures(pictures.train, pictures.train, "noise")
    for row in fit(new_run(tmp_path, "same", epochs=2), same):
        for name in ("loss", "ab_mae", "psnr", "ssim", "auc", "colourfulness_ratio"):
            assert row[f"train_{name}"] == pytest.approx(row[f"val_{name}"], rel=1e-5)
        assert row["loss"] != row["val_loss"]  # that of the epoch has dropout, noise, and weights that change


def test_history_counts_pictures_and_processor_time_through_a_resume(tmp_path, pictures):
    run = new_run(tmp_path, "counted", epochs=3)
    [first] = fit(run, pictures, stop_after=1)
    began = time.process_time()
    rows = fit(run, pictures)
    spent = time.process_time() - began
    assert [row["pictures"] for row in rows] == [16, 32, 48]
    times = [row["processor_seconds"] for row in rows]
    assert times[0] == first["processor_seconds"] > 0
    assert times[0] < times[1] < times[2] < times[0] + spent


def test_a_run_of_an_older_version_goes_on(tmp_path, pictures):
    run = new_run(tmp_path, "older", epochs=2)
    fit(run, pictures, stop_after=1)
    colorizer = build_for_training(run)
    _, parts = trainer(colorizer, run.config.training, 4, 1)
    progress = load_checkpoint(run.last, parts)
    del progress["processor_seconds"]
    progress["history"] = [{name: progress["history"][0][name] for name in ("epoch", "loss", "val_loss")}]
    save_checkpoint(run.last, parts, progress)
    fit(run, pictures)
    header, old, new = (run.path / "history.csv").read_text().splitlines()
    assert old.endswith(",,") and "" not in new.split(",")
    assert header.startswith("epoch,loss,val_loss,")


def test_overfit_comes_near_the_losses_floor(tmp_path, pictures, by_graph):
    run = new_run(
        tmp_path, "overfit", UNetConfig(width=16, depth=1), overfit=1, epochs=6, learning_rate=0.02, weight_decay=0.0
    )
    history = fit(run, pictures)
    assert len(history) == 6
    assert "val_loss_floor" not in history[-1]
    assert history[-1]["val_loss"] < 38 / 3  # noise of 38 Lab units learnt by heart


def test_two_devices_share_each_batch(tmp_path, pictures):
    """That they learn what one does is in test_devices.py."""
    assert len(tf.config.list_logical_devices("CPU")) == 2, "tests/conftest.py sets them up before TensorFlow starts"
    with pytest.raises(InputError, match="--batch-size 5 cannot be shared by 2 devices"):
        fit(new_run(tmp_path, "odd", batch_size=5, strategy="mirrored"), pictures)


def test_a_run_is_never_written_over_and_opens_again(tmp_path):
    run = new_run(tmp_path, "once")
    with pytest.raises(InputError, match="once exists; go on with it by --resume"):
        new_run(tmp_path, "once")
    again = open_run(run.path)
    assert (again.config, again.stats) == (run.config, run.stats)
    with pytest.raises(InputError, match="is no run folder"):
        open_run(tmp_path)
    with pytest.raises(InputError, match="best.npz does not exist: this run has no checkpoint yet"):
        run.load_colorizer()
