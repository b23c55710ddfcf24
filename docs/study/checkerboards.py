"""Checkerboards: what doubling by a transposed convolution leaves in the answer, before and after training.

A transposed convolution has weights of its own for each place of a cell, so its answer may alternate from pixel to
pixel (Odena 2016, distill.pub/2016/deconv-checkerboard). How much it does is the share of the answer's energy at the
highest frequency, that of two pixels, in rows or in columns.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from pictures import save, validation_pictures
from results import Result

from colorization.config import UNetConfig
from colorization.models import build
from colorization.models.colorizer import Colorizer, DatasetStats
from colorization.training.run_folder import open_run

PICTURES = 64
SHOWN = 1  # which of them is drawn


def highest_frequency(ab: np.ndarray) -> float:
    """Return the share of the energy of ab (N, H, W, 2), H and W even, that alternates from pixel to pixel."""
    spectrum = np.square(np.abs(np.fft.fft2(ab, axes=(1, 2)))).mean(axis=(0, 3))
    spectrum[0, 0] = 0  # the mean colour
    middle = [side // 2 for side in spectrum.shape]
    alternating = spectrum[middle[0]].sum() + spectrum[:, middle[1]].sum() - spectrum[middle[0], middle[1]]
    return float(alternating / spectrum.sum())


def untrained(doubling: str) -> Colorizer:
    """Return a U-Net of random weights, its last layer included, which otherwise begins at zero."""
    keras.utils.set_random_seed(0)
    colorizer = build("unet", UNetConfig(width=8, doubling=doubling), DatasetStats())
    colour = colorizer.network.get_layer("colour")
    colour.kernel.assign(np.random.default_rng(0).normal(0, 0.1, colour.kernel.shape))
    return colorizer


def draw_checkerboards(results: dict[str, list[Result]], folder: Path) -> None:
    """Draw a of one picture by both ways of doubling, each pixel as a square; runs: the first and "transposed"."""
    first, *_ = results
    L, _ = validation_pictures(results[first][0].data, PICTURES)
    trained = {way: open_run(results[name][0].folder) for way, name in (("bilinear", first), ("transposed",) * 2)}
    figure = Figure(figsize=(10, 3), layout="constrained")
    axes = iter(figure.subplots(1, 4))
    for when in ("before training", "after training"):
        for way, run in trained.items():
            colorizer = untrained(way) if when == "before training" else run.load_colorizer()
            ab = np.asarray(colorizer.predict_ab(L))
            axis = next(axes)
            axis.imshow(ab[SHOWN, ..., 0], cmap="gray", interpolation="nearest")
            axis.set_title(f"{way}, {when}:\n{100 * highest_frequency(ab):.2f} % alternates", fontsize=9)
            axis.set_axis_off()
    save(figure, folder, "3-checkerboards")
