"""Classifiers that name what a colour picture shows: teachers of a semantic branch, and judges of recoloured pictures.

A pretrained ImageNet network, or a small one that is trained on a data set's own labels and true colours.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import Input, Model, applications, layers, ops

from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.imagenet import NETWORKS, load_weights, with_weights
from colorization.models.layers import batch_normalization
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.batches import batches_per_epoch, fingerprint, training_batches

BATCH = 32
WIDTH, LEVELS = 24, 3  # of the data set's own classifier: channels of the first level, which double at each
EPOCHS, FEWEST_STEPS = 12, 300
FORMAT = 1  # raise when the data set's own classifier changes


@dataclass(frozen=True)
class Recogniser:
    """look: uint8 RGB (B, H, W, 3) -> probabilities (B, K) and features (B, F), float32 arrays."""

    name: str
    look: Callable


def imagenet_recogniser(name: str, file: Path) -> Recogniser:
    """The network `name` of imagenet.NETWORKS; features are what its last layer sees. Any size of pictures."""
    network = with_weights(name, file)
    both = Model(network.input, [network.output, network.layers[-1].input])
    return Recogniser(f"{name} ({file.name})", _looking(both, name))


def inception_features(file: Path) -> Recogniser:
    """What FID is measured on: InceptionV3's last pooling, from its weights without the class layer; no chances.

    These are Keras' weights; the usual FID tools have others, so that values of both are not to be compared.
    """
    network = applications.InceptionV3(include_top=False, pooling="avg", weights=None)
    load_weights(network, file, "inception_v3")
    none = layers.Lambda(lambda x: x[:, :0], name="no_chances")(network.output)
    return Recogniser(
        f"inception_v3 ({file.name})", _looking(Model(network.input, [none, network.output]), "inception_v3")
    )


def _looking(network: Model, name: str) -> Callable:
    about = NETWORKS[name]

    @tf.function(reduce_retracing=True)
    def look(rgb):
        resized = ops.image.resize(ops.cast(rgb, "float32"), (about.side, about.side), "bilinear")
        return network(about.preprocess(resized), training=False)

    return look


def recogniser_of_file(file: Path) -> Recogniser:
    """An ImageNet recogniser with the weights of a file, whichever network they belong to."""
    for name in NETWORKS:
        try:
            return imagenet_recogniser(name, file)
        except InputError:
            continue
    raise InputError(f"{file} holds no weights of any of {', '.join(NETWORKS)}; give another --recogniser")


def labels_recogniser(pictures: Pictures, size: int, cache_dir: Path, progress: Progress = silent) -> Recogniser:
    """A small network that learnt the labels from the true colours of the training pictures; kept in `cache_dir`.

    Raises InputError if the data set has no labels.
    """
    if not pictures.classes:
        raise InputError("this data set has no labels to judge by; give an ImageNet network with --recogniser")
    network = _small_network(len(pictures.classes))
    taught = dataclasses.replace(pictures.train, targets=np.eye(len(pictures.classes))[pictures.train.labels])
    labels = hashlib.sha256(pictures.train.labels.tobytes()).hexdigest()[:8]
    file = cache_dir / f"recogniser-{FORMAT}-{fingerprint(taught, size)}-{labels}.weights.h5"
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
    return Recogniser(name, tf.function(lambda rgb: both(rgb_to_lab(rgb), training=False), reduce_retracing=True))


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
    return Model(lab, layers.Dense(classes, activation="softmax", name="classes")(x), name="recogniser")


def _train(network: Model, split: Split, size: int, progress: Progress) -> None:
    steps = max(EPOCHS * batches_per_epoch(split, BATCH), FEWEST_STEPS)
    keras.utils.set_random_seed(0)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss="categorical_crossentropy")
    with progress("training the judge", steps, "step") as advance:
        for batch in training_batches(split, size, BATCH, seed=0).take(steps):
            network.train_on_batch(tf.concat([batch["L"], batch["ab"]], axis=-1), batch["targets"])
            advance(1)
