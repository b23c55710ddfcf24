"""EfficientNet-Lite (Tan and Le 2019, arXiv 1905.11946; its Lite variant by Google, 2020), in Keras.

EfficientNet without squeeze-and-excitation and with ReLU6 for swish, so that it quantizes well and runs fast on any
processor. Layer for layer the released network: "same" padding as TensorFlow's, epsilon 1e-3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from keras import Input, Model, layers

from colorization.errors import InputError

STEM, HEAD, CLASSES = 32, 1280, 1000  # channels; none of them scales with the width
EPSILON = 1e-3


@dataclass(frozen=True)
class Variant:
    """One size of the network: factors of the channels and of the repeats, and the side of ImageNet's pictures, px."""

    width: float
    depth: float
    side: int


VARIANTS = {
    "efficientnet_lite0": Variant(1.0, 1.0, 224),
    "efficientnet_lite1": Variant(1.0, 1.1, 240),
    "efficientnet_lite2": Variant(1.1, 1.2, 260),
}


@dataclass(frozen=True)
class Stage:
    """Blocks of one shape; the first one has the stride, the others 1."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (  # of EfficientNet-B0
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite(name: str, normalization=layers.BatchNormalization, top: bool = True) -> Model:
    """Build the network `name` of VARIANTS with fresh weights.

    Its input is RGB (B, H, W, 3), scaled from 0..255 by (x - 127) / 128, of any size. With `top` it gives ImageNet's
    1,000 logits (B, 1000), else the map of its last block (B, H/32, W/32, C).

    normalization: class of the normalization layers, in the place of BatchNormalization.
    """
    variant = VARIANTS[name]
    x = inputs = Input((None, None, 3), name="rgb")
    x = _convolution(x, STEM, 3, 2, "stem", normalization)
    for i, (stage, stride, channels) in enumerate(_blocks(variant)):
        x = _block(x, stage, stride, channels, f"block{i}", normalization)
    if not top:
        return Model(inputs, x, name=name)
    x = _convolution(x, HEAD, 1, 1, "head", normalization)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return Model(inputs, layers.Dense(CLASSES, name="logits")(x), name=name)


def downsampling_blocks(name: str) -> list[str]:
    """Name the blocks of the network `name` that halve its map, from the largest map on."""
    return [f"block{i}" for i, (_, stride, _) in enumerate(_blocks(VARIANTS[name])) if stride == 2]


def assign_pytorch(network: Model, state_dict: Mapping[str, np.ndarray], where: str) -> None:
    """Give a network of `efficientnet_lite` the weights of the released PyTorch file, read from `where`.

    Raises InputError if the file is another network's. Its head is left out for a network without one.
    """
    try:
        for layer in network.layers:
            if layer.weights:
                layer.set_weights(_pytorch_weights(layer, state_dict))
    except (KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{where} holds no weights of {network.name} ({reason})") from error


def _blocks(variant: Variant):
    """Stage, stride and channels of each block."""
    for place, stage in enumerate(STAGES):
        scaled = 0 < place < len(STAGES) - 1
        repeats = math.ceil(stage.repeats * variant.depth) if scaled else stage.repeats
        for repeat in range(repeats):
            yield stage, 1 if repeat else stage.stride, _rounded(stage.channels * variant.width)


def _rounded(channels: float) -> int:
    """The nearest multiple of 8 that is not smaller than nine tenths of it."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def _block(x, stage: Stage, stride: int, channels: int, name: str, normalization):
    """MobileNetV2's inverted residual: expand, filter each channel, project."""
    shortcut, expanded = x, x.shape[-1] * stage.expansion
    if stage.expansion > 1:
        x = _convolution(x, expanded, 1, 1, f"{name}_expand", normalization)
    x = layers.DepthwiseConv2D(stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = normalization(epsilon=EPSILON, name=f"{name}_depthwise_norm")(x)
    x = layers.ReLU(6, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    x = normalization(epsilon=EPSILON, name=f"{name}_project_norm")(x)
    same = stride == 1 and shortcut.shape[-1] == channels
    return layers.Add(name=f"{name}_add")([x, shortcut]) if same else x


def _convolution(x, channels: int, kernel: int, stride: int, name: str, normalization):
    x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False, name=name)(x)
    x = normalization(epsilon=EPSILON, name=f"{name}_norm")(x)
    return layers.ReLU(6, name=f"{name}_relu")(x)


def _pytorch_weights(layer, state_dict: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The weights of one of our layers, in Keras' order and shapes."""
    key = _pytorch_key(layer.name)
    if layer.name.endswith("_norm"):
        return [state_dict[f"{key}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    kernel = state_dict[f"{key}.weight"]
    if layer.name == "logits":
        return [kernel.T, state_dict[f"{key}.bias"]]
    # (out, in, h, w) -> (h, w, in, out); a depthwise one has in = 1, and Keras wants (h, w, channels, 1)
    return [kernel.transpose(2, 3, 0, 1) if layer.name.endswith("_depthwise") else kernel.transpose(2, 3, 1, 0)]


def _pytorch_key(name: str) -> str:
    """The name that one of our layers has in the PyTorch file."""
    outside = {"stem": "_conv_stem", "stem_norm": "_bn0", "head": "_conv_head", "head_norm": "_bn1", "logits": "_fc"}
    if name in outside:
        return outside[name]
    block, part = name.removeprefix("block").split("_", 1)
    inside = {
        "expand": "_expand_conv",
        "expand_norm": "_bn0",
        "depthwise": "_depthwise_conv",
        "depthwise_norm": "_bn1",
        "project": "_project_conv",
        "project_norm": "_bn2",
    }
    return f"_blocks.{block}.{inside[part]}"
