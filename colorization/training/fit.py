"""Trains any Colorizer by Keras' own `fit`, so that an interrupted run goes on as if it had never stopped."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
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
from colorization.training.adversarial import BETAS, AdversarialTraining, with_mix
from colorization.training.callbacks import (
    EpochEnd,
    MeasureTraining,
    StateFloor,
    StopAtNonFinite,
    Summaries,
    had_enough,
)
from colorization.training.checkpoints import Parts, load_checkpoint, read_progress
from colorization.training.optimizer import make_optimizer
from colorization.training.run_folder import RunFolder
from colorization.training.supervised import ColorizerTraining
from data_pipelines import Pictures
from data_pipelines.batches import batches_per_epoch, evaluation_batches, training_batches
from data_pipelines.degradation import with_degradation

FRESH = {"epoch": 0, "step": 0, "best": None, "waited": 0, "planned": 0, "processor_seconds": 0.0}
MEASURED_PICTURES = 512  # training pictures at most that are measured beside validation after every epoch
OVERFIT_PASSES = 50  # passes over the fixed batches that count as one epoch of --overfit


@dataclass(frozen=True)
class Feed:
    """Batches of a run: endless training ones, finite ones for validation, and how long an epoch is.

    measured: fixed pictures of training, finite, at most as many as those of validation. steps, pictures: of an epoch.
    """

    train: tf.data.Dataset
    validation: tf.data.Dataset
    measured: tf.data.Dataset
    steps: int
    pictures: int


def fit(run: RunFolder, pictures: Pictures, stop_after: int = 0, callbacks: Sequence[keras.callbacks.Callback] = ()):
    """Train `run` to its planned end, or for `stop_after` epochs, from its last checkpoint if it has one.

    callbacks: what shows the progress. Returns the history, one dict an epoch, of the whole run.
    Raises InputError when a part of the loss becomes infinite or nan: the last good checkpoint stays.
    """
    training = run.config.training
    done = (read_progress(run.last) or {"epoch": 0})["epoch"]
    strategy = _strategy(training)
    replicas = strategy.num_replicas_in_sync if strategy else 1
    feed = make_feed(run.config, pictures, done, replicas)
    with strategy.scope() if strategy else contextlib.nullcontext():
        colorizer = build_for_training(run, initial=not done)
        model, parts = trainer(colorizer, training, feed.steps, replicas)
    progress = FRESH | {"history": []} | (load_checkpoint(run.last, parts) if done else {})
    if progress["planned"] != training.epochs:
        progress |= {"planned": training.epochs, "waited": 0}  # an extension gets its patience anew
    if progress["history"]:
        run.write_history(progress["history"])  # a kill may have come between checkpoint and table
    last_epoch = min(training.epochs, done + stop_after) if stop_after else training.epochs
    if done < last_epoch and not had_enough(progress, training):
        step = progress["step"]
        batches = with_degradation(feed.train, training.degradation, training.seed, step)
        batches = with_conditions(batches, colorizer, training.seed, step)
        model.fit(
            with_penalty_places(batches, colorizer, training.seed, step),
            validation_data=with_penalty_places(feed.validation, colorizer, 0, 0),
            steps_per_epoch=feed.steps,
            initial_epoch=done,
            epochs=last_epoch,
            shuffle=False,  # the batches come shuffled
            verbose=0,
            callbacks=[
                StopAtNonFinite(training.precision),
                StateFloor(validation_floor(colorizer, feed)),
                MeasureTraining(with_penalty_places(feed.measured, colorizer, 0, 0)),
                Summaries(run, colorizer, pictures, step),
                EpochEnd(run, parts, progress, feed.pictures),
                *callbacks,
            ],
        )
    return progress["history"]


def stopped_early(run: RunFolder) -> bool:
    """Return whether early stopping ended the run before its planned length."""
    return had_enough(read_progress(run.last), run.config.training)


def make_feed(config, pictures: Pictures, start_epoch: int, replicas: int = 1) -> Feed:
    """Return a run's batches from `start_epoch` on; with --overfit N the same N for training and validation."""
    training, size = config.training, config.data.size
    if training.batch_size % replicas:
        raise InputError(f"--batch-size {training.batch_size} cannot be shared by {replicas} devices; give a multiple")
    if training.overfit:
        fixed = evaluation_batches(pictures.train, size, training.batch_size, training.overfit * training.batch_size)
        steps = int(fixed.cardinality()) * OVERFIT_PASSES
        seen = min(training.overfit * training.batch_size, len(pictures.train)) * OVERFIT_PASSES
        return Feed(fixed.cache().repeat(), fixed, fixed, steps, seen)
    # every replica needs a picture of the last batch, too
    limit = max(len(pictures.validation) // replicas, 1) * replicas
    measured = min(limit, MEASURED_PICTURES, len(pictures.train)) // replicas * replicas
    steps = batches_per_epoch(pictures.train, training.batch_size)
    return Feed(
        training_batches(
            pictures.train, size, training.batch_size, training.seed, start_epoch, training.zoom, training.no_flips
        ),
        evaluation_batches(pictures.validation, size, training.batch_size, limit),
        evaluation_batches(pictures.train, size, training.batch_size, max(measured, replicas)),
        steps,
        steps * training.batch_size,
    )


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


def with_penalty_places(batches: tf.data.Dataset, colorizer: Colorizer, seed: int, start_step: int) -> tf.data.Dataset:
    """Add to the batches where a critic's slope is looked at, if there is a critic."""
    adversary = colorizer.objective.adversary
    return with_mix(batches, adversary.steps, seed, start_step) if adversary else batches


def with_conditions(batches: tf.data.Dataset, colorizer: Colorizer, seed: int, start_step: int) -> tf.data.Dataset:
    """Add to the batches conditions drawn from the truth, where the Colorizer trains with some.

    What is drawn is a function of (seed, step), so that a resumed run sees what it would have seen.
    """
    if colorizer.objective.sample_conditions is None:
        return batches
    shapes = colorizer.known_shapes

    def draw(step, L, ab):
        drawn = colorizer.objective.sample_conditions(L, ab, np.random.default_rng([seed, int(step)]))
        return [drawn[name] for name in shapes]

    def add(step, batch):
        drawn = tf.numpy_function(draw, [step, batch["L"], batch["ab"]], [tf.float32] * len(shapes), stateful=False)
        for known, shape in zip(drawn, shapes.values(), strict=True):
            known.set_shape((*batch["ab"].shape[: len(shape) - 1], shape[-1]))
        return batch | dict(zip(shapes, drawn, strict=True))

    return batches.enumerate(start_step).map(add, num_parallel_calls=2, deterministic=True).prefetch(2)


def validation_floor(colorizer: Colorizer, feed: Feed) -> float:
    """Return the lowest validation loss that is possible."""
    if colorizer.objective.lower_bound is None:
        return 0.0
    floor = tf.function(colorizer.objective.lower_bound, reduce_retracing=True)
    floors, counts = zip(*[(float(floor(x["L"], x["ab"])), len(x["L"])) for x in feed.validation], strict=True)
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


def _strategy(training: TrainingConfig) -> tf.distribute.Strategy | None:
    return None if training.strategy == "none" else _mirrored()


@functools.cache
def _mirrored() -> tf.distribute.Strategy:
    """One for the whole process: each numbers its collective operations from 100 on, and those of two would clash."""
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices])
