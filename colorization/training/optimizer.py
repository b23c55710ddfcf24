"""AdamW (Loshchilov 2019, arXiv 1711.05101) with warm-up and a cosine to 0, and slower for some weights if asked."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from colorization.config import TrainingConfig


def make_optimizer(
    training: TrainingConfig, steps_per_epoch: int, rates: Mapping[str, float], **betas: float
) -> keras.optimizers.Optimizer:
    """Return the optimizer of a run, with loss scaling for float16. Its rate falls to 0, unless it is constant.

    rates: factors of the learning rate, by the paths of variables. betas: Adam's, where they are not the usual ones.
    A run that is extended gets the cosine of its new length: the rate rises once, to where that curve is.
    """
    steps = training.epochs * steps_per_epoch
    warmup = round(training.warmup * steps)
    falls = training.schedule == "cosine"
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else training.learning_rate,
        decay_steps=max(steps - warmup, 1),
        warmup_target=training.learning_rate if warmup else None,
        warmup_steps=warmup,
        alpha=0.0 if falls else 1.0,  # what remains of the rate at the end
    )
    optimizer = RatedAdamW(rates, rate, weight_decay=training.weight_decay, **betas)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    if training.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


class RatedAdamW(keras.optimizers.AdamW):
    """AdamW whose learning rate has a factor for some variables: what was learnt elsewhere is changed with care."""

    def __init__(self, rates: Mapping[str, float], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rates = dict(rates)

    def update_step(self, gradient, variable, learning_rate):
        path = getattr(variable, "path", None) or variable.name.partition(":")[0]  # TensorFlow's own has no path
        super().update_step(gradient, variable, learning_rate * self.rates.get(path, 1.0))
