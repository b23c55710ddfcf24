"""DeOldify: Antic 2019, https://github.com/jantic/DeOldify. A U-Net (Ronneberger 2015) that paints a whole RGB picture.

Grey picture -> ResNet encoder, five maps at 1/2 to 1/32 of the size -> two convolutions -> four U-Net blocks, each of
which doubles the map (pixel shuffle, then blur) and joins it with the encoder's map of that size -> one more doubling,
joined with the grey picture -> residual block -> RGB, of which a and b are taken. After the second U-Net block, at 1/8
of the size, comes self-attention (Zhang et al. 2018, arXiv 1805.08318).

Layer for layer the author's two released generators, `artistic` and `stable`. Their spectral and weight normalizations
are part of the weights here. The network is fine-tuned from those weights, never trained from nothing: the author did
that in several rounds, by features of a VGG and against a critic ("NoGAN").
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import Input, Model, layers, ops

from colorization.color.lab import rgb_to_lab
from colorization.config import DeoldifyConfig
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.ddcolor_layers import PixelShuffle, ShuffleBlur
from colorization.models.layers import (
    IMAGENET_DEVIATION,
    IMAGENET_MEAN,
    CropLike,
    GreyPicture,
    PadToMultiple,
    imagenet_normalization,
)
from colorization.models.losses import l1
from colorization.models.resnet import VARIANTS, convolution, normalized, resnet_maps

MULTIPLE = 32  # px; the encoder's smallest map has one place for so many
ENCODERS = {"artistic": "resnet34", "stable": "resnet101"}
ATTENTION_BLOCK = 1  # index of the U-Net block that ends in self-attention
REDUCTION = 8  # channels of the attention's map divided by those of its queries and keys
RANGE = 3.0  # the sigmoid's 0..1 stands for -3..3 deviations from ImageNet's mean


@dataclass(frozen=True)
class UnetBlock:
    """Channels of a U-Net block: `up` of the doubled map, and those of each convolution after the join."""

    up: int
    convolutions: tuple[int, ...]


def build(config: DeoldifyConfig, stats: DatasetStats) -> Colorizer:
    """Build the network, and a loss to fine-tune it by: the mean absolute error of a and b, in Lab units."""
    return Colorizer(
        network=_network(config.generator, config.width),
        decode=lambda output: output["ab"],
        objective=Objective(lambda L, ab, output: l1(ab, output["ab"])),
    )


def _network(generator: str, width: int) -> Model:
    """Return the network: L (B, H, W, 1) in 0..100, any size -> {"ab": (B, H, W, 2), Lab units}."""
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    picture = imagenet_normalization("normalize")(GreyPicture(dtype="float32", name="grey_picture")(x))
    *skips, x = resnet_maps(picture, VARIANTS[ENCODERS[generator]], width, "layers.0")
    skips, channels = skips[::-1], x.shape[-1]
    x = layers.ReLU(name="layers.2")(normalized(x, "layers.1"))
    for i, factor in enumerate((2, 1)):
        x = _conv_relu_norm(x, factor * channels, f"layers.3.{i}")
    blocks = _unet_blocks(generator, width, [channels, *(skip.shape[-1] for skip in skips)])
    for i, (block, skip) in enumerate(zip(blocks, skips, strict=True)):
        x = _unet_block(x, skip, block, f"layers.{4 + i}", attention=i == ATTENTION_BLOCK)
    x = layers.Conv2D(4 * x.shape[-1], 1, activation="relu", name="layers.8.conv.0")(x)
    x = layers.Concatenate(name="layers.9")([_shuffled(x, "layers.8"), picture])
    y = x
    for i in range(2):
        y = layers.Conv2D(x.shape[-1], 3, padding="same", activation="relu", name=f"layers.10.layers.{i}.0")(y)
    x = layers.Add(name="layers.10.layers.2")([y, x])
    # float32: half precision has 11 bits, too few for smooth colours
    x = layers.Conv2D(3, 1, activation="sigmoid", dtype="float32", name="layers.11.0")(x)
    ab = CropLike(dtype="float32", name="crop")(ColoursOfPicture(dtype="float32", name="layers.12")(x), lightness)
    return Model(lightness, {"ab": ab}, name="deoldify")


def _unet_blocks(generator: str, width: int, maps: list[int]) -> list[UnetBlock]:
    """Return the four U-Net blocks; maps: channels of the encoder's maps, from 1/32 of the size to 1/2."""
    if generator == "stable":
        return [UnetBlock(factor * width, (factor * width,)) for factor in (8, 8, 8, 4)]
    blocks, x = [], maps[0]
    for i, skip in enumerate(maps[1:]):
        joined = x // 2 + skip
        is_last = i == len(maps) - 2
        channels = int(1.5 * (joined // 2 if is_last else joined))
        blocks.append(UnetBlock(x // 2, (channels, channels)))
        x = channels
    return blocks


def _unet_block(x, skip, block: UnetBlock, name: str, attention: bool):
    """Add a U-Net block: (B, h, w, C) and the encoder's map (B, 2 h, 2 w, D) -> (B, 2 h, 2 w, last of convolutions)."""
    x = normalized(convolution(x, 4 * block.up, 1, 1, f"{name}.shuf.conv.0"), f"{name}.shuf.conv.1")
    x = _shuffled(layers.ReLU(name=f"{name}.shuf.relu")(x), f"{name}.shuf")
    skip = layers.ReLU(name=f"{name}.bn.relu")(normalized(skip, f"{name}.bn"))
    x = layers.Concatenate(name=f"{name}.join")([x, skip])
    for i, channels in enumerate(block.convolutions):
        part = f"{name}.conv{i + 1}" if len(block.convolutions) > 1 else f"{name}.conv"
        x = _conv_relu_norm(x, channels, part)
    return SelfAttention(name=f"{part}.3")(x) if attention else x


def _conv_relu_norm(x, channels: int, name: str):
    """Add a convolution of 3 x 3, ReLU, and BatchNormalization, in fastai's order."""
    x = layers.ReLU(name=f"{name}.1")(convolution(x, channels, 3, 1, f"{name}.0"))
    return normalized(x, f"{name}.2")


def _shuffled(x, name: str):
    """Add a doubling: (B, h, w, 4 C) -> (B, 2 h, 2 w, C)."""
    return ShuffleBlur(name=f"{name}.blur")(PixelShuffle(2, name=f"{name}.shuffle")(x))


class SelfAttention(layers.Layer):
    """Self-attention over the places of a map (Zhang et al. 2018, SAGAN, equations 1 to 3): (B, h, w, C) -> the same.

    With x the n = h w places, as rows (n, C), and three 1 x 1 convolutions q, k (C to C / REDUCTION) and v (C to C):

        y = x + scale * softmax(k(x) q(x)') v(x),    softmax over each row

    Queries and keys have the names that they have in the author's file, which are the reverse of the usual ones.
    Memory grows with n^2.
    """

    def __init__(self, name: str, **kwargs):
        super().__init__(name=name, **kwargs)

    def build(self, shape):
        channels = shape[-1]
        reduced = max(channels // REDUCTION, 1)
        self.query, self.key, self.value = (
            layers.Conv1D(count, 1, use_bias=False, name=f"{self.name}.{part}")
            for part, count in (("query", reduced), ("key", reduced), ("value", channels))
        )
        for part in (self.query, self.key, self.value):
            part.build((None, None, channels))
        self.scale = self.add_weight((1,), "zeros", name="scale")

    def call(self, x):
        batch, height, width, channels = ops.shape(x)
        places = ops.reshape(x, (batch, height * width, channels))
        scores = ops.matmul(self.key(places), ops.transpose(self.query(places), (0, 2, 1)))
        attended = ops.matmul(ops.softmax(scores, axis=-1), self.value(places))
        return ops.reshape(places + ops.cast(self.scale, x.dtype) * attended, (batch, height, width, channels))

    def compute_output_shape(self, shape):
        return shape


class ColoursOfPicture(layers.Layer):
    """What the sigmoid gives, (B, H, W, 3) in 0..1 -> a and b of that RGB picture, (B, H, W, 2), Lab units.

    0..1 stands for -RANGE..RANGE deviations from ImageNet's mean, channel by channel; RGB beyond 0..1 is clipped.
    """

    def call(self, x):
        mean, deviation = (ops.convert_to_tensor(each, "float32") for each in (IMAGENET_MEAN, IMAGENET_DEVIATION))
        rgb = (x * (2 * RANGE) - RANGE) * deviation + mean
        return rgb_to_lab(ops.clip(rgb, 0.0, 1.0))[..., 1:]

    def compute_output_shape(self, shape):
        return (*shape[:3], 2)
