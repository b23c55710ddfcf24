"""What happens at the end of a batch and of an epoch: look for nan, write summaries, save."""

from __future__ import annotations

import dataclasses
import math
import time

import keras
import numpy as np
import tensorflow as tf

from colorization.color.tables import join
from colorization.config import TrainingConfig
from colorization.errors import InputError
from colorization.evaluation.metrics import mean_metrics, picture_metrics, psnr
from colorization.models.colorizer import Colorizer
from colorization.training.checkpoints import Parts, save_checkpoint
from colorization.training.compiled import compiled
from colorization.training.run_folder import RunFolder
from colorization.training.tensorboard import EventFiles, describe_run, validation_pictures
from data_pipelines import Pictures, Split
from data_pipelines.batches import evaluation_batches

EXPLODED = 1000.0  # gradient penalty: the critic's slope is 30 times what it should be
WATCHED_PICTURES = 64  # fixed pictures, of training and of validation each, that are coloured after every epoch


class StopAtNonFinite(keras.callbacks.Callback):
    """Ends the run when a part of the loss or a weight is no number any more, before anything of it is saved.

    It does so, too, when the gradient penalty of a step, or of the validation, explodes.
    """

    def __init__(self, precision: str):
        super().__init__()
        self.precision = precision

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.penalty = epoch, 0.0

    def on_train_batch_end(self, batch, logs=None):
        self._check(logs, f", step {batch + 1}")
        if "gradient_penalty" in logs:
            mean = float(logs["gradient_penalty"])
            self._check_penalty(since(mean, batch + 1, self.penalty, batch), f", step {batch + 1}")
            self.penalty = mean

    def on_epoch_end(self, epoch, logs=None):
        """Check the weights, too: the last step's update has had no loss yet."""
        bad = [v.path for v in self.model.trainable_variables if not np.isfinite(np.asarray(v)).all()]
        if bad:
            self._stop(f"the weights became no numbers ({bad[0]})", "")
        self._check(logs, "")
        self._check_penalty(float(logs.get("val_gradient_penalty", 0.0)), ", in validation")

    def _check(self, logs: dict, where: str):
        bad = [name for name, value in logs.items() if not math.isfinite(value) and not name.endswith("ab_mae")]
        parts = [name for name in bad if not name.endswith("loss")] or bad[:1]
        if parts:
            named = ", ".join(name.replace("val_", "validation ").replace("_", " ") for name in parts)
            critic = any("gradient_penalty" in name for name in parts)
            self._stop(f"the {named} became {float(logs[parts[0]])}", where, critic)

    def _check_penalty(self, penalty: float, where: str):
        if penalty > EXPLODED:
            self._stop(f"the gradient penalty exploded ({penalty:.3g}, where 0 is perfect)", where, critic=True)

    def _stop(self, what: str, where: str, critic: bool = False):
        rate = "--critic-learning-rate" if critic else "--learning-rate"
        precise = "" if self.precision == "float32" else " or --precision float32"
        raise InputError(
            f"{what} in epoch {self.epoch + 1}{where}; the checkpoint of the last whole epoch is kept; "
            f"try a new run with a lower {rate}{precise}"
        )


def since(mean: float, count: int, earlier_mean: float, earlier_count: int) -> float:
    """Return the mean since an earlier moment, from both means since the epoch began, which is what Keras gives."""
    return (mean * count - earlier_mean * earlier_count) / (count - earlier_count)


class StateFloor(keras.callbacks.Callback):
    """Puts the lowest possible validation loss beside the loss, where it is not 0; called before who tells both."""

    def __init__(self, floor: float):
        super().__init__()
        self.floor = floor

    def on_epoch_end(self, epoch, logs=None):
        if self.floor:
            logs["val_loss_floor"] = self.floor


class MeasureTraining(keras.callbacks.Callback):
    """Puts the numbers of fixed training pictures beside those of validation, as `train_loss` and so on.

    Both are measured with the weights at the epoch's end, without dropout and random crops, so their difference is
    the generalisation gap. The loss of the epoch itself is a mean over weights that change.
    """

    def __init__(self, batches: tf.data.Dataset, steps: int):
        super().__init__()
        self.batches, self.steps = batches, steps

    def on_epoch_end(self, epoch, logs=None):
        measured = self.model.evaluate(self.batches, steps=self.steps, verbose=0, return_dict=True)
        logs.update({f"train_{name}": value for name, value in measured.items()})


class EpochEnd(keras.callbacks.Callback):
    """After each epoch: history, best weights, early stopping, and last the checkpoint that makes it all count.

    progress: what a resumed run goes on with, changed in place: epoch, step, history, best validation loss, epochs
    waited for a better one, planned epochs, and the processor seconds of all training steps so far.
    pictures: that an epoch shows.
    """

    def __init__(self, run: RunFolder, parts: Parts, progress: dict, pictures: int):
        super().__init__()
        self.run, self.parts, self.progress, self.pictures = run, parts, progress, pictures
        self.graph_is_built = False

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        """Start the clock anew after the first step, which builds the graph, in every call that resumes the run."""
        if not self.graph_is_built:
            self.started, self.graph_is_built = time.process_time(), True

    def on_test_begin(self, logs=None):
        """Stop the clock: what is measured after an epoch does not count."""
        self.progress["processor_seconds"] += time.process_time() - self.started

    def on_epoch_end(self, epoch, logs=None):
        progress = self.progress
        progress["epoch"] = epoch + 1
        progress["step"] += self.params["steps"]
        spent = {"pictures": (epoch + 1) * self.pictures, "processor_seconds": round(progress["processor_seconds"], 3)}
        measured = {name: float(value) for name, value in logs.items()}
        progress["history"].append({"epoch": epoch + 1} | spent | measured)
        # a critic changes, and with it what a loss means: of an adversarial run the last epoch is the best
        if progress["best"] is None or logs["val_loss"] < progress["best"] or "critic" in self.parts:
            progress["best"], progress["waited"] = float(logs["val_loss"]), 0
            save_checkpoint(self.run.best, {"network": self.parts["network"]}, {"epoch": epoch + 1})
        else:
            progress["waited"] += 1
        save_checkpoint(self.run.last, self.parts, progress)
        self.run.write_history(progress["history"])
        if had_enough(progress, self.run.config.training):
            self.model.stop_training = True


