"""How far a U-Net sees: the receptive field, computed layer by layer, and measured by a gradient.

A convolution of k x k sees (k - 1) steps farther; each halving doubles what a step is. Skips add nothing: they only
shorten the way. The gradient of one output pixel with respect to L shows how much of that field counts
(Luo 2016, arXiv 1701.04128: the effective receptive field is a small part of it).
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from pictures import save

from colorization.config import UNetConfig
from colorization.models import build
from colorization.models.colorizer import DatasetStats

SIDE = 160  # px
NETWORKS = 8  # of random weights, whose gradients are averaged
DEPTHS = (1, 2, 3, 4)
SHOWN_SHARE = 1e-3  # of the largest gradient: the darkest that is drawn


def receptive_field(depth: int) -> int:
    """Return the side, px, of the square of L that can change one pixel of a U-Net's answer.

    Down: two 3 x 3 convolutions and a halving a level. Up: bilinear doubling, which reaches one cell farther on either
    side, and two 3 x 3 convolutions.
    """
    reach = 0.0  # px on either side
    for level in range(depth):
        reach += 2 * 2**level + 2**level / 2  # two convolutions; a cell of the next level is two of this one
    reach += 2 * 2**depth
    for level in reversed(range(depth)):
        reach += 2 ** (level + 1) / 2 + 2 ** (level + 1) / 4 + 2 * 2**level
    return 2 * int(np.ceil(reach)) + 1


def gradient(depth: int, seed: int) -> np.ndarray:
    """Return how strongly each pixel of L changes a in the middle, (SIDE, SIDE), by a network of random weights."""
    keras.utils.set_random_seed(seed)
    colorizer = build("unet", UNetConfig(width=8, depth=depth), DatasetStats())
    colour = colorizer.network.get_layer("colour")
    colour.kernel.assign(np.random.default_rng(seed).normal(0, 0.1, colour.kernel.shape))  # it begins at zero
    L = tf.Variable(np.random.default_rng(seed).uniform(0, 100, (1, SIDE, SIDE, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        a = colorizer.predict_ab(L)[0, SIDE // 2, SIDE // 2, 0]
    return np.abs(tape.gradient(a, L).numpy()[0, ..., 0])


def draw_receptive_fields(folder: Path) -> None:
    """Draw the mean gradient of each depth, and the square that was computed around it."""
    figure = Figure(figsize=(3 * len(DEPTHS), 3.4), layout="constrained")
    for axis, depth in zip(figure.subplots(1, len(DEPTHS)), DEPTHS, strict=True):
        mean = np.mean([gradient(depth, seed) for seed in range(NETWORKS)], axis=0)
        shown = np.log10(np.maximum(mean / mean.max(), SHOWN_SHARE))
        axis.imshow(shown, cmap="gray_r")
        side = receptive_field(depth)
        corner = SIDE // 2 - side / 2
        axis.add_patch(Rectangle((corner, corner), side, side, fill=False, edgecolor="#d55e00", linewidth=1.5))
        axis.set_title(f"depth {depth}: {side} px", fontsize=10)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    save(figure, folder, "3-receptive-field")
