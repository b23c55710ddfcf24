"""Colorization guided by hints: Zhang et al. 2017, "Real-Time User-Guided Image Colorization with Learned Deep Priors",
arXiv 1705.02999.

A regression that takes the colours of a few pixels: ab and a mask are inputs beside L, and the network carries them
to what belongs to them. Without hints it colours on its own. Three skips bring it to full size; a class head on the
features at a quarter of the size, needed in training only, keeps them aware of what may be red or blue.

Layer for layer the authors' released network. It is fine-tuned from their weights, not trained from nothing: they did
that in two stages, on all of ImageNet.
"""

import keras
import numpy as np
from keras import Input, Model, layers, ops

from colorization.config import Siggraph17Config
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.layers import CropLike, PadToMultiple, mirrored
from colorization.models.zhang_blocks import block, convolution, dilated_blocks, doubling

AB_RANGE = 110.0  # Lab units
STEP, SIDE = 10, 23  # the class head's bins: a and b from -110 to 110, all of the square
HEAD_STRIDE = 4  # px between the pixels that the class head is asked for
NEARLY_GREY = 5.0  # Lab units; a picture whose ab span less teaches nothing but grey
REGRESSION_WEIGHT = 10.0  # of the regression beside the class head's cross-entropy
STOP_HINTS = 1 / 8  # chance that a hint was the last one
LARGEST_HINT = 9  # px, side of a patch


def build(config: Siggraph17Config, stats: DatasetStats) -> Colorizer:
    """Build the network; `hint_ab` (Lab units, 0 where there is none) and `hint_mask` (1 at hints) are conditions."""
    return Colorizer(
        network=_network(config.width),
        decode=lambda output: AB_RANGE * output["ab"],
        objective=Objective(_loss, sample_conditions=random_hints),
        conditions={"hint_ab": None, "hint_mask": None},
    )


def _network(width: int) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    hint_ab = Input((None, None, 2), name="hint_ab")
    hint_mask = Input((None, None, 1), name="hint_mask")
    L = layers.Rescaling(1 / 100, offset=-0.5, dtype="float32", name="normalize")(lightness)
    hints = layers.Rescaling(1 / AB_RANGE, dtype="float32", name="normalize_hints")(hint_ab)
    x = layers.Concatenate(dtype="float32", name="inputs")([L, hints, hint_mask])
    x = PadToMultiple(8, name="pad")(x)
    one = block(x, "model1", [(width, 1, 1)] * 2)
    two = block(_every_second(one, "model1_halve"), "model2", [(2 * width, 1, 1)] * 2)
    three = block(_every_second(two, "model2_halve"), "model3", [(4 * width, 1, 1)] * 3)
    x = dilated_blocks(_every_second(three, "model3_halve"), 8 * width)
    x = layers.Add(name="join8")(
        [doubling(x, "model8up_0", 4 * width), convolution(three, "model3short8_0", 4 * width)]
    )
    eight = block(layers.ReLU(name="model8_0")(x), "model8", [(4 * width, 1, 1)] * 2, start=1)
    x = layers.Add(name="join9")(
        [doubling(eight, "model9up_0", 2 * width), convolution(two, "model2short9_0", 2 * width)]
    )
    x = block(layers.ReLU(name="model9_0")(x), "model9", [(2 * width, 1, 1)], start=1)
    x = layers.Add(name="join10")(
        [doubling(x, "model10up_0", 2 * width), convolution(one, "model1short10_0", 2 * width)]
    )
    x = convolution(layers.ReLU(name="model10_0")(x), "model10_1", 2 * width)
    x = layers.LeakyReLU(negative_slope=0.2, name="model10_2")(x)
    # float32: half precision has 11 bits, too few for smooth colours
    x = layers.Conv2D(2, 1, activation="tanh", dtype="float32", name="model_out_0")(x)
    ab = CropLike(dtype="float32", name="crop")(x, lightness)
    # the class head learns from the features, but does not pull at them
    classes = layers.Conv2D(SIDE**2, 1, dtype="float32", name="model_class_0")(ops.stop_gradient(eight))
    return Model([lightness, hint_ab, hint_mask], {"ab": ab, "classes": classes}, name="siggraph17")


def _every_second(x, name: str):
    """Rows and columns 0, 2, 4 ..: the largest of one."""
    return layers.MaxPooling2D(1, strides=2, name=name)(x)


def _loss(L, ab, output):
    """Cross-entropy of the class head + 10 (|a error| + |b error|) / 110, of pictures that are not nearly grey."""
    span = ops.max(ab, axis=(1, 2)) - ops.min(ab, axis=(1, 2))
    colourful = ops.cast(ops.any(span >= NEARLY_GREY, axis=-1), "float32")
    distance = ops.mean(ops.sum(ops.abs(ab / AB_RANGE - output["ab"]), axis=-1), axis=(1, 2))
    pixels = mirrored(ab, 8)[:, ::HEAD_STRIDE, ::HEAD_STRIDE]
    steps = ops.cast(ops.round(ops.clip(pixels, -AB_RANGE, AB_RANGE) / STEP), "int32") + SIDE // 2
    entropy = keras.losses.sparse_categorical_crossentropy(
        steps[..., 0] * SIDE + steps[..., 1], output["classes"], from_logits=True
    )
    return ops.mean(colourful * (ops.mean(entropy, axis=(1, 2)) + REGRESSION_WEIGHT * distance))


def random_hints(L: np.ndarray, ab: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw hints as a user might, from the true ab (B, H, W, 2): hint_ab of its shape, hint_mask (B, H, W, 1).

    Square patches of side 1..9 px, each of the mean of the true colours under it; their number is geometric (none in
    one picture of eight), their middles are normal around the picture's, with a quarter of its size as deviation. As
    the authors' training code.
    """
    hints, mask = np.zeros_like(ab), np.zeros_like(ab[..., :1])
    size = np.array(ab.shape[1:3])
    for picture in range(len(ab)):
        for _ in range(random.geometric(STOP_HINTS) - 1):
            side = random.integers(1, LARGEST_HINT + 1)
            start = random.normal(size / 2, size / 4) - side / 2
            top, left = np.clip(start, 0, np.maximum(size - side, 0)).astype(int)
            patch = (picture, slice(top, top + side), slice(left, left + side))
            hints[patch] = ab[patch].mean(axis=(0, 1))
            mask[patch] = 1
    return {"hint_ab": hints, "hint_mask": mask}
