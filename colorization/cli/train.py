"""`train`: pictures -> a run; then its evaluation, its export and one colorized picture."""

from __future__ import annotations

import dataclasses
import time
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from colorization.cli.console import Console
from colorization.cli.data import cache_folder, prepare_pictures
from colorization.cli.evaluate import open_subject, write_evaluation
from colorization.cli.program import PROGRAM, installed
from colorization.cli.train_workers import join_cluster, train_for_the_chief
from colorization.config import EvaluateOptions, RunConfig, TrainOptions, with_data_dir
from colorization.errors import InputError, carried
from colorization.evaluation.prior_plot import PAPERS_LAMBDA, draw_prior
from colorization.export.model_folder import export_folder, export_run
from colorization.images.metadata import Metadata
from colorization.images.writer import write_picture
from colorization.inference.colorize import load_colorizer
from colorization.inference.presets import described
from colorization.models import settle
from colorization.models.colorizer import DatasetStats
from colorization.training.checkpoints import read_progress
from colorization.training.class_targets import with_targets
from colorization.training.devices import LOST, Worker, lost_worker
from colorization.training.feed import make_feed
from colorization.training.fit import build_for_training, fit, stopped_early
from colorization.training.run_folder import RunFolder, check_new, create_run, default_name, open_run
from data_pipelines import Pictures
from data_pipelines.batches import evaluation_batches
from data_pipelines.color_prior import measure_prior

FACT_PICTURES = 2000  # crops of the training set that its mean colour is measured on


def run(request, console: Console) -> int:
    """Train a new run, or go on with that of --resume; with --dry-run only show what would be trained."""
    options = request.options
    tf.config.experimental.enable_op_determinism()  # one seed, one result; measured cost: under 1 %
    run = _opened_run(request, console) if options.resume else None
    worker = Worker() if options.dry_run else join_cluster(run.config.training if run else request.training, console)
    if run:
        pictures = prepare_pictures(run.config.data, options.cache_dir, console, count=run.config.training.pictures)
    else:
        run, pictures = _planned(request, worker, console)
    if options.dry_run:
        return _dry_run(run, pictures, console)
    taught = _taught(pictures, run.config, options, console)  # a teacher that cannot be had leaves no run behind
    if not worker.is_chief:
        return train_for_the_chief(run, taught, options.stop_after, worker, console)
    if not options.resume:
        run = _new_run(run)
    resume = f"{PROGRAM} train --resume {run.path}"
    console.how_to_go_on = f"go on with: {resume}"
    draw_prior(run.stats.prior, run.path / "prior.png", getattr(run.config.model, "rebalance", PAPERS_LAMBDA))
    run.write_config()  # of a resumed run: with what has changed
    run.write_skipped(pictures.skipped)
    watch = installed("tensorboard", otherwise="tensorboard")
    console.say(f"run: {run.path}    watch it: {watch} --logdir {run.path.parent}")
    try:
        return _train(run, pictures, taught, options, resume, console)
    except (OSError, tf.errors.OpError) as error:
        raise _mendable(error, run, resume, worker) from error


def _mendable(error: Exception, run: RunFolder, resume: str, worker: Worker) -> InputError:
    """What ended the training from outside, and how to go on."""
    if run.config.training.strategy == "workers" and isinstance(error, LOST):
        return InputError(f"{lost_worker(error, worker)}; start all workers again with: {resume}")
    if carried(error):
        return InputError(f"{carried(error)}; go on with: {resume}")
    reason = str(error).splitlines()[0]
    return InputError(f"{run.path} cannot be written ({reason}); mend that and go on with: {resume}")


