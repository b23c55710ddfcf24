"""What the bundled network looks at in one photograph: activations of three layers, and where a colour comes from.

The gradient map is that of Simonyan 2013 (arXiv 1312.6034): how much each pixel of L changes the colour of one place.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import skimage.data
import tensorflow as tf
from matplotlib.figure import Figure
from pictures import save
from skimage.color import rgb2lab
from skimage.transform import resize

from colorization.color.tables import join
from colorization.export.model_folder import open_exported
from colorization.inference.bundled import bundled_model
from colorization.models.colorizer import Colorizer

SIDE = 160  # px
PLACES = {"suit": (120, 56), "face": (45, 72), "flag": (110, 14)}  # row and column in the astronaut, SIDE px wide
LAYERS = {"up16_relu": "1/16", "up8_relu": "1/8", "last_relu": "1/4"}  # of the decoder, and their share of the size
STRONGEST = 3  # channels shown of each layer


def activations(colorizer: Colorizer, L: np.ndarray) -> dict[str, np.ndarray]:
    """Return of each of LAYERS the channels that vary most over the picture L (1, H, W, 1): (STRONGEST, h, w)."""
    network = colorizer.network
    seen = keras.Model(network.inputs, [network.get_layer(name).output for name in LAYERS])
    inputs = [L] + [
        np.zeros((1, *(SIDE if d is None else d for d in x.shape[1:])), np.float32) for x in network.inputs[1:]
    ]
    maps = {}
    for name, answer in zip(LAYERS, seen(inputs, training=False), strict=True):
        channels = np.moveaxis(np.asarray(answer)[0], -1, 0)
        maps[name] = channels[np.argsort(channels.std(axis=(1, 2)))[::-1][:STRONGEST]]
    return maps


def gradient_map(colorizer: Colorizer, L: np.ndarray, place: tuple[int, int]) -> np.ndarray:
    """Return how strongly each pixel of L (1, H, W, 1) changes the chroma at a place, (H, W)."""
    variable = tf.Variable(L)
    with tf.GradientTape() as tape:
        chroma = tf.norm(colorizer.predict_ab(variable)[0, place[0], place[1]])
    return np.abs(tape.gradient(chroma, variable).numpy()[0, ..., 0])


def draw_what_it_sees(folder: Path) -> None:
    """Draw the picture, its colours, the gradient maps of three places, and the channels of three layers."""
    rgb = resize(skimage.data.astronaut(), (SIDE, SIDE), anti_aliasing=True)
    L = np.float32(rgb2lab(rgb))[None, ..., :1]
    colorizer, _ = open_exported(bundled_model())
    figure = Figure(figsize=(9.6, 9.8), layout="constrained")
    axes = figure.subplots(4, max(STRONGEST, len(PLACES)) + 1)
    axes[0, 0].imshow(L[0, ..., 0], cmap="gray")
    axes[0, 0].set_title("L", fontsize=10)
    axes[1, 0].imshow(join(L, np.asarray(colorizer.predict_ab(L)))[0])
    axes[1, 0].set_title("answer", fontsize=10)
    for axis, (name, place) in zip(axes[0, 1:], PLACES.items(), strict=False):
        slope = gradient_map(colorizer, L, place)
        axis.imshow(np.sqrt(slope / slope.max()), cmap="gray_r")
        axis.plot(*reversed(place), "o", color="#d55e00", fillstyle="none")
        axis.set_title(f"gradient of the {name}", fontsize=10)
    for line, (name, channels) in zip(axes[1:, 1:], activations(colorizer, L).items(), strict=True):
        for axis, channel in zip(line, channels, strict=False):
            axis.imshow(channel, cmap="gray")
            axis.set_title(f"{name.removesuffix('_relu')}, {LAYERS[name]}", fontsize=10)
    for axis in axes.ravel():
        axis.set_axis_off()
    save(figure, folder, "10")
