"""The batches of a run: training, validation and fixed pictures of training, with all that is drawn for them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from colorization.config import RunConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models.colorizer import Colorizer
from colorization.training.adversarial import with_mix
from data_pipelines import Pictures
from data_pipelines.batches import (
    WHOLE,
    Share,
    batches_per_epoch,
    evaluation_batches,
    numbered,
    training_batches,
)
from data_pipelines.crops import fingerprint
from data_pipelines.degradation import with_degradation

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

    def with_chance(self, colorizer: Colorizer, training: TrainingConfig) -> Feed:
        """Return it with all that training draws: degradation, conditions, and where a critic's slope is looked at."""
        train = with_degradation(self.train, training.degradation, training.seed)
        train = with_conditions(train, colorizer, training.seed)
        return dataclasses.replace(
            self,
            train=with_penalty_places(train, colorizer, training.seed),
            validation=with_penalty_places(self.validation, colorizer, seed=0),
            measured=with_penalty_places(self.measured, colorizer, seed=0),
        )


def seen_by(config: RunConfig, pictures: Pictures) -> tuple:
    """Return what all processes that train together must have alike, however they reach their files; JSON."""
    tree, size = config.to_json(), config.data.size
    return tree["model"], tree["training"], *(fingerprint(each, size) for each in (pictures.train, pictures.validation))


def make_feed(config: RunConfig, pictures: Pictures, start_epoch: int, share: Share = WHOLE) -> Feed:
    """Return a run's batches from `start_epoch` on, numbered; with --overfit N the same N for training and validation.

    share: what this process reads of them.
    """
    training, size, replicas = config.training, config.data.size, share.replicas
    batch_size = training.batch_size
    if batch_size % replicas:
        raise InputError(f"--batch-size {batch_size} cannot be shared by {replicas} devices; give a multiple")
    if training.overfit:
        fixed = evaluation_batches(pictures.train, size, batch_size, training.overfit * batch_size, share)
        fixed_steps = int(fixed.cardinality()) // share.count
        steps = fixed_steps * OVERFIT_PASSES
        seen = min(training.overfit * batch_size, len(pictures.train)) * OVERFIT_PASSES
        again = numbered(fixed.cache().repeat(), batch_size, start_epoch * steps, share)
        fixed = numbered(fixed, batch_size, share=share)
        return Feed(again, fixed, fixed, steps, seen)
    # every replica needs a picture of the last batch, too
    limit, most = (len(each) // replicas * replicas for each in (pictures.validation, pictures.train))
    if not (limit and most):
        raise InputError(
            f"{len(pictures.train)} training and {len(pictures.validation)} validation pictures are too few for "
            f"{replicas} devices; add pictures"
        )
    measured = min(limit, MEASURED_PICTURES // replicas * replicas, most)
    steps = batches_per_epoch(pictures.train, batch_size)
    train = training_batches(
        pictures.train, size, batch_size, training.seed, start_epoch, training.zoom, training.no_flips, share
    )
    validation = evaluation_batches(pictures.validation, size, batch_size, limit, share)
    fixed = evaluation_batches(pictures.train, size, batch_size, measured, share)
    return Feed(
        numbered(train, batch_size, start_epoch * steps, share),
        numbered(validation, batch_size, share=share),
        numbered(fixed, batch_size, share=share),
        steps,
        steps * batch_size,
    )


def with_penalty_places(batches: tf.data.Dataset, colorizer: Colorizer, seed: int) -> tf.data.Dataset:
    """Add to the batches where a critic's slope is looked at, if there is a critic."""
    adversary = colorizer.objective.adversary
    return with_mix(batches, adversary.steps, seed) if adversary else batches


def with_conditions(batches: tf.data.Dataset, colorizer: Colorizer, seed: int) -> tf.data.Dataset:
    """Add to the batches conditions drawn from the truth, where the Colorizer trains with some.

    They are drawn for two pictures at once, so that one may get colours of the other, and whichever process has an
    even share of a batch draws them as one that has all of it. What is drawn is a function of (seed, number).
    """
    if colorizer.objective.sample_conditions is None:
        return batches
    shapes = colorizer.known_shapes

    def draw(numbers, L, ab):
        begins = np.flatnonzero(np.diff(numbers // 2, prepend=-1))
        pairs = [
            colorizer.objective.sample_conditions(*of_two, np.random.default_rng([seed, int(own[0]) // 2]))
            for own, *of_two in zip(*(np.split(each, begins[1:]) for each in (numbers, L, ab)), strict=True)
        ]
        return [np.concatenate([drawn[name] for drawn in pairs]) for name in shapes]

    def add(batch):
        given = [batch["number"], batch["L"], batch["ab"]]
        drawn = tf.numpy_function(draw, given, [tf.float32] * len(shapes), stateful=False)
        for known, shape in zip(drawn, shapes.values(), strict=True):
            known.set_shape((*batch["ab"].shape[: len(shape) - 1], shape[-1]))
        return batch | dict(zip(shapes, drawn, strict=True))

    return batches.map(add, num_parallel_calls=2, deterministic=True).prefetch(2)
