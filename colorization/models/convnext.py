"""ConvNeXt (Liu et al. 2022, arXiv 2201.03545), in Keras: the encoder of the published DDColor.

Each layer has the name that its weights have in DDColor's files, so that they can be assigned by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import Input, Model, initializers, layers, ops

from colorization.models.layers import LayerNormalization, PlacedLike, Places

EPSILON = 1e-6  # of every normalization
FRESH_SCALE = 1e-6  # of each block's answer in a fresh network
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
        maps.append(LayerNormalization(epsilon=EPSILON, name=f"{PREFIX}.norm{stage}")(x))
    return Model(inputs, maps, name=name)


def _reduced(x, channels: int, stage: int):
    """Add what begins a stage: (B, H, W, 3) -> a quarter of the size for stage 0, half of the last stage's then."""
    name = f"{PREFIX}.downsample_layers.{stage}"
    if stage == 0:
        x = layers.Conv2D(channels, 4, strides=4, name=f"{name}.0")(x)
        return LayerNormalization(epsilon=EPSILON, name=f"{name}.1")(x)
    x = LayerNormalization(epsilon=EPSILON, name=f"{name}.0")(x)
    return layers.Conv2D(channels, 2, strides=2, name=f"{name}.1")(x)


def _block(x, channels: int, name: str):
    """Add a ConvNeXt block (figure 4 of the paper): depthwise 7 x 7, and two 1 x 1 that widen to 4 times and back."""
    shortcut = x
    x = layers.DepthwiseConv2D(7, padding="same", name=f"{name}.dwconv")(x)
    places = LayerNormalization(epsilon=EPSILON, name=f"{name}.norm")(Places(name=f"{name}.places")(x))
    places = layers.Dense(4 * channels, name=f"{name}.pwconv1")(places)
    places = layers.Activation(_gelu, name=f"{name}.act")(places)
    places = LayerScale(name=name)(layers.Dense(channels, name=f"{name}.pwconv2")(places))
    return layers.Add(name=f"{name}.add")([shortcut, PlacedLike(name=f"{name}.map")(places, x)])


def _gelu(x):
    """Return x times the share of a normal distribution below it. By erf: ONNX has no erfc, which Keras' own takes."""
    return 0.5 * x * (ops.erf(x / 2**0.5) + 1)


class LayerScale(layers.Layer):
    """x times a factor for each channel, learnt from nearly nothing on (Touvron 2021, arXiv 2103.17239)."""

    def build(self, shape):
        self.scale = self.add_weight((shape[-1],), initializers.Constant(FRESH_SCALE), name="scale")

    def call(self, x):
        return x * ops.cast(self.scale, x.dtype)
