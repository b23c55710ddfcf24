"""A Colorizer as Keras trains it: its loss against the true colours and, with a semantic branch, the classes."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from colorization.models.colorizer import Colorizer
from colorization.models.losses import kullback_leibler
from colorization.training.compiled import compiled


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
        values["ab_mae"] = ops.mean(ops.abs(ab - self.colorizer.enlarged_ab(output, batch["L"])))
        for name, value in values.items():
            self.means[name].update_state(value, sample_weight=count)

    def make_train_function(self, force=False):
        """Train as Keras does, but for what it does after a step: see OnReplicas."""
        if self.train_function is None or force:
            self.train_function = OnReplicas(self, self.train_step)

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            self.test_function = OnReplicas(self, self.test_step)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Build nothing: `trainer` has. Keras would look at a batch, which fails where replicas lie elsewhere."""


class OnReplicas:
    """Takes the step of a model on each replica's next batch, in this process and in others, and averages what it says.

    It stands in the place of Keras' own, which in version 3.15 takes the mean along an axis that a number has not, and
    so fails where the replicas lie in several processes.
    """

    def __init__(self, model: keras.Model, step):
        self.step, self.strategy = step, model.distribute_strategy
        self.names: tuple[str, ...] = ()
        as_graph = compiled(self._run, autograph=False, jit_compile=model.jit_compile)
        self.run = self._run if model.run_eagerly else as_graph

    def __call__(self, iterator) -> dict:
        return self.run(next(iterator))

    def _run(self, batch) -> dict:
        values = self.strategy.run(self._in_one_row, args=(batch,))
        means = self.strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None)
        return dict(zip(self.names, tf.unstack(means), strict=True))

    def _in_one_row(self, batch):
        """All that the step says, float32 (N,): one message between the processes, not N."""
        said = self.step(batch)
        self.names = tuple(said)
        return tf.stack([tf.cast(value, tf.float32) for value in said.values()])


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
