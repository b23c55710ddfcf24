"""Colorization as classification: Zhang, Isola, Efros 2016, "Colorful Image Colorization", arXiv 1603.08511.

Instead of one colour, the network says how likely each of 313 colours is. A car that may be red or blue then keeps
both answers, where a regression gives their mean, brown. The loss weighs rare colours up (`rebalance`), and the
temperature chooses how bold an answer is taken from the distribution: its mean (1) or its most likely colour (0).

At width 64 and 256 px this is the authors' released network (eccv16), layer for layer, and its weights fit.
"""

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
from keras import Input, Model, layers, ops

from colorization.color.gamut import BINS, annealed, rebalancing_weights, soft_encode
from colorization.config import ClassificationConfig
from colorization.errors import InputError
from colorization.losses import distribution_cross_entropy, distribution_entropy
from colorization.models.classification_summaries import summaries
from colorization.models.colorizer import Colorizer, Facts
from colorization.models.layers import PadToMultiple, mirrored
from colorization.models.zhang_blocks import block, convolution, dilated_blocks, doubling

AB_RANGE = 110.0  # the unit of model_out's weights, Lab units
NEARLY_GREY = 5.0  # Lab units; a picture whose a and b all lie within it teaches nothing but grey
DEEPEST = 8  # px; the smallest side that the training crops are halved to
MOST_HALVINGS = 3  # as published
MOST_WEIGHT = 1000.0  # of a bin, times the average pixel's; ImageNet's rarest has 6 at the paper's lambda


def build(config: ClassificationConfig, facts: Facts) -> Colorizer:
    """The network, its bin centres frozen in `model_out`. Raises InputError for weights that no training survives."""
    halvings = halvings_at(facts.size)
    network = _network(config.width, halvings)
    stride = 2 ** (halvings - 1)
    model_out = network.get_layer("model_out")
    weights = loss_weights(facts.prior, config.rebalance)

    def shares_and_weights(ab):
        ab = cell_middles(mirrored(ab, 2 * stride), stride)
        shares = ops.stop_gradient(soft_encode(ab))
        colourful = ops.any(ops.abs(ab) > NEARLY_GREY, axis=(1, 2, 3), keepdims=True)[..., 0]
        return shares, ops.take(weights, ops.argmax(shares, axis=-1)) * ops.cast(colourful, "float32")

    def loss(L, ab, output):
        shares, weight = shares_and_weights(ab)
        return ops.mean(weight * distribution_cross_entropy(shares, output["logits"]))

    def floor(L, ab):
        shares, weight = shares_and_weights(ab)
        return ops.mean(weight * distribution_entropy(shares))

    def to_ab(output, temperature):
        return AB_RANGE * model_out(annealed(output["logits"], temperature))

    def soften(factor):
        for weight in network.get_layer("model8_6").weights:
            weight.assign(weight * factor)

    colorizer = Colorizer(
        network=network,
        to_ab=to_ab,
        loss=loss,
        conditions={"temperature": config.temperature},
        stride=stride,
        floor=floor,
        distribution=lambda output: annealed(output["logits"], 1.0),
        soften=soften,
    )
    return dataclasses.replace(colorizer, summaries=lambda L, ab: summaries(colorizer, facts.prior, L))


def cell_middles(ab, stride: int):
    """ab (B, H, W, 2), H and W multiples of `stride` -> colours in the middles of the grid's cells, (B, h, w, 2).

    The middle of 2 x 2 or 4 x 4 pixels lies between four of them: their mean. One of them would shift all colours by
    half a pixel, the mean of the whole cell would be paler.
    """
    if stride == 1:
        return ab
    rows = (ab[:, stride // 2 - 1 :: stride] + ab[:, stride // 2 :: stride]) / 2
    return (rows[:, :, stride // 2 - 1 :: stride] + rows[:, :, stride // 2 :: stride]) / 2


def loss_weights(prior: Sequence[float], lam: float) -> np.ndarray:
    """Weight of each bin, float32 (313,), on average 1 a pixel; 1 for all where no prior is known.

    Raises InputError if the rarest colour would count so much that training follows a handful of pixels.
    """
    if not prior:
        return np.ones(len(BINS), np.float32)
    weights = rebalancing_weights(np.array(prior), lam)
    if weights.max() > MOST_WEIGHT:
        a, b = BINS[weights.argmax()]
        raise InputError(
            f"--rebalance {lam:g} gives the colour a={a:.0f}, b={b:.0f}, which this data set hardly holds, "
            f"{weights.max():,.0f} times the weight of the average pixel; give a larger one, such as 0.1"
        )
    return weights.astype(np.float32)


def halvings_at(size: int) -> int:
    """How often pictures are halved that are trained on at `size` px: three times, but never to less than 8 px.

    256, 128 and 64 px: 3 times, colours on a grid of a quarter of the size. 32 px: twice, a half. 16 px: once.
    """
    return int(np.clip(np.log2(size / DEEPEST), 1, MOST_HALVINGS))


def _network(width: int, halvings: int) -> Model:
    """L -> logits (B, h, w, 313), and ab / 110 as published, without a temperature (B, h, w, 2)."""
    stride = [2 if i < halvings else 1 for i in range(MOST_HALVINGS)]
    lightness = Input((None, None, 1), name="lightness")
    x = layers.Rescaling(1 / 100, offset=-0.5, dtype="float32", name="normalize")(lightness)
    x = PadToMultiple(2**halvings, name="pad")(x)
    x = block(x, "model1", [(width, 1, 1), (width, stride[0], 1)])
    x = block(x, "model2", [(2 * width, 1, 1), (2 * width, stride[1], 1)])
    x = block(x, "model3", [(4 * width, 1, 1), (4 * width, 1, 1), (4 * width, stride[2], 1)])
    x = dilated_blocks(x, 8 * width)
    x = layers.ReLU(name="model8_1")(doubling(x, "model8_0", 4 * width))
    x = layers.ReLU(name="model8_3")(convolution(x, "model8_2", 4 * width))
    x = layers.ReLU(name="model8_5")(convolution(x, "model8_4", 4 * width))
    # float32: half precision has 11 bits, too few for smooth colours
    logits = layers.Conv2D(len(BINS), 1, dtype="float32", name="model8_6")(x)
    centres = keras.initializers.Constant(BINS[None, None] / AB_RANGE)
    model_out = layers.Conv2D(
        2, 1, use_bias=False, kernel_initializer=centres, trainable=False, dtype="float32", name="model_out"
    )
    ab = model_out(layers.Softmax(dtype="float32", name="softmax")(logits))
    return Model(lightness, {"logits": logits, "ab": ab}, name="classification")
