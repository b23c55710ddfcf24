"""A Colorizer as Keras trains it: its loss against the true colours and, with a semantic branch, the classes."""

from __future__ import annotations

import keras
from keras import ops

from colorization.models.colorizer import Colorizer
from colorization.models.losses import kullback_leibler


class ColorizerTraining(keras.Model):
    """Batches are dicts: "L", "ab", the conditions that are known, and "targets" where there is a semantic branch.

    The loss is the Colorizer's; the metrics are ab's error and, where the loss has several parts, each of them.
    """

    def __init__(self, colorizer: Colorizer, replicas: int = 1):
        super().__init__(dtype="float32")  # L must not be rounded to half precision; the layers cast for themselves
        self.colorizer = colorizer
        self.network = colorizer.network
        self.replicas = replicas
        self.means = {name: keras.metrics.Mean(name=name) for name in (*self.parts(), "ab_mae")}

    def parts(self) -> tuple[str, ...]:
        """Return the names of what is measured beside the loss and ab's error."""
        return (self.colorizer.objective.name, "kl", "class_accuracy") if self.colorizer.objective.semantic else ()

    def call(self, inputs, training=None):
        known = {name: inputs[name] for name in self.colorizer.known_shapes if name in inputs}
        return self.colorizer.output(inputs["L"], training=training, **known)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # fit sums the replicas' gradients, so each brings its share of the mean
        return weighted(self.colorizer, loss_parts(self.colorizer, x, y_pred)) / self.replicas

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        self.measure(x, y_pred, loss_parts(self.colorizer, x, y_pred) if self.parts() else {})
        return self.get_metrics_result()

    def measure(self, batch: dict, output, values: dict):
        """Add a batch to the metrics; values: of the parts of its loss, by name."""
        ab, count = batch["ab"], ops.shape(batch["L"])[0]
        if self.colorizer.objective.semantic:
            values["class_accuracy"] = accuracy(batch["targets"], self.colorizer.objective.semantic.chances(output))
        values["ab_mae"] = ops.mean(ops.abs(ab - self.colorizer.enlarged_ab(output, like=ab)))
        for name, value in values.items():
            self.means[name].update_state(value, sample_weight=count)


def loss_parts(colorizer: Colorizer, batch: dict, output) -> dict:
    """Return the loss's parts before any weight: that of the colours, and `kl` where there is a semantic branch."""
    parts = {colorizer.objective.name: colorizer.objective.loss(batch["L"], batch["ab"], output)}
    if colorizer.objective.semantic:
        parts["kl"] = ops.mean(kullback_leibler(batch["targets"], colorizer.objective.semantic.chances(output)))
    return parts


def weighted(colorizer: Colorizer, parts: dict):
    """Return the sum of the parts, each with its weight."""
    total = colorizer.objective.weight * parts[colorizer.objective.name]
    return total + colorizer.objective.semantic.weight * parts["kl"] if colorizer.objective.semantic else total


def accuracy(targets, chances):
    """Return how often the likeliest class is the targets' likeliest."""
    return ops.mean(ops.cast(ops.argmax(targets, axis=-1) == ops.argmax(chances, axis=-1), "float32"))
