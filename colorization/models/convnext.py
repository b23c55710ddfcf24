"""ConvNeXt (Liu et al. 2022, arXiv 2201.03545), in Keras: the eye of the published DDColor.

A layer carries the name of its weights in DDColor's files, so that each finds its own there.
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import Input, Model, layers, ops

EPSILON = 1e-6  # of every normalization
FRESH_SCALE = 1e-6  # of each block's answer in a fresh network
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB 0..1
PREFIX = "encoder.arch"


@dataclass(frozen=True)
class Variant:
    """One size of the network: channels and blocks of its four stages, the largest map first."""

    channels: tuple[int, ...]
    blocks: tuple[int, ...]


VARIANTS = {
    "convnext_tiny": Variant((96, 192, 384, 768), (3, 3, 9, 3)),
    "convnext_large": Variant((192, 384, 768, 1536), (3, 3, 27, 3)),
}


def convnext(variant: Variant, name: str) -> Model:
    """Build the network without its classes, with fresh weights.

    Its input is RGB (B, H, W, 3), normalized as ImageNet's, H and W multiples of 32. It gives the maps at 1/4, 1/8,
    1/16 and 1/32 of the size, each normalized.
    """
    x = inputs = Input((None, None, 3), name="rgb")
    maps = []
    for stage, (channels, blocks) in enumerate(zip(variant.channels, variant.blocks, strict=True)):
        x = _reduced(x, channels, stage)
        for block in range(blocks):
            x = _block(x, channels, f"{PREFIX}.stages.{stage}.{block}")
        maps.append(layer_normalization(f"{PREFIX}.norm{stage}", EPSILON)(x))
    return Model(inputs, maps, name=name)


def _reduced(x, channels: int, stage: int):
    """To a quarter of the picture's size, then to half of the last stage's."""
    name = f"{PREFIX}.downsample_layers.{stage}"
    if stage == 0:
        x = layers.Conv2D(channels, 4, strides=4, name=f"{name}.0")(x)
        return layer_normalization(f"{name}.1", EPSILON)(x)
    x = layer_normalization(f"{name}.0", EPSILON)(x)
    return layers.Conv2D(channels, 2, strides=2, name=f"{name}.1")(x)


def _block(x, channels: int, name: str):
    shortcut = x
    x = layers.DepthwiseConv2D(7, padding="same", name=f"{name}.dwconv")(x)
    x = layer_normalization(f"{name}.norm", EPSILON)(x)
    x = layers.Dense(4 * channels, name=f"{name}.pwconv1")(x)
    x = layers.Activation(_gelu, name=f"{name}.act")(x)
    x = layers.Dense(channels, name=f"{name}.pwconv2")(x)
    x = LayerScale(name=name)(x)
    return layers.Add(name=f"{name}.add")([shortcut, x])


def _gelu(x):
    return ops.gelu(x, approximate=False)


def layer_normalization(name: str, epsilon: float) -> layers.Layer:
    """Make a LayerNormalization over the channels."""
    return layers.LayerNormalization(epsilon=epsilon, name=name)


class LayerScale(layers.Layer):
    """x times a factor for each channel, learnt from nearly nothing on (Touvron 2021, arXiv 2103.17239)."""

    def build(self, shape):
        self.scale = self.add_weight((shape[-1],), lambda shape, dtype: ops.full(shape, FRESH_SCALE, dtype), name="scale")

    def call(self, x):
        return x * ops.cast(self.scale, x.dtype)
