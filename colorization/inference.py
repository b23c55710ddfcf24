"""Grey pictures of any size -> colour, by a network that sees them at its working size.

The network's ab is enlarged and joined with the lightness of the full-size picture, which stays as it is: what an
exported graph does and what our own commands do is this one function.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.color.gamut import fit_to_gamut
from colorization.color.lab import lab_to_uint8, rgb_to_lab
from colorization.errors import InputError
from colorization.resize import enlarge, shrink

MODEL_FILE = "model.json"


def colorize_batch(pictures, grid_ab: Callable, working_size: int):
    """uint8 (B, H, W, C) with C 1 (grey) or 3 (RGB) -> uint8 RGB (B, H, W, 3) of the same lightness.

    grid_ab: L (B, h, w, 1) -> ab (B, h', w', 2). working_size: shorter side, in pixels, at which it is asked; larger
    pictures are reduced to it, smaller ones stay.
    """
    channels = tf.shape(pictures)[-1]
    rgb = tf.gather(pictures, tf.minimum([0, 1, 2], channels - 1), axis=-1)
    L = rgb_to_lab(rgb)[..., :1]
    ab = grid_ab(shrink(L, working_size))
    return join(L, enlarge(ab, tf.shape(L)[1], tf.shape(L)[2]))


def join(L, ab):
    """L (..., 1) and ab (..., 2) -> uint8 RGB (..., 3). Colours out of gamut are shrunk towards grey, L is kept."""
    return lab_to_uint8(L, fit_to_gamut(L, ab))


class ExportedColorizer:
    """An exported model as our own commands use it: its `predict_ab` signature and its model.json, nothing else."""

    def __init__(self, path: Path):
        """Raises InputError if `path` holds no exported model of this program."""
        try:
            self.card = json.loads((path / MODEL_FILE).read_text(encoding="utf-8"))
            self._conditions, size = dict(self.card["conditions"]), int(self.card["working_size"])
            self._loaded = tf.saved_model.load(str(path))  # kept: signatures die with it
            self._signature = self._loaded.signatures["predict_ab"]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, tf.errors.OpError) as error:
            reason = str(error).splitlines()[0][:200]
            raise InputError(
                f"{path} is no exported model, or a broken one ({reason}); make one by `export logs/<run>`"
            ) from error
        spec = tf.TensorSpec((None, None, None, None), tf.uint8)
        self._colorize = tf.function(
            lambda pictures: colorize_batch(pictures, self.grid_ab, size), input_signature=[spec]
        )

    def grid_ab(self, L, **conditions):
        """L (B, H, W, 1) in 0..100 -> ab on the network's grid; conditions are those of model.json."""
        given = {**self._conditions, **conditions}
        return self._signature(L=L, **{name: tf.constant(value, tf.float32) for name, value in given.items()})["ab"]

    def predict_ab(self, L, **conditions):
        """L (B, H, W, 1) in 0..100 -> ab (B, H, W, 2), Lab units, at exactly this size."""
        L = tf.convert_to_tensor(L)
        return enlarge(self.grid_ab(L, **conditions), tf.shape(L)[1], tf.shape(L)[2])

    def __call__(self, pictures) -> np.ndarray:
        """uint8 (H, W), (H, W, C) or (B, H, W, C), C 1 or 3 -> uint8 RGB (H, W, 3) or (B, H, W, 3)."""
        pictures = np.asarray(pictures)
        if pictures.dtype != np.uint8:
            raise ValueError(f"pictures must be uint8, got {pictures.dtype}; scale to 0..255 and round")
        batch = {2: pictures[None, ..., None], 3: pictures[None], 4: pictures}.get(pictures.ndim)
        if batch is None or batch.shape[-1] not in (1, 3):
            raise ValueError(f"pictures must be (H, W), (H, W, C) or (B, H, W, C) with C 1 or 3, got {pictures.shape}")
        coloured = self._colorize(tf.constant(batch)).numpy()
        return coloured if pictures.ndim == 4 else coloured[0]


def load_colorizer(path: str | Path) -> ExportedColorizer:
    """The exported model in the folder `path`; raises InputError if there is none."""
    return ExportedColorizer(Path(path))
