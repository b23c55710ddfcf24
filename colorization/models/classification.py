"""Colorization as classification: Zhang, Isola, Efros 2016, "Colorful Image Colorization", arXiv 1603.08511.

The network says how likely each of 313 colours is; what that means for truth, loss and answer stands in bin_head.py.
At width 64 and 256 px this is the authors' released network (eccv16), layer for layer, and its weights fit.
"""

import dataclasses

import keras
import numpy as np
from keras import Input, Model, layers

from colorization.color.bins import BINS, annealed
from colorization.config import ClassificationConfig
from colorization.models.bin_head import bin_colorizer
from colorization.models.classification_summaries import summaries
from colorization.models.colorizer import Colorizer, DatasetStats
from colorization.models.layers import PadToMultiple
from colorization.models.zhang_blocks import block, convolution, dilated_blocks, doubling

AB_RANGE = 110.0  # the unit of model_out's weights, Lab units
DEEPEST = 8  # px; the smallest side that the training crops are halved to
MOST_HALVINGS = 3  # as published


def build(config: ClassificationConfig, stats: DatasetStats) -> Colorizer:
    """Build the network, its bin centres frozen in `model_out`. Raises InputError for weights too far apart."""
    halvings = halvings_at(stats.size)
    network = _network(config.width, halvings)
    model_out = network.get_layer("model_out")
    colorizer = bin_colorizer(
        network,
        "model8_6",
        lambda output, temperature: AB_RANGE * model_out(annealed(output["logits"], temperature)),
        stats,
        rebalance=config.rebalance,
        temperature=config.temperature,
        stride=2 ** (halvings - 1),
        multiple=2**halvings,
    )
    objective = dataclasses.replace(colorizer.objective, summaries=lambda L, ab: summaries(colorizer, stats.prior, L))
    return dataclasses.replace(colorizer, objective=objective)


def halvings_at(size: int) -> int:
    """Return how often pictures are halved that are trained on at `size` px: three times, but never to less than 8 px.

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