def _planned(request, worker: Worker, console: Console) -> tuple[RunFolder, Pictures]:
    """A new run, of which nothing is written yet, and its pictures."""
    options, config = request.options, RunConfig(request.model, request.data, request.training)
    name = options.name or default_name(config)
    # what has no place, or cannot be built, is told before the pictures are prepared
    if worker.is_chief and not options.dry_run:
        _check_place(name, options)
    build_for_training(RunFolder(Path(), config, DatasetStats(size=config.data.size)))
    pictures = prepare_pictures(config.data, options.cache_dir, console, count=config.training.pictures)
    stats = measure_stats(pictures, config.data.size, options.cache_dir, console)
    model, lines = settle(config.model_name, config.model, stats)
    for line in lines:
        console.say(line)
    return RunFolder(Path(options.logs) / name, dataclasses.replace(config, model=model), stats), pictures


def _taught(pictures: Pictures, config: RunConfig, options: TrainOptions, console: Console) -> Pictures:
    """The pictures, with targets where the model has a semantic branch."""
    if getattr(config.model, "semantic", "none") == "none":
        return pictures
    return with_targets(pictures, config.model, config.data.size, cache_folder(options.cache_dir), console.progress)


def _train(
    run: RunFolder, pictures: Pictures, taught: Pictures, options: TrainOptions, resume: str, console: Console
) -> int:
    training, done = run.config.training, _epochs_done(run)
    if training.overfit and done < training.epochs:
        steps = make_feed(run.config, taught, done).steps
        left = steps * (training.epochs - done)
        console.say(f"overfit: the same batches again and again, {steps} steps an epoch, {left} steps in all")
    history = fit(run, taught, options.stop_after, [EpochLines(console, run.config)])
    epoch = history[-1]["epoch"]
    if epoch == done:
        console.say(
            f"nothing was trained: the run had ended after {done} of {training.epochs} epochs; --resume with a higher "
            "--epochs extends it"
        )
    if training.overfit:
        floor = history[-1].get("val_loss_floor", 0.0)
        against = "wasserstein" in history[-1]  # a critic's part has no bound
        lowest = "" if against else f"; the lowest possible is {floor:.3f}"
        console.say(f"overfit: loss {history[-1]['val_loss']:.3f} on the fixed batches{lowest}")
    if epoch < training.epochs:
        if not stopped_early(run):
            console.say(f"stopped after epoch {epoch} of {training.epochs}; go on with: {resume}")
            return 0
        console.say(f"stopped early: no better validation loss for {training.early_stopping} epochs")
    if not options.no_export:
        _finish(run, pictures, options.cache_dir, console)
    return 0


def measure_stats(pictures: Pictures, size: int, cache_dir: str, console: Console) -> DatasetStats:
    """Measure the mean ab of (a sample of) the training pictures, how often each colour occurs, the classes' names."""
    sums, count = np.zeros(2), 0
    for batch in evaluation_batches(pictures.train, size, 64, FACT_PICTURES).as_numpy_iterator():
        sums += batch["ab"].sum(axis=(0, 1, 2), dtype=np.float64)
        count += batch["L"].size
    a, b = (sums / count).tolist()
    return DatasetStats(
        mean_ab=(round(a, 4), round(b, 4)),
        classes=tuple(pictures.classes),
        prior=tuple(measure_prior(pictures.train, size, cache_folder(cache_dir), console.progress).tolist()),
        size=size,
        patches=pictures.train.patches,
    )


def _check_place(name: str, options: TrainOptions) -> None:
    """Raises InputError if the run, or the export at its end, would have no place."""
    if Path(name).name != name:
        raise InputError(f"--name {name} is no plain name; give the folder with --logs")
    exported = export_folder(Path(name))
    if exported.exists() and not options.no_export:
        raise InputError(f"{exported} exists, the place of this run's export; choose another --name, or move it away")
    check_new(Path(options.logs) / name)


def _new_run(planned: RunFolder) -> RunFolder:
    # with all that is known of the pictures: the weights of rare colours may be refused
    build_for_training(planned, initial=False)
    return create_run(planned.path.parent, planned.path.name, planned.config, planned.stats)


def _epochs_done(run: RunFolder) -> int:
    progress = read_progress(run.last)
    return progress["epoch"] if progress else 0


