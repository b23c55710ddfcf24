"""DDColor: Kang et al., ICCV 2023, "Towards Photo-Realistic Image Colorization via Dual Decoders", arXiv 2212.11613.

Grey picture -> encoder, four maps at 1/4 to 1/32 of the size -> pixel decoder: three U-Net blocks up to 1/4 of the
size, then one convolution to features of every pixel. Beside it the colour decoder (a Transformer decoder, as in DETR):
learnt queries attend to the pixel decoder's three maps and to one another, and become the colours of this very picture.
The inner product of a query and a pixel's features is how much of that colour the pixel gets; a 1 x 1 convolution makes
a and b of these maps, one for each query, and of the grey picture.

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
    LearntQueries,
    LevelEmbedding,
    MultiHeadAttention,
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

MULTIPLE = 32  # px; the encoder's smallest map has one place for so many
EPSILON = 1e-5  # PyTorch's, of both decoders
MOMENTUM = 0.9  # PyTorch's 0.1
ROUNDS = 3  # times that the queries attend to each of the three maps
HEAD = 32  # channels of an attention head
L1_WEIGHT = 0.1  # of the mean absolute error in Lab units
MAP_WEIGHTS = (1 / 8, 1 / 4, 1 / 2, 1)  # of the features' errors, from the largest map on
CRITIC_WIDTH, CRITIC_STEPS, CRITIC_RATE, PENALTY = 64, 1, 1e-4, 10.0
AB_RANGE = 110.0  # Lab units that the critic sees as 1
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
    """Return the perceptual loss of two batches of pictures (B, H, W, 3), as the encoder takes them: a number.

    The mean absolute difference of the encoder's maps, weighted by MAP_WEIGHTS. Its gradient reaches `coloured` alone:
    the encoder could learn to see no difference.
    """
    weights = [ops.stop_gradient(v.value) for v in encoder.trainable_variables]
    others = [v.value for v in encoder.non_trainable_variables]
    ours, theirs = (encoder.stateless_call(weights, others, x, training=False)[0] for x in (coloured, true))
    distances = [l1(ops.stop_gradient(a), b) for a, b in zip(theirs, ours, strict=True)]
    return sum(weight * ops.cast(each, "float32") for weight, each in zip(MAP_WEIGHTS, distances, strict=True))


def _encoder(name: str) -> Model:
    """Return the encoder: RGB (B, H, W, 3), scaled by `_scale` -> maps at 1/4, 1/8, 1/16 and 1/32 of the size."""
    if name in VARIANTS:
        return convnext(VARIANTS[name], name)
    encoder, skips = build_encoder(name)
    return Model(encoder.input, [*skips, encoder.output], name=encoder.name)


def _scale(name: str) -> layers.Layer:
    """Return the layer that brings RGB 0..255 to the range that the encoder was trained on."""
    if name not in VARIANTS:
        return scale_for(name)
    return imagenet_normalization(name="scale_for_encoder")


def _network(encoder: Model, scale: layers.Layer, config: DdcolorConfig) -> Model:
    """Return the network: L (B, H, W, 1) in 0..100, any size -> {"ab": (B, H, W, 2), Lab units}."""
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(MULTIPLE, dtype="float32", name="pad")(lightness)
    picture = scale(GreyPicture(dtype="float32", name="grey_picture")(x))
    *skips, x = encoder(picture)
    maps = []
    for i, multiple in enumerate((2, 2, 1)):
        x = _unet_block(x, skips[-1 - i], multiple * config.width, f"{PIXELS}.{i}")
        maps.append(x)
    queries = _color_decoder(maps, config.width, config.queries)
    # float32: half precision has 11 bits, too few for smooth colours
    paint = QueriesToColours(config.queries, config.width, dtype="float32", name="queries_to_colours")
    ab = CropLike(dtype="float32", name="crop")(paint(queries, x, picture), lightness)
    return Model(lightness, {"ab": ab}, name="ddcolor")


def _unet_block(x, skip, channels: int, name: str):
    """Add a U-Net block: (B, h, w, C) and the encoder's map (B, 2 h, 2 w, D) -> (B, 2 h, 2 w, channels)."""
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
    """Add the colour decoder: maps of the pixel decoder, smallest first -> colours (B count, width).

    ROUNDS times for each map comes a block of a Transformer decoder: the queries attend to the map (cross-attention),
    then to one another (self-attention), then each passes a feed-forward network; a residual and a LayerNormalization
    follow each step. `embedding` tells the queries apart in every block, as positions tell the places of a map apart.
    """
    projected = [layers.Conv2D(width, 1, name=f"{QUERIES}.input_proj.{i}")(x) for i, x in enumerate(maps)]
    values_and_keys = LevelEmbedding(name=f"{QUERIES}.level_embed")(projected)
    values, keys = values_and_keys[: len(maps)], values_and_keys[len(maps) :]
    x = LearntQueries(count, width, name=f"{QUERIES}.query_feat")(maps[0])
    embedding = LearntQueries(count, width, name=f"{QUERIES}.query_embed")(maps[0])
    for i in range(ROUNDS * len(maps)):
        name, at = f"{QUERIES}.transformer_cross_attention_layers.{i}", i % len(maps)
        attend = _attention(count, width, f"{name}.multihead_attn")
        x = _add_and_norm(x, attend(x + embedding, keys[at], values[at]), name)
        name = f"{QUERIES}.transformer_self_attention_layers.{i}"
        attend = _attention(count, width, f"{name}.self_attn")
        x = _add_and_norm(x, attend(x + embedding, x + embedding, x), name)
        name = f"{QUERIES}.transformer_ffn_layers.{i}"
        hidden = layers.Dense(8 * width, activation="relu", name=f"{name}.linear1")(x)
        x = _add_and_norm(x, layers.Dense(width, name=f"{name}.linear2")(hidden), name)
    x = LayerNormalization(epsilon=EPSILON, name=f"{QUERIES}.decoder_norm")(x)
    for i, activation in enumerate(("relu", "relu", None)):
        x = layers.Dense(width, activation=activation, name=f"{QUERIES}.color_embed.layers.{i}")(x)
    return x


def _attention(count: int, width: int, name: str) -> MultiHeadAttention:
    # of one head alone tf2onnx 1.17 would make a wrong reshape
    heads = width // HEAD if width % HEAD == 0 and width > HEAD else 2
    return MultiHeadAttention(count, heads, width, name=name)


def _add_and_norm(x, update, name: str):
    return LayerNormalization(epsilon=EPSILON, name=f"{name}.norm")(layers.Add(name=f"{name}.add")([x, update]))


def _adversary(weight: float) -> Adversary:
    return Adversary(patch_critic(CRITIC_WIDTH), AB_RANGE, weight, PENALTY, CRITIC_STEPS, CRITIC_RATE)
