"""A small classifier that learns a data set's own labels from its true colours: a judge of recoloured pictures."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import Input, Model, layers

from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.models.classifiers import Classifier
from colorization.models.layers import batch_normalization
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.batches import batches_per_epoch, training_batches
from data_pipelines.crops import fingerprint

BATCH = 32
WIDTH, LEVELS = 24, 3  # channels of the first level, which double at each
EPOCHS, FEWEST_STEPS = 12, 300
FORMAT = 1  # raise when the network or its training changes


def labels_classifier(pictures: Pictures, size: int, cache_dir: Path, progress: Progress = silent) -> Classifier:
    """Train a small network on the labels, from the true colours of the training pictures; kept in `cache_dir`.

    Raises InputError if the data set has no labels.
    """
    if not pictures.classes:
        raise InputError("this data set has no labels to judge by; give an ImageNet network with --classifier")
    network = _small_network(len(pictures.classes))
    taught = dataclasses.replace(pictures.train, targets=np.eye(len(pictures.classes))[pictures.train.labels])
    labels = hashlib.sha256(pictures.train.labels.tobytes()).hexdigest()[:8]
    file = cache_dir / f"classifier-{FORMAT}-{fingerprint(taught, size)}-{labels}.weights.h5"
    try:
        network.load_weights(str(file))
    except (OSError, ValueError, KeyError):  # not trained yet, or broken
        _train(network, taught, size, progress)
        temporary = file.with_name(f".{os.getpid()}-{file.name}")
        file.parent.mkdir(parents=True, exist_ok=True)
        network.save_weights(str(temporary))
        temporary.replace(file)
    both = Model(network.input, [network.output, network.get_layer("gather").output])
    name = f"a classifier of its {len(pictures.classes)} labels"
    return Classifier(name, tf.function(lambda rgb: both(rgb_to_lab(rgb), training=False), reduce_retracing=True))


def _small_network(classes: int) -> Model:
    """Lab (B, H, W, 3) of any size from 8 px on -> chances (B, classes)."""
    lab = Input((None, None, 3), name="lab")
    x = layers.Rescaling([1 / 50, 1 / 110, 1 / 110], offset=[-1.0, 0.0, 0.0], name="normalize")(lab)
    for level in range(LEVELS):
        for i in (1, 2):
            x = layers.Conv2D(WIDTH * 2**level, 3, padding="same", use_bias=False, name=f"level{level}_conv{i}")(x)
            x = batch_normalization(momentum=0.9, name=f"level{level}_norm{i}")(x)
            x = layers.ReLU(name=f"level{level}_relu{i}")(x)
        x = layers.MaxPooling2D(name=f"level{level}_halve")(x)
    x = layers.GlobalAveragePooling2D(name="gather")(x)
    return Model(lab, layers.Dense(classes, activation="softmax", name="classes")(x), name="classifier")


def _train(network: Model, split: Split, size: int, progress: Progress) -> None:
    steps = max(EPOCHS * batches_per_epoch(split, BATCH), FEWEST_STEPS)
    keras.utils.set_random_seed(0)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss="categorical_crossentropy")
    with progress("training the judge", steps, "step") as advance:
        for batch in training_batches(split, size, BATCH, seed=0).take(steps):
            network.train_on_batch(tf.concat([batch["L"], batch["ab"]], axis=-1), batch["targets"])
            advance(1)