def _opened_run(request, console: Console) -> RunFolder:
    """The run of --resume with what the command line changes in it; nothing is written yet."""
    run = open_run(Path(request.options.resume))
    config, changes = run.config, dict(request.changes)
    done = _epochs_done(run)
    console.say(f"{run.path}: {done} of {config.training.epochs} epochs are done" + ("" if done else ", starting anew"))
    epochs = changes.pop("epochs", config.training.epochs)
    config = dataclasses.replace(config, data=with_data_dir(config.data, changes))
    if epochs < config.training.epochs:
        raise InputError(f"--epochs {epochs} is less than the run's plan of {config.training.epochs}; use --stop-after")
    if epochs > config.training.epochs:
        console.say(
            f"extended from {config.training.epochs} to {epochs} epochs: the learning rate goes on where the schedule "
            f"of {epochs} epochs is after {done}, and falls to 0 at the new end"
        )
        config = dataclasses.replace(config, training=dataclasses.replace(config.training, epochs=epochs))
    return dataclasses.replace(run, config=config)


def _dry_run(run: RunFolder, pictures: Pictures, console: Console) -> int:
    colorizer = build_for_training(run)
    colorizer.network.summary(print_fn=console.say_block)
    if colorizer.training_outputs:
        alone, whole = (_trainable(each) for each in (colorizer.without_training_parts().network, colorizer.network))
        console.say(f"of these {whole:,} trainable parameters the class head has {whole - alone:,}, the rest {alone:,}")
    if colorizer.objective.adversary:
        colorizer.objective.adversary.critic.summary(print_fn=console.say_block)
    feed = make_feed(run.config, pictures, start_epoch=0)
    batch = next(iter(feed.train))
    L, ab = batch["L"], batch["ab"]
    output = colorizer.output(L)
    shapes = ", ".join(str(tuple(x.shape)) for x in tf.nest.flatten(output))
    console.say(f"one batch: L {tuple(L.shape)}, ab {tuple(ab.shape)} -> network {shapes}")
    console.say(
        f"loss before training: {float(colorizer.objective.loss(L, ab, output)):.4f}; {feed.steps} steps an epoch"
    )
    console.say("dry run: nothing was trained, nothing was written")
    return 0


def _trainable(network: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in network.trainable_variables)


def _finish(run: RunFolder, pictures: Pictures, cache_dir: str, console: Console) -> None:
    measure = EvaluateOptions(cache_dir=cache_dir)
    write_evaluation(open_subject(run.path, measure), run.config.data, pictures, measure, "", console)
    exported = export_folder(run.path)
    presets = export_run(run, exported)
    validation = pictures.validation
    colorize = load_colorizer(exported)
    original = np.asarray(validation.rows[len(validation.rows) // 2])
    result = run.pictures / "colorized.png"
    write_picture(result, colorize(original), None, "PNG", Metadata().marked())
    console.say(f"exported: {exported}    one validation picture in colour: {result}")
    if presets:
        console.say(f"its looks, as {run.config.training.init} has them: {described(presets)}")
    console.say(f"colorize your own: {PROGRAM} colorize PICTURE --model {exported}")


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
        self.bar = ExitStack()
        self.advance = self.bar.enter_context(self.console.progress(title, self.params["steps"], "step"))

    def on_train_batch_end(self, batch, logs=None):
        self.advance(1)

    def on_test_begin(self, logs=None):
        self.train_seconds = time.monotonic() - self.epoch_started

    def on_epoch_end(self, epoch, logs=None):
        self.bar.close()
        self.epochs_done += 1
        rate = self.params["steps"] * self.training.batch_size / self.train_seconds
        left = (time.monotonic() - self.started) / self.epochs_done * (self.params["epochs"] - epoch - 1)
        floor = f" (at best {logs['val_loss_floor']:.4g})" if "val_loss_floor" in logs else ""
        self.console.say(
            f"epoch {epoch + 1}/{self.training.epochs}  loss {logs['loss']:.4g}  "
            f"validation {logs['val_loss']:.4g}{floor}  "
            f"ab error {logs['val_ab_mae']:.2f}  {rate:.0f} pictures/s  {left / 60:.1f} min left"
        )
