"""A trained network -> a SavedModel that needs none of our code: pictures in, pictures out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.errors import InputError
from colorization.inference import MODEL_FILE, colorize_batch
from colorization.models.colorizer import Colorizer
from colorization.training.run_folder import RunFolder, write_json

TEST_SIZES = ((1, 1), (37, 53), (160, 97))  # odd, tiny, larger than the working size of a small network


class ExportModule(tf.Module):
    """What is saved: `__call__` for one picture or a batch, and the two signatures. Weights lie in `network`."""

    def __init__(self, colorizer: Colorizer, working_size: int):
        super().__init__()
        self.network = colorizer.network
        self._colorizer = colorizer
        self._working_size = working_size
        self.signature_of_conditions = {name: tf.TensorSpec((), tf.float32, name) for name in colorizer.conditions}

    @tf.function
    def __call__(self, pictures):
        """uint8 (H, W), (H, W, C) or (B, H, W, C), C 1 or 3 -> uint8 RGB, (H, W, 3) or (B, H, W, 3)."""
        rank = pictures.shape.rank
        batch = {2: lambda: pictures[None, ..., None], 3: lambda: pictures[None], 4: lambda: pictures}[rank]()
        coloured = colorize_batch(batch, self._colorizer.grid_ab, self._working_size)
        return coloured if rank == 4 else coloured[0]

    @tf.function
    def predict_ab(self, L, **conditions):
        return {"ab": self._colorizer.grid_ab(L, **conditions)}

    @tf.function
    def serve(self, pictures):
        return {"pictures": self(pictures)}


def export_run(run: RunFolder, path: Path, overwrite: bool = False) -> Path:
    """Write the SavedModel of a run's best epoch to the folder `path` and prove that it answers as the network does.

    Raises InputError if the folder exists (and is not to be overwritten), or if what was written, loaded again,
    differs from the network by more than one 8-bit level.
    """
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists; give --overwrite to replace it, or another --output")
    colorizer = run.load_colorizer()
    module = ExportModule(colorizer, run.config.data.size)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        save(module, temporary)
        write_json(temporary / MODEL_FILE, model_card(run, colorizer))
        compare(temporary, module)
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return path


def model_card(run: RunFolder, colorizer: Colorizer) -> dict:
    """model.json: what our own commands need to know of an export."""
    return run.config.to_json() | {
        "facts": {"mean_ab": run.facts.mean_ab, "classes": run.facts.classes},
        "working_size": run.config.data.size,
        "conditions": dict(colorizer.conditions),
    }


def save(module: ExportModule, path: Path) -> None:
    """Trace `__call__` for one picture and for batches of any size, and save with the two signatures."""
    for shape in ((None, None), (None, None, None), (None, None, None, None)):
        module.__call__.get_concrete_function(tf.TensorSpec(shape, tf.uint8, "pictures"))
    signatures = {
        "serving_default": module.serve.get_concrete_function(
            tf.TensorSpec((None, None, None, None), tf.uint8, "pictures")
        ),
        "predict_ab": module.predict_ab.get_concrete_function(
            tf.TensorSpec((None, None, None, 1), tf.float32, "L"), **module.signature_of_conditions
        ),
    }
    tf.saved_model.save(module, str(path), signatures=signatures)


def compare(path: Path, module: ExportModule) -> None:
    """Load what was saved and colorize noise of several sizes with both. Raises InputError if they differ."""
    loaded = tf.saved_model.load(str(path))
    random = np.random.default_rng(0)
    for height, width in TEST_SIZES:
        picture = tf.constant(random.integers(0, 256, (2, height, width, 1), np.uint8))
        expected = module(picture).numpy().astype(int)
        got = loaded.signatures["serving_default"](pictures=picture)["pictures"].numpy().astype(int)
        apart = np.abs(expected - got).max()
        if apart > 1:
            raise InputError(f"the exported model differs from the network by {apart} levels at {height} x {width} px")