def had_enough(progress: dict, training: TrainingConfig) -> bool:
    """Return whether early stopping ends the run."""
    return bool(training.early_stopping) and progress["waited"] >= training.early_stopping


class Summaries(keras.callbacks.Callback):
    """TensorBoard: numbers every `log_every` steps, and after every epoch what predict_ab gives for fixed pictures.

    The step of every point is the number of batches trained. A resumed run first drops the points beyond its
    checkpoint, so that no step stands twice. The metrics of the fixed pictures are put into the epoch's logs, too, as
    `train_psnr`, `val_psnr` and so on, beside what all grey reaches on them, `train_grey_psnr` and `val_grey_psnr`.
    """

    def __init__(self, run: RunFolder, colorizer: Colorizer, pictures: Pictures, start_step: int):
        super().__init__()
        training, size = run.config.training, run.config.data.size
        self.run, self.colorizer, self.step = run, colorizer, start_step
        self.log_every, self.batch_size = training.log_every, training.batch_size
        self.watched = {
            "train": watched_pictures(pictures.train, size, training.batch_size),
            "val": watched_pictures(pictures.validation, size, training.batch_size),
        }

        self.grey = {f"{name}_grey_psnr": grey_psnr(*watched) for name, watched in self.watched.items()}

    def on_train_begin(self, logs=None):
        self.files = EventFiles(self.run.events, self.step)
        if self.step == 0:
            describe_run(self.files, self.run, self.colorizer)
        self.predict = compiled(self.colorizer.predict_ab)

    def on_epoch_begin(self, epoch, logs=None):
        self._mark(0, {})  # the time of validation does not count

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if self.step % self.log_every:
            return
        count, seconds = batch + 1 - self.marked, time.perf_counter() - self.marked_time
        with self.files.train.as_default(self.step):
            for name, mean in logs.items():
                earlier = self.marked_means.get(name, 0.0)
                tf.summary.scalar(name, since(float(mean), batch + 1, earlier, self.marked))
            tf.summary.scalar("learning_rate", self.model.optimizer.learning_rate)
            tf.summary.scalar("images_per_second", count * self.batch_size / seconds)
        self._mark(batch + 1, logs)

    def _mark(self, batch: int, means: dict):
        self.marked, self.marked_time = batch, time.perf_counter()
        self.marked_means = {name: float(mean) for name, mean in means.items()}

    def on_epoch_end(self, epoch, logs=None):
        ab = {name: self._predicted(L) for name, (L, _) in self.watched.items()}
        for name, (L, true_ab) in self.watched.items():
            means = watched_metrics(L, true_ab, ab[name])
            logs.update({f"{name}_{metric}": value for metric, value in means.items()})
        logs.update(self.grey)
        L, true_ab = self.watched["val"]
        own = self.colorizer.objective.summaries(L, true_ab) if self.colorizer.objective.summaries else {}
        with self.files.validation.as_default(self.step):
            for name, value in logs.items():
                if name.startswith("val_"):
                    tf.summary.scalar(name.removeprefix("val_"), value)
            validation_pictures(L, true_ab, ab["val"])
            for name, picture in own.items():
                tf.summary.image(name, picture[None])
        self.files.flush()

    def on_train_end(self, logs=None):
        self.files.close()

    def _predicted(self, L: np.ndarray) -> np.ndarray:
        starts = range(0, len(L), self.batch_size)
        return np.concatenate([self.predict(L[i : i + self.batch_size]) for i in starts])


def watched_pictures(split: Split, size: int, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return L (N, size, size, 1) and ab (N, size, size, 2) of pictures spread evenly over a split, Lab units."""
    untaught = dataclasses.replace(split, targets=None)
    batches = list(evaluation_batches(untaught, size, batch_size, WATCHED_PICTURES).as_numpy_iterator())
    L, ab = (np.concatenate([batch[name] for batch in batches]) for name in ("L", "ab"))
    return L, ab


def watched_metrics(L: np.ndarray, true_ab: np.ndarray, ab: np.ndarray) -> dict[str, float]:
    """Return the metrics that are followed from epoch to epoch; `colourfulness_ratio` is that over the truth's.

    L (N, H, W, 1), both ab (N, H, W, 2), Lab units.
    """
    true_rgb, rgb = (np.asarray(join(L, each)) for each in (true_ab, ab))
    means = mean_metrics([picture_metrics(*each) for each in zip(L, true_rgb, rgb, true_ab, ab, strict=True)])
    ratio = means["colourfulness"] / max(means["true_colourfulness"], 1e-6)
    return {name: means[name] for name in ("psnr", "ssim", "auc", "bleeding")} | {"colourfulness_ratio": ratio}


def grey_psnr(L: np.ndarray, true_ab: np.ndarray) -> float:
    """Return the mean PSNR in dB of pictures without colours: L (N, H, W, 1), true_ab (N, H, W, 2), Lab units."""
    true_rgb, grey = (np.asarray(join(L, ab)) for ab in (true_ab, np.zeros_like(true_ab)))
    return float(np.mean([psnr(*each) for each in zip(true_rgb, grey, strict=True)]))
