"""Trains any Colorizer by Keras' own `fit`, so that an interrupted run goes on as if it had never stopped."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from colorization.config import TrainingConfig
from colorization.errors import InputError
from colorization.inference.model import NETWORK_FILE, Model
from colorization.models import build
from colorization.models.colorizer import Colorizer
from colorization.models.weights import assign_keyed, read_weights
from colorization.training.adversarial import BETAS, AdversarialTraining
from colorization.training.callbacks import (
    EpochEnd,
    MeasureTraining,
    StateFloor,
    StopAtNonFinite,
    Summaries,
    had_enough,
)
from colorization.training.checkpoints import Parts, load_checkpoint, read_progress
from colorization.training.compiled import compiled
from colorization.training.devices import check_alike, open_devices
from colorization.training.feed import make_feed, seen_by
from colorization.training.optimizer import make_optimizer
from colorization.training.run_folder import RunFolder
from colorization.training.supervised import ColorizerTraining
from data_pipelines import Pictures

FRESH = {"epoch": 0, "step": 0, "best": None, "waited": 0, "planned": 0, "processor_seconds": 0.0}


def fit(run: RunFolder, pictures: Pictures, stop_after: int = 0, callbacks: Sequence[keras.callbacks.Callback] = ()):
    """Train `run` to its planned end, or for `stop_after` epochs, from its last checkpoint if it has one.

    callbacks: what shows the progress. Returns the history, one dict an epoch, of the whole run.
    Raises InputError when a part of the loss becomes infinite or nan: the last good checkpoint stays. With several
    workers, raises one of devices.LOST when one of them ends before its time.
    """
    training = run.config.training
    done = (read_progress(run.last) or {"epoch": 0})["epoch"]
    devices = open_devices(training.strategy, os.environ.get("TF_CONFIG", ""))
    if len(devices.worker.addresses) > 1:
        check_alike(devices, *seen_by(run.config, pictures), done, stop_after)
    feed = make_feed(run.config, pictures, done, devices.share)
    with devices.strategy.scope():
        colorizer = build_for_training(run, initial=not done)
        model, parts = trainer(colorizer, training, feed.steps, devices.share.replicas)
    progress = _progress(run, parts, done)
    last_epoch = min(training.epochs, done + stop_after) if stop_after else training.epochs
    if done >= last_epoch or had_enough(progress, training):
        return progress["history"]
    floor = validation_floor(colorizer, make_feed(run.config, pictures, done).validation)  # of everybody's share
    feed = feed.with_chance(colorizer, training)
    model.fit(
        devices.feed(feed.train),
        validation_data=devices.feed(feed.validation),
        validation_steps=devices.steps(feed.validation),
        steps_per_epoch=feed.steps,
        initial_epoch=done,
        epochs=last_epoch,
        shuffle=False,  # the batches come shuffled
        verbose=0,
        callbacks=[
            StopAtNonFinite(training.precision),
            StateFloor(floor),
            MeasureTraining(devices.feed(feed.measured), devices.steps(feed.measured)),
            Summaries(run, colorizer, pictures, progress["step"]),
            EpochEnd(run, parts, progress, feed.pictures),
            *callbacks,
        ],
    )
    return progress["history"]


def _progress(run: RunFolder, parts: Parts, done: int) -> dict:
    """What the run goes on with; its variables are then those of its last checkpoint, if it has one."""
    progress = FRESH | {"history": []} | (load_checkpoint(run.last, parts) if done else {})
    if progress["planned"] != run.config.training.epochs:
        progress |= {"planned": run.config.training.epochs, "waited": 0}  # an extension gets its patience anew
    if progress["history"]:
        run.write_history(progress["history"])  # a kill may have come between checkpoint and table
    return progress


def stopped_early(run: RunFolder) -> bool:
    """Return whether early stopping ended the run before its planned length."""
    return had_enough(read_progress(run.last), run.config.training)


def trainer(colorizer: Colorizer, training: TrainingConfig, steps: int, replicas: int) -> tuple[keras.Model, Parts]:
    """Return what `fit` trains, compiled, and all its variables that a checkpoint must hold."""
    if not colorizer.objective.adversary:
        model = ColorizerTraining(colorizer, replicas)
        model.compile(optimizer=make_optimizer(training, steps, colorizer.objective.lr_multipliers))
        model.optimizer.build(model.trainable_variables)
        return model, {"network": colorizer.network.variables, "optimizer": model.optimizer.variables}
    model = AdversarialTraining(colorizer, replicas)
    model.compile(
        make_optimizer(training, steps, colorizer.objective.lr_multipliers, **BETAS),
        make_optimizer(
            dataclasses.replace(training, learning_rate=colorizer.objective.adversary.learning_rate, weight_decay=0.0),
            steps * colorizer.objective.adversary.steps,
            {},
            **BETAS,
        ),
    )
    return model, {
        "network": colorizer.network.variables,
        "optimizer": model.optimizer.variables,
        "critic": model.critic.variables,
        "critic_optimizer": model.critic_optimizer.variables,
    }


def validation_floor(colorizer: Colorizer, batches: tf.data.Dataset) -> float:
    """Return the lowest validation loss that is possible."""
    if colorizer.objective.lower_bound is None:
        return 0.0
    floor = compiled(colorizer.objective.lower_bound)
    floors, counts = zip(*[(float(floor(x["L"], x["ab"])), len(x["L"])) for x in batches], strict=True)
    return float(np.average(floors, weights=counts))


def build_for_training(run: RunFolder, initial: bool = True) -> Colorizer:
    """Build the run's network, its layers calculating in the run's precision.

    initial: with the weights that the run begins with, fresh from its seed or those that --init names.
    """
    training = run.config.training
    keras.utils.set_random_seed(training.seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(training.precision)
    try:
        colorizer = build(run.config.model_name, run.config.model, run.stats)
    finally:
        keras.config.set_dtype_policy(before)
    if colorizer.objective.adversary and training.early_stopping:
        raise InputError(
            "--early-stopping has nothing to watch: against a critic the loss tells no progress; leave it out"
        )
    if initial and training.init:
        load_exported(Path(training.init), colorizer.without_training_parts(), run.config.data.size)
    elif initial and colorizer.objective.initialize:
        colorizer.objective.initialize()
    if colorizer.objective.prepare:
        colorizer.objective.prepare()
    return colorizer


def load_exported(path: Path, colorizer: Colorizer, size: int) -> None:
    """Give the network the weights of the exported model in `path`; raises InputError unless every one fits.

    size: of the pictures that the network will see, px. Logits that were sharpened in their weights are softened
    again: cross-entropy wants them as likely as they are, and the temperature sharpens the answer by as much.
    """
    card = Model(path).card.about
    if card.get("stride", colorizer.stride) != colorizer.stride:  # an older file does not say; its weights decide
        raise InputError(
            f"--init {path} is made for pictures of about {card['stats']['size']} px; those of {size} px are "
            "another network's, which halves them less or more often; train without --init"
        )
    try:
        assign_keyed(read_weights(path / NETWORK_FILE), colorizer.network.variables, path)
    except InputError as error:
        raise InputError(f"--init: {error}; leave out what changes the network, such as --width") from error
    if colorizer.objective.scale_logits:
        colorizer.objective.scale_logits(card.get("sharpening", 1.0))
