"""What TensorBoard shows of a run: event files, its description, pictures and numbers of fixed validation pictures."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from colorization.color.tables import join
from colorization.evaluation.drawings import ab_histogram, picture_grid
from colorization.models.colorizer import Colorizer
from colorization.training.run_folder import RunFolder

UNFINISHED = ".events-being-cut"
GRID_PICTURES = 8  # rows of the grid grey | predicted | true
COMPARED = ("loss", "psnr", "ssim", "colourfulness_ratio")  # columns of the HParams tab


class EventFiles:
    """The three writers of a run: `train` and `validation`, whose curves share a chart, and `about` for the rest."""

    def __init__(self, folder: Path, step: int):
        """Open them to go on after `step`; points beyond it, of an epoch that was cut off, are dropped."""
        for left in folder.rglob(f"*{UNFINISHED}"):
            left.unlink()
        for file in sorted(folder.rglob("events.out.tfevents.*")):
            if step:
                _drop_beyond(file, step)
            else:
                file.unlink()  # a run that starts anew describes itself anew
        self.about = tf.summary.create_file_writer(str(folder))
        self.train = tf.summary.create_file_writer(str(folder / "train"))
        self.validation = tf.summary.create_file_writer(str(folder / "validation"))

    def flush(self):
        for writer in (self.about, self.train, self.validation):
            writer.flush()

    def close(self):
        for writer in (self.about, self.train, self.validation):
            writer.close()


def _drop_beyond(file: Path, step: int) -> None:
    kept = []
    try:
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            if tf.compat.v1.Event.FromString(record).step <= step:
                kept.append(record)
    except tf.errors.DataLossError:
        pass  # the process was killed while it wrote the last record
    temporary = file.with_name(f"{len(kept)}{UNFINISHED}")  # TensorBoard would read any name with "tfevents" in it
    with tf.io.TFRecordWriter(str(temporary)) as writer:
        for record in kept:
            writer.write(record)
    temporary.replace(file)


def describe_run(files: EventFiles, run: RunFolder, colorizer: Colorizer) -> None:
    """Write the config as text, the graph of operations, and the settings for the HParams tab."""
    tree = run.config.to_json()
    size = run.config.data.size
    graph = tf.function(lambda L: colorizer.output(L)).get_concrete_function(
        tf.TensorSpec((1, size, size, 1), tf.float32, "lightness")
    )
    with files.about.as_default(step=0):
        tf.summary.text("config", f"```\n{json.dumps(tree, indent=2)}\n```")
        tf.summary.text("network", "```\n" + _table(colorizer.network) + "\n```")
        tf.summary.graph(graph.graph)
        settings = {
            f"{part}.{name}": " ".join(value) if isinstance(value, list | tuple) else value
            for part, values in tree.items()
            for name, value in values.items()
        }
        hparams.hparams_config(
            hparams=[hparams.HParam(name) for name in settings],
            metrics=[hparams.Metric(name, group="validation") for name in COMPARED],
        )
        hparams.hparams(settings, trial_id=run.path.name)


def _table(network: keras.Model) -> str:
    lines: list[str] = []
    network.summary(print_fn=lines.append, line_length=100)
    return "\n".join(lines)


def validation_pictures(L: np.ndarray, true_ab: np.ndarray, ab: np.ndarray) -> None:
    """Write to the current writer: a grid of pictures, and which colours occur in them.

    L (N, H, W, 1), both ab (N, H, W, 2), Lab units.
    """
    true_rgb, rgb, grey = (np.asarray(join(L, each)) for each in (true_ab, ab, np.zeros_like(ab)))
    rows = slice(GRID_PICTURES)
    tf.summary.image("grey, predicted, true", picture_grid([grey[rows], rgb[rows], true_rgb[rows]])[None])
    tf.summary.image(
        "ab plane: predicted, true", np.concatenate([ab_histogram(ab), ab_histogram(true_ab)], axis=1)[None]
    )
