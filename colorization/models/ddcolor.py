"""DDColor: Kang et al., ICCV 2023, "Towards Photo-Realistic Image Colorization via Dual Decoders", arXiv 2212.11613.

An encoder sees the grey picture as it would see a colour one. From what it saw, one decoder makes features of every
pixel, and another makes colours: learnt queries that look, by attention, where in the picture they belong. What a query
means to a pixel is the inner product of both.

With a ConvNeXt as encoder, at width 256 and with 100 queries, this is the authors' released network, layer for layer;
their spectral normalization is part of the weights here. With a smaller encoder and fewer channels it is trained from
nothing. The losses are the paper's, but for the features that pictures are compared by: the encoder's own, not VGG's.
"""

from keras import Input, Model, layers, ops

from colorization.color.lab import lab_to_rgb
from colorization.config import DdcolorConfig
from colorization.errors import InputError
from colorization.models.chromagan import patch_critic
from colorization.models.colorizer import Adversary, Colorizer, DatasetStats, Objective
from colorization.models.convnext import VARIANTS, convnext
from colorization.models.ddcolor_layers import (
    Attention,
    LearntRows,
    Levels,
    PixelShuffle,
    QueriesToColours,
    ShuffleBlur,
)
from colorization.models.encoders import build_encoder, load_encoder, scale_for
from colorization.models.layers import (
    CropLike,
    GreyPicture,
    LayerNormalization,
    PadToMultiple,
    batch_normalization,
    imagenet_normalization,
)
from colorization.models.losses import colourfulness, l1

MULTIPLE = 32  # px; what a place of the encoder's smallest map stands for
EPSILON = 1e-5  # PyTorch's, of both decoders
MOMENTUM = 0.9  # PyTorch's 0.1
ROUNDS = 3  # times that the queries look at each of the three maps
HEAD = 32  # channels of a head of the attention
L1_WEIGHT = 0.1  # of the mean absolute error in Lab units
MAP_WEIGHTS = (1 / 8, 1 / 4, 1 / 2, 1)  # of the features' errors, from the largest map on
CRITIC_WIDTH, CRITIC_STEPS, CRITIC_RATE, PENALTY = 64, 1, 1e-4, 10.0
AB_RANGE = 110.0  # Lab units that count as 1 before the critic
PIXELS, QUERIES = "decoder.layers", "decoder.color_decoder"  # what the weights of each decoder begin with, in the file


def build(config: DdcolorConfig, stats: DatasetStats) -> Colorizer:
    """Build the network and its losses, with a critic if that has a weight. Raises InputError for an odd width."""
    if config.width % 4:
        raise InputError(f"--width {config.width} is no multiple of 4: a position takes sines and cosines of two sides")
    encoder, scale = _encoder(config.encoder), _scale(config.encoder)
    pretrained = config.encoder not in (*VARIANTS, "none")

    def loss(L, ab, output):
        true, coloured = (lab_to_rgb(ops.concatenate([L, each], axis=-1)) for each in (ab, output["ab"]))
        total = L1_WEIGHT * l1(ab, output["ab"]) + config.colorfulness_weight * (1 - ops.mean(colourfulness(coloured)))
        if config.perceptual_weight:
            total += config.perceptual_weight * feature_distance(encoder, scale(255 * true), scale(255 * coloured))
        return total

    return Colorizer(
        network=_network(encoder, scale, config),
        decode=lambda output: output["ab"],
        objective=Objective(
            loss,
            adversary=_adversary(config.adversarial_weight) if config.adversarial_weight else None,
            initialize=(lambda: load_encoder(encoder, config.encoder, config.encoder_weights)) if pretrained else None,
            lr_multipliers={v.path: config.encoder_rate for v in encoder.trainable_variables} if pretrained else {},
        ),
    )


def feature_distance(encoder: Model, true, coloured):
    """Return how far the encoder's maps of two batches of pictures (B, H, W, 3) differ: L1, a weight for each map.

    The encoder is not taught by it: it could learn to see no difference.
    """
    weights = [ops.stop_gradient(v.value) for v in encoder.trainable_variables]
    others = [v.value for v in encoder.non_trainable_variables]
    seen, wanted = (encoder.stateless_call(weights, others, x, training=False)[0] for x in (coloured, true))
    distances = [l1(ops.stop_gradient(a), b) for a, b in zip(wanted, seen, strict=True)]
    return sum(weight * ops.cast(each, "float32") for weight, each in zip(MAP_WEIGHTS, distances, strict=True))


