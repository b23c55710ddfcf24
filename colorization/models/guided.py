"""A U-Net whose encoder was pretrained on ImageNet, guided by whatever is known of the colours.

The encoder sees the grey picture as it would see a colour one, and halves it five times. The decoder doubles three
times, up to a quarter of the picture's size, and joins at each size what the encoder saw there. What the whole picture
shows is told to every level of the decoder (feature-wise scale and shift, FiLM: Perez 2018, arXiv 1709.07871).

It gives one colour and how far the true one may lie from it (a normal distribution: Nix and Weigend 1994). One training
run teaches it to colour with any of these known, or none: colours at places (hints, Zhang 2017, arXiv 1705.02999), the
colour distribution of another picture (a reference), the colour of the light on white things, the mean chroma.
"""

from keras import Input, Model, layers, ops

from colorization.color.bins import BINS
from colorization.config import GuidedConfig
from colorization.models.colorizer import Colorizer, DatasetStats, Objective
from colorization.models.encoders import build_encoder, load_encoder, scale_for
from colorization.models.guidance import sample_guidance
from colorization.models.layers import BilinearDouble, GreyPicture, PadToMultiple, batch_normalization, mirrored
from colorization.models.losses import REGRESSION_LOSSES
from colorization.models.perceptual import PretrainedEye

MULTIPLE, STRIDE = 32, 4  # px: what a place of the encoder's smallest map stands for, and one of the answer
AB_RANGE = 110.0  # Lab units; the sRGB gamut lies within -108..99 of a and b
MOMENTUM = 0.9  # of the decoder's statistics: at a rate of 2e-3 those of 100 steps ago are of another network
CHANNELS = (6, 4, 3)  # of the decoder at 1/16, 1/8 and 1/4 of the size, times the width; 8 at 1/32
SPREAD = 20.0  # Lab units; the spread of a network that knows nothing
SPREAD_WEIGHT = 10.0  # of the spread's likelihood beside the squared error
KEYS = 256  # most places with hints that the others are compared with
EYE = "efficientnet_lite0"  # that the perceptual loss sees with: the quickest
NEVER = -3e4  # the logit of a place without a hint, also in half precision


def build(config: GuidedConfig, stats: DatasetStats) -> Colorizer:
    """Build the network, with the conditions of `guidance` as further inputs."""
    encoder, skips = build_encoder(config.encoder)
    network = _network(encoder, skips, config)
    distance = REGRESSION_LOSSES[config.loss]
    eye = PretrainedEye(EYE) if config.perceptual_weight else None
    learnt = encoder.trainable_variables if config.encoder != "none" else ()

    def loss(L, ab, output):
        cells = ops.average_pool(mirrored(ab, MULTIPLE), STRIDE, STRIDE)
        predicted = AB_RANGE * ops.tanh(output["ab"])
        squared = ops.sum(ops.square(cells - ops.stop_gradient(predicted)), axis=-1, keepdims=True)
        variance = ops.square(output["spread"])
        unlikely = ops.mean(squared / variance / 2 + ops.log(variance / SPREAD**2))
        total = distance(cells, predicted) + SPREAD_WEIGHT * unlikely
        if eye:
            total += config.perceptual_weight * eye.distance(mirrored(L, MULTIPLE), cells, predicted)
        return total

    return Colorizer(
        network=network,
        decode=lambda output: AB_RANGE * ops.tanh(output["ab"]),
        objective=Objective(
            loss,
            sample_conditions=sample_guidance,
            initialize=lambda: load_encoder(encoder, config.encoder, config.encoder_weights),
            prepare=eye.load if eye else None,
            lr_multipliers={v.path: config.encoder_rate for v in learnt},
        ),
        conditions={x.name: None for x in network.inputs[1:]},
        stride=STRIDE,
    )


