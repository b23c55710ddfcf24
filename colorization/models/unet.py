"""U-Net that regresses colour: Ronneberger et al. 2015, arXiv 1505.04597, with padding, normalisation and bilinear
upsampling as is usual today.

The picture is halved `depth` times while the channels double, then doubled again; at each size what was seen on the
way down is joined with what comes up, so that colours know both the scene and the edge. It predicts one colour per
pixel, the one that minimises the expected error: where several colours are plausible that is their mean (L2) or
median (L1), hence its caution.
"""

import math

from keras import Input, Model, layers, ops

from colorization.color.hsv import hsv_to_rgb, rgb_to_hsv
from colorization.color.lab import lab_to_rgb, rgb_to_lab
from colorization.config import UNetConfig
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.layers import BilinearDouble, CropLike, PadToMultiple, batch_normalization
from colorization.models.losses import REGRESSION_LOSSES

AB_RANGE = 110.0  # the sRGB gamut lies within -108..99 of a and b
GROUPS = 8  # of channels, in group normalization


def build(config: UNetConfig, stats: DatasetStats) -> Colorizer:
    """Build a U-Net with `target` ab (tanh, times 110), rgb or hsv (sigmoid, 0..1).

    Of RGB and HSV only the colour is used: L is the picture's own. The loss takes hue for a number, though it is an
    angle: between two reds, 0.01 and 0.99, the mean is cyan.
    """
    distance = REGRESSION_LOSSES[config.loss]
    if config.target == "ab":
        return Colorizer(
            network=_network(config, channels=2, activation="tanh"),
            decode=lambda output: output * AB_RANGE,
            objective=Objective(lambda L, ab, output: distance(ab, output * AB_RANGE)),
        )
    of_rgb, to_rgb = (rgb_to_hsv, hsv_to_rgb) if config.target == "hsv" else (_as_it_is, _as_it_is)

    def loss(L, ab, output):
        return distance(of_rgb(lab_to_rgb(ops.concatenate([L, ab], axis=-1))), output)

    return Colorizer(
        network=_network(config, channels=3, activation="sigmoid"),
        decode=lambda output: rgb_to_lab(to_rgb(output))[..., 1:],
        objective=Objective(loss),
    )


def _as_it_is(rgb):
    return rgb


def _network(config: UNetConfig, channels: int, activation: str) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 50, offset=-1, dtype="float32", name="normalize")(lightness)
    x = PadToMultiple(2**config.depth, name="pad")(x)
    skips = []
    for level in range(config.depth):
        x = _two_convolutions(x, config.width * 2**level, f"down{level}", config)
        skips.append(x)
        x = layers.MaxPooling2D(name=f"down{level}_halve")(x)
    x = _two_convolutions(x, config.width * 2**config.depth, "bottom", config)
    if config.dropout:
        x = layers.SpatialDropout2D(config.dropout, name="dropout")(x)
    for level in reversed(range(config.depth)):
        x = _doubled(x, config.width * 2**level, f"up{level}", config)
        if config.without != "skips":
            x = layers.Concatenate(name=f"up{level}_join")([skips[level], x])
        x = _two_convolutions(x, config.width * 2**level, f"up{level}", config)
    # float32: half precision has 11 bits, too few for smooth colours; zeros: it starts from grey, not from saturation
    colour = layers.Conv2D(
        channels, 1, activation=activation, kernel_initializer="zeros", dtype="float32", name="colour"
    )
    x = colour(x)
    x = CropLike(dtype="float32", name="crop")(x, lightness)
    return Model(lightness, x, name="unet")


def _doubled(x, channels: int, name: str, config: UNetConfig):
    """Twice the height and width. A transposed convolution of 2 x 2 has weights of its own for each place of a cell."""
    if config.doubling == "transposed":
        return layers.Conv2DTranspose(channels, 2, strides=2, name=f"{name}_transposed")(x)
    x = layers.Conv2D(channels, 1, name=f"{name}_narrow")(x)
    return BilinearDouble(name=f"{name}_double")(x)


def _two_convolutions(x, channels: int, name: str, config: UNetConfig):
    for i in (1, 2):
        # a normalization that follows has its own offset
        alone = config.normalization == "none"
        x = layers.Conv2D(channels, 3, padding="same", use_bias=alone, name=f"{name}_conv{i}")(x)
        if config.normalization == "batch":
            x = batch_normalization(momentum=0.9, name=f"{name}_norm{i}")(x)
        elif config.normalization == "group":
            x = layers.GroupNormalization(math.gcd(GROUPS, channels), name=f"{name}_norm{i}")(x)
        x = layers.ReLU(name=f"{name}_relu{i}")(x)
    return x
