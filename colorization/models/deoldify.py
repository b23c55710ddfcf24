"""DeOldify: Antic 2019, https://github.com/jantic/DeOldify. A U-Net that paints a whole colour picture.

A ResNet sees the grey picture as it would see a colour one. Block by block the picture is doubled (by pixel shuffle,
blurred) and joined with what the ResNet saw at that size; at an eighth of the size each place looks at all others
(Zhang et al. 2018, arXiv 1805.08318). The answer is RGB, of which a and b are taken.

Layer for layer the author's two released generators, `artistic` and `stable`; their spectral and weight normalization
is part of the weights here. It is fine-tuned from those, not trained from nothing: the author did that against a critic
and by features of a VGG, in several rounds.
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

MULTIPLE = 32  # px; what a place of the encoder's smallest map stands for
ATTENDING = 1  # number of the block whose places look at all others
NARROWING = 8  # query and key have a share of the channels
RANGE = 3.0  # deviations from ImageNet's mean that a channel of the picture may lie away


@dataclass(frozen=True)
class Doubling:
    """One block of a decoder. up: channels after the shuffle. channels: those of each of its convolutions."""

    up: int
    channels: tuple[int, ...]


def build(config: DeoldifyConfig, stats: DatasetStats) -> Colorizer:
    """Build the network and a loss to fine-tune it by: the mean absolute error of a and b, in Lab units."""
    return Colorizer(
        network=_network(config.generator, config.width),
        decode=lambda output: output["ab"],
        objective=Objective(lambda L, ab, output: l1(ab, output["ab"])),
    )


def _network(generator: str, width: int) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    picture = imagenet_normalization("normalize")(GreyPicture(dtype="float32", name="grey_picture")(x))
    variant = VARIANTS["resnet34" if generator == "artistic" else "resnet101"]
    *skips, x = resnet_maps(picture, variant, width, "layers.0")
    skips, channels = skips[::-1], x.shape[-1]
    x = layers.ReLU(name="layers.2")(normalized(x, "layers.1"))
    for i, factor in enumerate((2, 1)):
        x = _convolved(x, factor * channels, f"layers.3.{i}")
    for i, block in enumerate(_decoder(generator, width, [channels, *(skip.shape[-1] for skip in skips)])):
        x = _doubled(x, skips[i], block, f"layers.{4 + i}", attends=i == ATTENDING)
    x = layers.Conv2D(4 * x.shape[-1], 1, activation="relu", name="layers.8.conv.0")(x)
    x = _shuffled(x, "layers.8")
    x = layers.Concatenate(name="layers.9")([x, picture])
    y = x
    for i in range(2):
        y = layers.Conv2D(x.shape[-1], 3, padding="same", activation="relu", name=f"layers.10.layers.{i}.0")(y)
    x = layers.Add(name="layers.10.layers.2")([y, x])
    # float32: half precision has 11 bits, too few for smooth colours
    x = layers.Conv2D(3, 1, activation="sigmoid", dtype="float32", name="layers.11.0")(x)
    ab = CropLike(dtype="float32", name="crop")(ColoursOfPicture(dtype="float32", name="layers.12")(x), lightness)
    return Model(lightness, {"ab": ab}, name="deoldify")


def _decoder(generator: str, width: int, maps: list[int]) -> list[Doubling]:
    """Return the blocks of the decoder; maps: channels of the encoder's, the smallest first."""
    if generator == "stable":
        return [Doubling(each * width, (each * width,)) for each in (8, 8, 8, 4)]
    blocks, x = [], maps[0]
    for skip in maps[1:]:
        seen = x // 2 + skip
        last = len(blocks) == len(maps) - 2
        channels = int(1.5 * (seen // 2 if last else seen))
        blocks.append(Doubling(x // 2, (channels, channels)))
        x = channels
    return blocks


def _doubled(x, skip, block: Doubling, name: str, attends: bool):
    """Twice the size, joined with what the encoder saw there."""
    x = normalized(convolution(x, 4 * block.up, 1, 1, f"{name}.shuf.conv.0"), f"{name}.shuf.conv.1")
    x = _shuffled(layers.ReLU(name=f"{name}.shuf.relu")(x), f"{name}.shuf")
    skip = layers.ReLU(name=f"{name}.bn.relu")(normalized(skip, f"{name}.bn"))
    x = layers.Concatenate(name=f"{name}.join")([x, skip])
    for i, channels in enumerate(block.channels):
        part = f"{name}.conv{i + 1}" if len(block.channels) > 1 else f"{name}.conv"
        x = _convolved(x, channels, part)
    return SelfAttention(name=f"{part}.3")(x) if attends else x


def _convolved(x, channels: int, name: str):
    x = layers.ReLU(name=f"{name}.1")(convolution(x, channels, 3, 1, f"{name}.0"))
    return normalized(x, f"{name}.2")


def _shuffled(x, name: str):
    return ShuffleBlur(name=f"{name}.blur")(PixelShuffle(2, name=f"{name}.shuffle")(x))


class SelfAttention(layers.Layer):
    """Each place of a map (B, h, w, C) looks at all of them; what it sees, times a learnt factor, is added to it.

    With the names of the author's code: the keys are what looks, and the queries are what is looked at.
    """

    def __init__(self, name: str, **kwargs):
        super().__init__(name=name, **kwargs)

    def build(self, shape):
        channels = shape[-1]
        narrow = max(channels // NARROWING, 1)
        self.query, self.key, self.value = (
            layers.Conv1D(count, 1, use_bias=False, name=f"{self.name}.{part}")
            for part, count in (("query", narrow), ("key", narrow), ("value", channels))
        )
        for part in (self.query, self.key, self.value):
            part.build((None, None, channels))
        self.scale = self.add_weight((1,), "zeros", name="scale")

    def call(self, x):
        batch, height, width, channels = ops.shape(x)
        places = ops.reshape(x, (batch, height * width, channels))
        alike = ops.matmul(self.key(places), ops.transpose(self.query(places), (0, 2, 1)))
        seen = ops.matmul(ops.softmax(alike, axis=-1), self.value(places))
        return ops.reshape(places + ops.cast(self.scale, x.dtype) * seen, (batch, height, width, channels))

    def compute_output_shape(self, shape):
        return shape


class ColoursOfPicture(layers.Layer):
    """Shares 0..1 of the range that the picture may span, (B, H, W, 3) -> its a and b, (B, H, W, 2), Lab units."""

    def call(self, x):
        mean, deviation = (ops.convert_to_tensor(each, "float32") for each in (IMAGENET_MEAN, IMAGENET_DEVIATION))
        rgb = (x * (2 * RANGE) - RANGE) * deviation + mean
        return rgb_to_lab(ops.clip(rgb, 0.0, 1.0))[..., 1:]

    def compute_output_shape(self, shape):
        return (*shape[:3], 2)
