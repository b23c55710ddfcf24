"""The range test of Smith 2015 (arXiv 1506.01186): the rate rises from step to step, until the loss rises with it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from pictures import prepared, save

from colorization.models import build
from colorization.training.optimizer import RatedAdamW
from colorization.training.run_folder import open_run
from colorization.training.supervised import ColorizerTraining
from data_pipelines.batches import training_batches

LOWEST, HIGHEST = 1e-5, 1.0
STEPS = 300
SMOOTHING = 0.9  # of the loss that was before


def range_test(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates and the loss at each, both (STEPS,), for a fresh network of a run's settings."""
    opened = open_run(run)
    config = opened.config
    keras.utils.set_random_seed(0)
    model = ColorizerTraining(build(config.model_name, config.model, opened.stats))
    model.compile(optimizer=RatedAdamW({}, LOWEST, weight_decay=config.training.weight_decay))
    train = prepared(config.data).train
    rates = np.geomspace(LOWEST, HIGHEST, STEPS)
    losses = []
    for rate, batch in zip(rates, training_batches(train, config.data.size, 32, seed=0), strict=False):
        model.optimizer.learning_rate = rate
        losses.append(model.train_on_batch(batch)[0])
    return rates, np.array(losses)


def draw_range_test(run: Path, folder: Path) -> None:
    """Draw the smoothed loss against the rate; the best rates lie where it falls steeply."""
    rates, losses = range_test(run)
    smooth, mean = [], losses[0]
    for loss in losses:
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smooth.append(mean)
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axis = figure.subplots()
    axis.plot(rates, losses, color="#bbbbbb", linewidth=0.8, label="one batch")
    axis.plot(rates, smooth, color="black", label="smoothed")
    axis.set(xscale="log", xlabel="learning rate", ylabel="loss", ylim=(0.9 * np.nanmin(smooth), 1.5 * losses[0]))
    axis.legend(frameon=False)
    save(figure, folder, "6-learning-rate")
