"""A network that says how likely each of 313 colours is, as a Colorizer: its truth, its weighted loss, its answer.

Zhang, Isola, Efros 2016, arXiv 1603.08511, section 2. Instead of one colour, the network tells a distribution. A car
that may be red or blue then keeps both answers, where a regression gives their mean, brown. The loss weighs rare
colours up, and the temperature chooses how bold an answer is: the distribution's mean (1) or its likeliest colour (0).
"""

from collections.abc import Callable, Sequence

import numpy as np
from keras import Model, ops

from colorization.color.bins import BINS, rebalancing_weights, soft_encode
from colorization.errors import InputError
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.layers import mirrored
from colorization.models.losses import distribution_cross_entropy, distribution_entropy

NEARLY_GREY = 5.0  # Lab units; a picture whose a and b all lie within it teaches nothing but grey
MOST_WEIGHT = 1000.0  # of a bin, times the average pixel's; ImageNet's rarest has 6 at the paper's lambda


def bin_colorizer(
    network: Model,
    logits_layer: str,
    decode: Callable,
    stats: DatasetStats,
    *,
    rebalance: float,
    temperature: float,
    stride: int,
    multiple: int,
) -> Colorizer:
    """Return the Colorizer of a network whose output has "logits" (B, h, w, 313).

    logits_layer: name of the layer that gives them. decode: (output, temperature) -> ab on the grid. rebalance: lambda
    of the loss' weights. stride: pixels that a cell is wide; multiple: of which the network mirrors pictures.
    Raises InputError for weights that no training survives.
    """
    weights = loss_weights(stats.prior, rebalance)

    def targets(ab):
        return _shares_and_weights(cell_middles(mirrored(ab, multiple), stride), weights)

    def loss(L, ab, output):
        shares, weight = targets(ab)
        return ops.mean(weight * distribution_cross_entropy(shares, output["logits"]))

    def lower_bound(L, ab):
        shares, weight = targets(ab)
        return ops.mean(weight * distribution_entropy(shares))

    def scale_logits(factor):
        for weight in network.get_layer(logits_layer).weights:
            weight.assign(weight * factor)

    objective = Objective(loss, lower_bound, scale_logits=scale_logits)
    return Colorizer(
        network=network, decode=decode, objective=objective, conditions={"temperature": temperature}, stride=stride
    )


def _shares_and_weights(ab, weights) -> tuple:
    """Return the shares of the bins (B, h, w, 313) of ab (B, h, w, 2), and each cell's weight; 0 in grey pictures."""
    shares = ops.stop_gradient(soft_encode(ab))
    colourful = ops.any(ops.abs(ab) > NEARLY_GREY, axis=(1, 2, 3), keepdims=True)[..., 0]
    return shares, ops.take(weights, ops.argmax(shares, axis=-1)) * ops.cast(colourful, "float32")


def cell_middles(ab, stride: int):
    """Return ab (B, h, w, 2) in the middles of cells of `stride` px; ab (B, H, W, 2), H and W multiples of it.

    The middle of 2 x 2 or 4 x 4 pixels lies between four of them: their mean. One of them would shift all colours by
    half a pixel, the mean of the whole cell would be paler.
    """
    if stride == 1:
        return ab
    rows = (ab[:, stride // 2 - 1 :: stride] + ab[:, stride // 2 :: stride]) / 2
    return (rows[:, :, stride // 2 - 1 :: stride] + rows[:, :, stride // 2 :: stride]) / 2


def loss_weights(prior: Sequence[float], lam: float) -> np.ndarray:
    """Return the weight of each bin, float32 (313,), on average 1 a pixel; 1 for all where no prior is known.

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