def _network(encoder: Model, skips: list, config: GuidedConfig) -> Model:
    width = config.width
    lightness = Input((None, None, 1), name="lightness")
    hint_ab, hint_mask = Input((None, None, 2), name="hint_ab"), Input((None, None, 1), name="hint_mask")
    white, chroma = Input((3,), name="white"), Input((2,), name="chroma")
    reference = Input((len(BINS),), name="reference")

    hints = _hints_by_cell(hint_ab, hint_mask)
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    x = GreyPicture(dtype="float32", name="grey_picture")(x)
    x = scale_for(config.encoder)(x)
    *seen, x = Model(encoder.input, [*skips, encoder.output], name=encoder.name)(x)

    x = layers.Concatenate(name="deepest_join")([x, hints[32]])
    x = _convolution(x, 8 * width, 1, "deepest")
    known = layers.Concatenate(name="known")([white, chroma, ops.sqrt(reference)])
    known = layers.Dense(8 * width, activation="relu", name="known_dense")(known)
    scene = layers.GlobalAveragePooling2D(name="gather")(x)
    scene = layers.Concatenate(name="scene_join")([scene, known])
    scene = layers.Dense(8 * width, activation="relu", name="scene")(scene)
    x = _told(x, scene, "deepest")
    for size, skip, multiple in zip((16, 8, 4), reversed(seen), CHANNELS, strict=True):
        # projected first: to double few channels, and to filter few, is half of a decoder's time
        x = BilinearDouble(name=f"up{size}_double")(_convolution(x, multiple * width // 2, 1, f"up{size}_project"))
        skip = _convolution(skip, multiple * width // 2, 1, f"up{size}_skip")
        x = layers.Concatenate(name=f"up{size}_join")([x, skip, hints[size]])
        x = _told(_convolution(x, multiple * width, 3, f"up{size}"), scene, f"up{size}")
        if size == 8:
            x = layers.Concatenate(name="alike_join")([x, HintsOfAlike(width, KEYS, name="alike")(x, hints[8])])
    x = _told(_convolution(x, 3 * width, 3, "last"), scene, "last")
    # float32: half precision has 11 bits, too few for smooth colours; zeros: it starts from grey
    ab = layers.Conv2D(2, 1, kernel_initializer="zeros", dtype="float32", name="ab")(x)
    log_spread = layers.Conv2D(1, 1, kernel_initializer="zeros", dtype="float32", name="log_spread")(x)
    spread = SPREAD * ops.exp(log_spread)
    return Model([lightness, hint_ab, hint_mask, white, chroma, reference], {"ab": ab, "spread": spread}, name="guided")


def _hints_by_cell(hint_ab, hint_mask) -> dict:
    """Return the hints' ab, in units of AB_RANGE, and their mask on the encoder's grids, by the px of a cell."""
    scaled = layers.Rescaling(1 / AB_RANGE, dtype="float32", name="scale_hints")(hint_ab)
    hints = layers.Concatenate(dtype="float32", name="hints")([scaled, hint_mask])
    hints = PadToMultiple(MULTIPLE, dtype="float32", name="pad_hints")(hints)
    by_cell = {4: HintCells(4, dtype="float32", name="hints_4")(hints)}
    for size in (8, 16, 32):
        by_cell[size] = HintCells(2, dtype="float32", name=f"hints_{size}")(by_cell[size // 2])
    return by_cell


def _convolution(x, channels: int, side: int, name: str):
    x = layers.Conv2D(channels, side, padding="same", use_bias=False, name=name)(x)
    x = batch_normalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _told(x, scene, name: str):
    """Scale and shift the channels of a map by what the scene says; at first it says nothing."""
    scale = layers.Dense(x.shape[-1], kernel_initializer="zeros", name=f"{name}_scale")(scene)
    shift = layers.Dense(x.shape[-1], kernel_initializer="zeros", name=f"{name}_shift")(scene)
    return Film(name=f"{name}_film")(x, scale, shift)


class Film(layers.Layer):
    """x (B, h, w, C), scale and shift (B, C) -> x (1 + scale) + shift."""

    def call(self, x, scale, shift):
        return x * (1 + scale[:, None, None]) + shift[:, None, None]

    def compute_output_shape(self, x_shape, scale_shape, shift_shape):
        return x_shape


class HintCells(layers.Layer):
    """Hints (B, H, W, 3), a and b and where they are known (0..1) -> the same of cells `side` places wide.

    The colour of a cell is the mean of what is known in it; a cell with nothing known has 0. How much of it is known
    is the largest share, so that a hint of one pixel counts on every level.
    """

    def __init__(self, side: int, **kwargs):
        super().__init__(**kwargs)
        self.side = side

    def call(self, hints):
        ab, mask = hints[..., :2], hints[..., 2:]
        share = ops.average_pool(mask, self.side, self.side)
        ab = ops.average_pool(ab * mask, self.side, self.side) / ops.maximum(share, 1e-6)
        return ops.concatenate([ab, ops.max_pool(mask, self.side, self.side)], axis=-1)

    def compute_output_shape(self, shape):
        return (shape[0], *(side and side // self.side for side in shape[1:3]), 3)


class HintsOfAlike(layers.Layer):
    """Carries hints to what looks alike, however far away: attention (Vaswani 2017) from every place to the hinted.

    x (B, h, w, C), hints (B, h, w, 3) -> (B, h, w, 3): mean colour of the hinted places that are like a place, and how
    like they are, 0..1 (0 where there are no hints). Compared with at most `keys` places.
    """

    def __init__(self, depth: int, keys: int, **kwargs):
        super().__init__(**kwargs)
        self.depth, self.keys = depth, keys
        self.query = layers.Conv2D(depth, 1, name="query")
        self.key = layers.Conv2D(depth, 1, name="key")
        self.none = layers.Conv2D(1, 1, name="none")

    def build(self, x_shape, hints_shape):
        for layer in (self.query, self.key, self.none):
            layer.build(x_shape)

    def call(self, x, hints):
        batch, height, width = ops.shape(x)[0], ops.shape(x)[1], ops.shape(x)[2]
        places = height * width
        query = ops.reshape(self.query(x), (batch, places, self.depth)) / self.depth**0.5
        hints = ops.cast(ops.reshape(hints, (batch, places, 3)), query.dtype)
        count = min(places, self.keys) if isinstance(places, int) else ops.minimum(places, self.keys)
        _, chosen = ops.top_k(hints[..., 2], count)
        chosen = ops.expand_dims(chosen, -1)
        key = ops.take_along_axis(ops.reshape(self.key(x), (batch, places, self.depth)), chosen, axis=1)
        known = ops.take_along_axis(hints, chosen, axis=1)
        absent = ops.cast(ops.where(known[..., 2] > 0, 0.0, NEVER), query.dtype)
        alike = ops.matmul(query, ops.transpose(key, (0, 2, 1))) + ops.expand_dims(absent, 1)
        none = ops.reshape(self.none(x), (batch, places, 1))
        share = ops.softmax(ops.concatenate([alike, none], axis=-1), axis=-1)[..., :-1]
        value = ops.concatenate([known[..., :2], ops.ones_like(known[..., 2:])], axis=-1)
        return ops.reshape(ops.matmul(share, value), (batch, height, width, 3))

    def compute_output_shape(self, x_shape, hints_shape):
        return (*x_shape[:3], 3)
