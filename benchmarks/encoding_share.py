"""Measure the share of a training step of --model classification that the soft encoding of the truth takes.

    python benchmarks/encoding_share.py [--tiny]

Times the step as it is, and one whose shares were encoded beforehand; the medians of several rounds, taken in turn.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
import numpy as np
import tensorflow as tf

from colorization.color.bins import soft_encode
from colorization.config import ClassificationConfig
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from colorization.models.losses import distribution_cross_entropy

SIZES, ROUNDS, STEPS, BATCH = (32, 128), 7, 8, 16


def main(sizes=SIZES, rounds=ROUNDS) -> None:
    for size in sizes:
        encoded, given = measure(size, rounds)
        share = 100 * (1 - given / encoded)
        print(f"{size} px: {1000 * encoded:.0f} ms a step, {1000 * given:.0f} ms without encoding: {share:.1f} %")


def measure(size: int, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the seconds of a step with the encoding and without it."""
    colorizer = build("classification", ClassificationConfig(), DatasetStats(prior=(1 / 313,) * 313, size=size))
    optimizer = keras.optimizers.AdamW(1e-4)
    optimizer.build(colorizer.network.trainable_variables)
    random = np.random.default_rng(0)
    L = tf.constant(random.uniform(0, 100, (BATCH, size, size, 1)), tf.float32)
    ab = tf.constant(random.normal(0, 20, (BATCH, size, size, 2)), tf.float32)
    shares = soft_encode(ab[:, colorizer.stride // 2 :: colorizer.stride, colorizer.stride // 2 :: colorizer.stride])

    def with_encoding(output):
        return colorizer.objective.loss(L, ab, output)

    def without(output):
        return tf.reduce_mean(distribution_cross_entropy(shares, output["logits"]))

    steps = [step(colorizer.network, optimizer, L, loss) for loss in (with_encoding, without)]
    times: list[list[float]] = [[], []]
    for one in steps:
        one()  # traced
    for _ in range(rounds):
        for one, taken in zip(steps, times, strict=True):
            started = time.perf_counter()
            for _ in range(STEPS):
                one()
            taken.append((time.perf_counter() - started) / STEPS)
    return statistics.median(times[0]), statistics.median(times[1])


def step(network, optimizer, L, loss):
    @tf.function
    def one():
        with tf.GradientTape() as tape:
            value = loss(network(L, training=True))
        variables = [variable.value for variable in network.trainable_variables]
        optimizer.apply(tape.gradient(value, variables), network.trainable_variables)

    return one


if __name__ == "__main__":
    main(SIZES[:1], 1) if "--tiny" in sys.argv else main()
