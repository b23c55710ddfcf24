"""`train`: pictures -> a run; then its evaluation, its export and one colorized picture."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import keras
import numpy as np

from colorization.commands.console import Console
from colorization.commands.data import prepare_pictures
from colorization.commands.evaluate import open_subject, write_evaluation
from colorization.config import RunConfig
from colorization.errors import InputError, Terminated
from colorization.export import export_run
from colorization.inference import load_colorizer
from colorization.models.colorizer import Facts
from colorization.pictures import write_picture
from colorization.training.checkpoints import read_progress
from colorization.training.fit import build_for_training, fit, make_feed, overfit_floor
from colorization.training.run_folder import RunFolder, create_run, default_name, open_run
from data_pipelines import Pictures
from data_pipelines.batches import evaluation_batches

FACT_PICTURES = 2000  # crops of the training set that its mean colour is measured on


def run(request, console: Console) -> int:
    options = request.options
    run = _resumed_run(request, console) if options.resume else None
    config = run.config if run else RunConfig(request.model, request.data, request.training)
    pictures = prepare_pictures(config.data, options.cache_dir, console)
    facts = run.facts if run else measure_facts(pictures, config.data.size)
    if options.dry_run:
        return _dry_run(
            run or RunFolder(Path(options.logs) / (options.name or default_name(config)), config, facts),
            pictures,
            console,
        )
    if run is None:
        run = create_run(Path(options.logs), options.name, config, facts)
        run.write_skipped(pictures.skipped)
    console.say(f"run: {run.path}    watch it: tensorboard --logdir {run.path.parent}")
    try:
        history = fit(run, pictures, options.stop_after, [EpochLines(console, config)])
    except (KeyboardInterrupt, Terminated):
        console.say(f"stopped; go on with: python main.py train --resume {run.path}")
        raise
    epoch, planned = history[-1]["epoch"], config.training.epochs
    if options.stop_after and epoch < planned:
        console.say(f"stopped after epoch {epoch} of {planned}; go on with: python main.py train --resume {run.path}")
        return 0
    if config.training.overfit:
        floor = overfit_floor(run, pictures)
        console.say(
            f"overfit: loss {history[-1]['val_loss']:.3f} on the fixed batches; the lowest possible is {floor:.3f}"
        )
    if epoch < planned:
        console.say(f"stopped early: no better validation loss for {config.training.early_stopping} epochs")
    if not options.no_export:
        _finish(run, pictures, console)
    return 0


def measure_facts(pictures: Pictures, size: int) -> Facts:
    """Mean ab of (a sample of) the training pictures, and the names of the classes."""
    sums, count = np.zeros(2), 0
    for _, ab in evaluation_batches(pictures.train, size, 64, FACT_PICTURES).as_numpy_iterator():
        sums += ab.sum(axis=(0, 1, 2), dtype=np.float64)
        count += ab[..., 0].size
    a, b = (sums / count).tolist()
    return Facts(mean_ab=(round(a, 4), round(b, 4)), classes=tuple(pictures.classes))


def _resumed_run(request, console: Console) -> RunFolder:
    run = open_run(Path(request.options.resume))
    config, changes = run.config, request.changes
    done = (read_progress(run.last) or {"epoch": 0})["epoch"]
    console.say(f"{run.path}: {done} of {config.training.epochs} epochs are done" + ("" if done else ", starting anew"))
    if "data_dir" in changes:
        config = dataclasses.replace(config, data=dataclasses.replace(config.data, data_dir=changes["data_dir"]))
    epochs = changes.get("epochs", config.training.epochs)
    if epochs < config.training.epochs:
        raise InputError(f"--epochs {epochs} is less than the run's plan of {config.training.epochs}; use --stop-after")
    if epochs > config.training.epochs:
        console.say(
            f"extended from {config.training.epochs} to {epochs} epochs: the learning rate goes on where the schedule "
            f"of {epochs} epochs is after {done}, and falls to 0 at the new end"
        )
        config = dataclasses.replace(config, training=dataclasses.replace(config.training, epochs=epochs))
    run = dataclasses.replace(run, config=config)
    if config != open_run(run.path).config:
        run.write_config()
    return run


def _dry_run(run: RunFolder, pictures: Pictures, console: Console) -> int:
    colorizer = build_for_training(run)
    colorizer.network.summary(print_fn=console.say)
    feed = make_feed(run.config, pictures, start_epoch=0)
    L, ab = next(iter(feed.train))
    output = colorizer.network(L)
    console.say(f"one batch: L {tuple(L.shape)}, ab {tuple(ab.shape)} -> network {tuple(output.shape)}")
    console.say(f"loss before training: {float(colorizer.loss(L, ab, output)):.4f}; {feed.steps} steps an epoch")
    console.say(f"dry run: nothing was trained, {run.path} was not made")
    return 0


def _finish(run: RunFolder, pictures: Pictures, console: Console) -> None:
    write_evaluation(open_subject(run.path), run.config.data, pictures, 0, "", console)
    exported = Path("saved_models") / run.path.name
    export_run(run, exported, overwrite=True)
    validation = pictures.validation
    colorize = load_colorizer(exported)
    original = np.asarray(validation.rows[len(validation.rows) // 2])
    result = run.pictures / "colorized.png"
    write_picture(result, colorize(original))
    console.say(f"exported: {exported}    one validation picture in colour: {result}")
    console.say(f"colorize your own: python main.py colorize PICTURE --model {exported}")


class EpochLines(keras.callbacks.Callback):
    """A bar through each epoch and one line after it: losses, pictures a second, time left."""

    def __init__(self, console: Console, config: RunConfig):
        super().__init__()
        self.console, self.training = console, config.training

    def on_train_begin(self, logs=None):
        self.started, self.epochs_done = time.monotonic(), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_started = time.monotonic()
        title = f"epoch {epoch + 1}/{self.training.epochs}"
        self.bar = self.console.progress(title, self.params["steps"], "step")
        self.advance = self.bar.__enter__()

    def on_train_batch_end(self, batch, logs=None):
        self.advance(1)

    def on_test_begin(self, logs=None):
        self.train_seconds = time.monotonic() - self.epoch_started

    def on_epoch_end(self, epoch, logs=None):
        self.bar.__exit__(None, None, None)
        self.epochs_done += 1
        rate = self.params["steps"] * self.training.batch_size / self.train_seconds
        left = (time.monotonic() - self.started) / self.epochs_done * (self.params["epochs"] - epoch - 1)
        self.console.say(
            f"epoch {epoch + 1}/{self.training.epochs}  loss {logs['loss']:.3f}  validation {logs['val_loss']:.3f}  "
            f"ab error {logs['val_ab_mae']:.2f}  {rate:.0f} pictures/s  {left / 60:.1f} min left"
        )