def _encoder(name: str) -> Model:
    """Return the encoder: normalized RGB -> its maps at 1/4, 1/8, 1/16 and 1/32 of the size."""
    if name in VARIANTS:
        return convnext(VARIANTS[name], name)
    encoder, skips = build_encoder(name)
    return Model(encoder.input, [*skips, encoder.output], name=encoder.name)


def _scale(name: str) -> layers.Layer:
    """Return the layer that brings RGB 0..255 to what the encoder was trained on."""
    if name not in VARIANTS:
        return scale_for(name)
    return imagenet_normalization(name="scale_for_encoder")


def _network(encoder: Model, scale: layers.Layer, config: DdcolorConfig) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    picture = scale(GreyPicture(dtype="float32", name="grey_picture")(x))
    *skips, x = encoder(picture)
    maps = []
    for i, multiple in enumerate((2, 2, 1)):
        x = _doubled(x, skips[-1 - i], multiple * config.width, f"{PIXELS}.{i}")
        maps.append(x)
    queries = _color_decoder(maps, config.width, config.queries)
    # float32: half precision has 11 bits, too few for smooth colours
    paint = QueriesToColours(config.queries, config.width, dtype="float32", name="queries_to_colours")
    ab = CropLike(dtype="float32", name="crop")(paint(queries, x, picture), lightness)
    return Model(lightness, {"ab": ab}, name="ddcolor")


def _doubled(x, skip, channels: int, name: str):
    """Twice the size, joined with what the encoder saw there."""
    x = layers.Conv2D(4 * channels, 1, use_bias=False, name=f"{name}.shuf.conv.0")(x)
    x = layers.ReLU(name=f"{name}.shuf.relu")(_normalized(x, f"{name}.shuf.conv.1"))
    x = ShuffleBlur(name=f"{name}.shuf.blur")(PixelShuffle(2, name=f"{name}.shuf.shuffle")(x))
    skip = layers.ReLU(name=f"{name}.bn.relu")(_normalized(skip, f"{name}.bn"))
    x = layers.Concatenate(name=f"{name}.join")([x, skip])
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"{name}.conv.0")(x)
    return _normalized(layers.ReLU(name=f"{name}.conv.1")(x), f"{name}.conv.2")


def _normalized(x, name: str):
    return batch_normalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)


def _color_decoder(maps: list, width: int, count: int):
    """Return the colours (B count, width), after 9 looks: each at a map, at one another, and by themselves."""
    projected = [layers.Conv2D(width, 1, name=f"{QUERIES}.input_proj.{i}")(x) for i, x in enumerate(maps)]
    places = Levels(name=f"{QUERIES}.level_embed")(projected)
    places, placed = places[: len(maps)], places[len(maps) :]
    x = LearntRows(count, width, name=f"{QUERIES}.query_feat")(maps[0])
    own = LearntRows(count, width, name=f"{QUERIES}.query_embed")(maps[0])
    for i in range(ROUNDS * len(maps)):
        name, at = f"{QUERIES}.transformer_cross_attention_layers.{i}", i % len(maps)
        x = _added(x, _attention(count, width, f"{name}.multihead_attn")(x + own, placed[at], places[at]), name)
        name = f"{QUERIES}.transformer_self_attention_layers.{i}"
        x = _added(x, _attention(count, width, f"{name}.self_attn")(x + own, x + own, x), name)
        name = f"{QUERIES}.transformer_ffn_layers.{i}"
        thought = layers.Dense(8 * width, activation="relu", name=f"{name}.linear1")(x)
        x = _added(x, layers.Dense(width, name=f"{name}.linear2")(thought), name)
    x = LayerNormalization(epsilon=EPSILON, name=f"{QUERIES}.decoder_norm")(x)
    for i, activation in enumerate(("relu", "relu", None)):
        x = layers.Dense(width, activation=activation, name=f"{QUERIES}.color_embed.layers.{i}")(x)
    return x


def _attention(count: int, width: int, name: str) -> Attention:
    # of one head alone tf2onnx 1.17 would make a wrong reshape
    heads = width // HEAD if width % HEAD == 0 and width > HEAD else 2
    return Attention(count, heads, width, name=name)


def _added(x, answer, name: str):
    return LayerNormalization(epsilon=EPSILON, name=f"{name}.norm")(layers.Add(name=f"{name}.add")([x, answer]))


def _adversary(weight: float) -> Adversary:
    return Adversary(patch_critic(CRITIC_WIDTH), AB_RANGE, weight, PENALTY, CRITIC_STEPS, CRITIC_RATE)
