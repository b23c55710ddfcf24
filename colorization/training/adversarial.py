"""Training against a critic: WGAN-GP (Gulrajani 2017, arXiv 1704.00028) for any Colorizer that has an adversary.

The critic learns to give true pictures high values and coloured ones low values, as far apart as its slope, held near 1
by the gradient penalty, allows: that distance estimates Wasserstein's. The network learns to be given high values.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from colorization.models.colorizer import Colorizer
from colorization.training.supervised import ColorizerTraining, loss_parts, weighted
from data_pipelines.batches import generator

# Memories of both networks' Adam, shorter than the usual 0.9 and 0.999: what each has learnt about the other is soon
# out of date. The second is WGAN-GP's: a critic that remembers small slopes for long steps too far at a large one.
BETAS = {"beta_1": 0.5, "beta_2": 0.9}
PARTS = ("adversarial", "critic", "gradient_penalty", "wasserstein")


class AdversarialTraining(ColorizerTraining):
    """Batches have "mix" beside what ColorizerTraining wants: see `with_mix`."""

    def __init__(self, colorizer: Colorizer, replicas: int = 1):
        super().__init__(colorizer, replicas)
        self.critic = colorizer.objective.adversary.critic

    def parts(self) -> tuple[str, ...]:
        return ("loss", *(super().parts() or [self.colorizer.objective.name]), *PARTS)

    def compile(self, optimizer, critic_optimizer):
        super().compile(optimizer=optimizer)
        self.critic_optimizer = critic_optimizer
        self.optimizer.build(self.network.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    def train_step(self, data):
        L = data["L"]
        with tf.GradientTape() as tape:
            output = self.colorizer.output(L, training=True)
            fake = self.colorizer.decode(output)
            with tape.stop_recording():
                for step in range(self.colorizer.objective.adversary.steps):
                    played = self._critic_step(L, data["ab"], fake, data["mix"][:, step])
            parts, loss = self._judged(data, output, fake)
            scaled = self.optimizer.scale_loss(loss / self.replicas)  # the replicas' gradients are summed
        variables = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(scaled, variables), variables)
        return self._measured(data, output, parts | played | {"loss": loss})

    def test_step(self, data):
        L = data["L"]
        output = self.colorizer.output(L)
        fake = self.colorizer.decode(output)
        _, played = self._played(L, data["ab"], fake, data["mix"][:, 0])
        parts, loss = self._judged(data, output, fake)
        return self._measured(data, output, parts | played | {"loss": loss})

    def _critic_step(self, L, real, fake, mix) -> dict:
        with tf.GradientTape() as tape:
            loss, played = self._played(L, real, fake, mix)
            scaled = self.critic_optimizer.scale_loss(loss / self.replicas)
        variables = self.critic.trainable_variables
        self.critic_optimizer.apply(tape.gradient(scaled, variables), variables)
        return played

    def _played(self, L, real, fake, mix) -> tuple:
        """The critic's loss, and what it is made of."""
        adversary = self.colorizer.objective.adversary
        wasserstein = realism(self.critic, L, real) - realism(self.critic, L, fake)
        penalty = gradient_penalty(self.critic, L, real, fake, mix, adversary.unit)
        loss = adversary.penalty * penalty - wasserstein
        return loss, {"critic": loss, "gradient_penalty": penalty, "wasserstein": wasserstein}

    def _judged(self, batch: dict, output, fake) -> tuple:
        """What the network's loss is made of, and the loss."""
        parts = loss_parts(self.colorizer, batch, output)
        adversarial = -realism(self.critic, batch["L"], fake)
        loss = weighted(self.colorizer, parts) + self.colorizer.objective.adversary.weight * adversarial
        return parts | {"adversarial": adversarial}, loss

    def _measured(self, batch: dict, output, values: dict) -> dict:
        self.measure(batch, output, values)
        return {name: mean.result() for name, mean in self.means.items()}


def realism(critic: keras.Model, L, ab):
    """Return the mean over pictures and patches of how real the critic finds them."""
    return ops.mean(critic([L, ab], training=True))


def gradient_penalty(critic: keras.Model, L, real, fake, mix, unit: float):
    """Return the mean of (slope - 1)^2; slope is the L2 norm by which a picture's sum of patches changes with its ab.

    It is looked at between the true and the coloured picture.

    real, fake (B, H, W, 2), Lab units; mix (B,) in 0..1: the share of the true one. unit: Lab units that count as 1.
    """
    mix = mix[:, None, None, None]
    between = mix * real + (1 - mix) * fake
    with tf.GradientTape() as tape:
        tape.watch(between)
        # The sum, so that a patch more does not make each one flatter. Were it the mean (whose distance is reported),
        # the critic could be as many times steeper as there are patches, and would drown the squared error.
        total = ops.sum(critic([L, between], training=True))
    slopes = tape.gradient(total, between) * unit
    # the square root alone has an infinite gradient at 0
    norms = ops.sqrt(ops.sum(ops.square(slopes), axis=(1, 2, 3)) + 1e-12)
    return ops.mean(ops.square(norms - 1))


def with_mix(batches: tf.data.Dataset, steps: int, seed: int) -> tf.data.Dataset:
    """Add to batches with "number" where the penalty looks: "mix", uniform in 0..1 (B, steps), for each critic's step.

    What is drawn is a function of (seed, number): see `batches.numbered`.
    """

    def drawn(numbers):
        return np.float32([generator(seed, number).random(steps) for number in numbers])

    def add(batch):
        mix = tf.numpy_function(drawn, [batch["number"]], tf.float32, stateful=False)
        mix.set_shape((batch["L"].shape[0], steps))
        return batch | {"mix": mix}

    return batches.map(add, num_parallel_calls=2, deterministic=True)
