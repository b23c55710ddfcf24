"""MobileNetV2 (Sandler 2018, arXiv 1801.04381) as the eye of a colorizer: from ImageNet it knows what things are.

The encoder sees the grey picture as it would see a colour one, and halves it five times. The decoder doubles three
times, up to a quarter of the picture's size, and joins at each size what the encoder saw there; what the whole picture
shows is added at the deepest place. The answer is a distribution over 313 colours (bin_head.py), or one colour.
"""

import dataclasses
from pathlib import Path

import keras
from keras import Input, Model, layers, ops

from colorization.color.bins import BINS, annealed_mean
from colorization.config import MobileNetConfig
from colorization.errors import InputError
from colorization.imagenet import NETWORKS, fetch_weights, read_network, settled_backbone
from colorization.losses import REGRESSION_LOSSES
from colorization.models.bin_head import bin_colorizer
from colorization.models.classification_summaries import summaries
from colorization.models.colorizer import Colorizer, Facts
from colorization.models.encoders import FixedNormalization
from colorization.models.layers import BilinearDouble, GreyPicture, PadToMultiple, batch_normalization, mirrored

ENCODER, IMAGENET_WIDTH = "mobilenet_v2", 32
MULTIPLE, STRIDE = 32, 4  # px: what a place of the encoder's smallest map stands for, and one of the answer
AB_RANGE = 110.0  # the sRGB gamut lies within -108..99 of a and b
DEEPEST = "block_16_project_BN"
MOMENTUM = 0.9  # of the decoder's statistics: at a rate of 2e-3 those of 100 steps ago are of another network
SKIPS = ("block_13_expand_relu", "block_6_expand_relu", "block_3_expand_relu")  # at 1/16, 1/8, 1/4 of the size


def build(config: MobileNetConfig, facts: Facts) -> Colorizer:
    """The network with a head of 313 logits, or of ab. Raises InputError for a width that MobileNetV2 has not."""
    if config.width % 8:
        raise InputError(f"--width {config.width}: MobileNetV2 has multiples of 8; give {config.width // 8 * 8 or 8}")
    encoder = _encoder(config)
    colorizer = _with_bins(encoder, config, facts) if config.target == "bins" else _with_ab(encoder, config)
    learnt = config.backbone not in ("none", "auto")
    return dataclasses.replace(
        colorizer,
        start=lambda: start_from(config.backbone, encoder),
        rates={variable.path: config.encoder_rate for variable in encoder.trainable_variables} if learnt else {},
    )


def settle(config: MobileNetConfig, facts: Facts) -> tuple[MobileNetConfig, list[str]]:
    """The same with what `--backbone auto` comes to here, and a line about it."""
    backbone, lines = settled_backbone(config.backbone, ENCODER, config.width, IMAGENET_WIDTH)
    return dataclasses.replace(config, backbone=backbone), lines


def start_from(backbone: str, encoder: Model) -> None:
    """Give the encoder ImageNet's weights, or those of a file that keras.applications.MobileNetV2 reads.

    Raises InputError if the weights are not there or do not fit.
    """
    if backbone in ("none", "auto"):
        return
    if encoder.get_layer("Conv1").filters != IMAGENET_WIDTH:
        raise InputError(f"--backbone {backbone} has width {IMAGENET_WIDTH}; give --width {IMAGENET_WIDTH}")
    file = fetch_weights(NETWORKS[ENCODER].headless) if backbone == "imagenet" else Path(backbone)
    trained = read_network(ENCODER, file)
    for layer in encoder.layers:
        layer.set_weights(trained.get_layer(layer.name).get_weights() if layer.weights else [])


def _with_bins(encoder: Model, config: MobileNetConfig, facts: Facts) -> Colorizer:
    colorizer = bin_colorizer(
        _network(encoder, config.width, "logits", len(BINS)),
        "logits",
        lambda output, temperature: annealed_mean(output["logits"], temperature),
        facts,
        rebalance=config.rebalance,
        temperature=config.temperature,
        stride=STRIDE,
        multiple=MULTIPLE,
    )
    return dataclasses.replace(colorizer, summaries=lambda L, ab: summaries(colorizer, facts.prior, L))


def _with_ab(encoder: Model, config: MobileNetConfig) -> Colorizer:
    distance = REGRESSION_LOSSES[config.loss]

    def to_ab(output):
        return ops.tanh(output["ab"]) * AB_RANGE

    def loss(L, ab, output):
        cells = ops.average_pool(mirrored(ab, MULTIPLE), STRIDE, STRIDE)
        return distance(cells, to_ab(output))

    return Colorizer(network=_network(encoder, config.width, "ab", 2), to_ab=to_ab, loss=loss, stride=STRIDE)


def _encoder(config: MobileNetConfig) -> Model:
    """Keras' MobileNetV2 up to its last block -> its maps at 1/16, 1/8, 1/4 and 1/32 of the size."""
    whole = keras.applications.MobileNetV2(
        input_shape=(None, None, 3), alpha=config.width / IMAGENET_WIDTH, include_top=False, weights=None
    )
    maps = Model(whole.input, [whole.get_layer(name).output for name in (*SKIPS, DEEPEST)], name=ENCODER)
    learnt = config.backbone not in ("none", "auto")

    def own_normalization(layer):
        if not isinstance(layer, layers.BatchNormalization):
            return layer.__class__.from_config(layer.get_config())
        if learnt:
            return FixedNormalization(epsilon=layer.epsilon, name=layer.name)
        return batch_normalization(epsilon=layer.epsilon, name=layer.name)

    return keras.models.clone_model(maps, clone_function=own_normalization)


def _network(encoder: Model, width: int, head: str, channels: int) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    x = GreyPicture(dtype="float32", name="grey_picture")(x)
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="grey_for_mobilenet")(x)
    *skips, x = encoder(x)
    x = _convolution(x, 8 * width, 1, "deepest")
    scene = layers.GlobalAveragePooling2D(keepdims=True, name="gather")(x)
    x = layers.Add(name="scene_everywhere")([x, layers.Dense(8 * width, name="scene")(scene)])
    for i, (skip, multiple) in enumerate(zip(skips, (6, 4, 3), strict=True), start=1):
        x = BilinearDouble(name=f"up{i}_double")(x)
        skip = _convolution(skip, multiple * width // 2, 1, f"up{i}_skip")
        x = layers.Concatenate(name=f"up{i}_join")([x, skip])
        x = _convolution(x, multiple * width, 3, f"up{i}")
    x = _convolution(x, 3 * width, 3, "last")
    # float32: half precision has 11 bits, too few for smooth colours; zeros: it starts from grey, or from all alike
    x = layers.Conv2D(channels, 1, kernel_initializer="zeros", dtype="float32", name=head)(x)
    return Model(lightness, {head: x}, name="mobilenet")


def _convolution(x, channels: int, side: int, name: str):
    x = layers.Conv2D(channels, side, padding="same", use_bias=False, name=name)(x)
    x = batch_normalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
