"""ChromaGAN: Vitoria, Raad, Ballester, WACV 2020, arXiv 1907.09837.

A regression like the U-Net's, with two things beside. The semantic branch names what the picture shows, and its view of
the whole scene is laid into every place of the colour branch. The critic (WGAN-GP, arXiv 1704.00028) is a second
network that learns to tell coloured pictures from true ones patch by patch: grey-brown is safe before the squared
error, but no critic mistakes it for real.

With `paper` this is the paper's network, layer for layer. Otherwise the scene is pooled instead of flattened, so that
pictures of any size have one, and the class head is one layer.
"""

import dataclasses

from keras import Input, Model, layers, ops

from colorization.config import ChromaganConfig
from colorization.errors import InputError
from colorization.models.colorizer import Adversary, Colorizer, DatasetStats, Objective, Semantic
from colorization.models.imagenet import NETWORKS
from colorization.models.layers import CropLike, GreyPicture, PadToMultiple, batch_normalization
from colorization.models.losses import l2
from colorization.models.vgg import IMAGENET_WIDTH, VGG_OFFSET, settled_backbone, start_from, vgg16_to_block4

PAPER_SIZE, PAPER_WIDTH, PAPER_CLASSES = ChromaganConfig.PAPER_SIZE, IMAGENET_WIDTH, 1000
AB_RANGE, AB_OFFSET = 255.0, 128.0  # 8-bit Lab as OpenCV stores it: ab = 255 y - 128, y 0..1
STRIDE = 8  # of the VGG part
SCENE_SIDE = PAPER_SIZE // STRIDE // 4  # of the map that the paper flattens
LEAK = 0.3  # slope of the critic's LeakyReLU below 0


def build(config: ChromaganConfig, stats: DatasetStats) -> Colorizer:
    """Build the generator, its class head where there is something to teach it, its critic unless it is left out."""
    if config.paper:
        _check_paper(config, stats)
    width = PAPER_WIDTH if config.paper else config.width
    classes = _classes(config, stats)
    network = _generator(width, classes, config.paper)

    def mse(L, ab, output):
        """On the scale 0..1 that the paper's weights are for."""
        return l2(to_unit(ab), output["colour"])

    return Colorizer(
        network=network,
        decode=lambda output: output["colour"] * AB_RANGE - AB_OFFSET,
        objective=Objective(
            mse,
            name="mse",
            weight=config.color_weight,
            semantic=_semantic(config, classes),
            adversary=_adversary(config, width),
            initialize=lambda: start_from(config.backbone, network),
        ),
        training_outputs=("classes",) if classes else (),
    )


def settle(config: ChromaganConfig, stats: DatasetStats) -> tuple[ChromaganConfig, list[str]]:
    """Return the config with its `auto` decided, and a line about each. Raises InputError for what cannot be."""
    semantic = config.semantic
    width = PAPER_WIDTH if config.paper else config.width
    backbone, lines = settled_backbone(config.backbone, width), []
    if config.backbone == "auto":
        random = f"random weights (ImageNet's are for --width {IMAGENET_WIDTH})"
        lines.append(f"backbone: {'ImageNet weights' if backbone == 'imagenet' else random}")
    if _unclassified(config):
        if semantic in ("labels", "teacher"):
            raise InputError(
                f"--without {config.without} leaves out the class branch, which --semantic {semantic} teaches; give one"
            )
        semantic = "none"
    elif semantic == "auto":
        semantic = _what_there_is(config, stats)
    if semantic == "labels" and not stats.classes:
        raise InputError("--semantic labels: this data set has no labels; give --semantic teacher or none")
    learns = {
        "labels": f"the data set's {len(stats.classes)} labels",
        "teacher": f"the answers of {config.teacher}, {config.teacher_weights or 'weights of Keras'}",
        "none": "nothing, because nobody teaches it (--semantic teacher, or labels)",
    }[semantic]
    learns = "nothing: it is left out" if _unclassified(config) else learns
    lines.append(f"class branch: learns {learns}")
    return dataclasses.replace(config, backbone=backbone, semantic=semantic), lines


def _what_there_is(config: ChromaganConfig, stats: DatasetStats) -> str:
    """What `--semantic auto` comes to: a teacher whose weights were given, labels, a teacher that is at hand, none."""
    names_them = stats.patches == 1  # a teacher names whole pictures
    if config.teacher_weights and names_them:
        return "teacher"
    if stats.classes and not config.paper:
        return "labels"
    return "teacher" if names_them and NETWORKS[config.teacher].whole.place.is_file() else "none"


def to_unit(ab):
    """Convert ab in Lab units to the colour head's scale, 0..1 for -128..127."""
    return (ab + AB_OFFSET) / AB_RANGE


def _check_paper(config: ChromaganConfig, stats: DatasetStats) -> None:
    if stats.size != PAPER_SIZE:
        raise InputError(
            f"--paper is a network for pictures of {PAPER_SIZE} px, these have {stats.size}; give --size {PAPER_SIZE} "
            "with a data set that takes it, or leave --paper out"
        )
    if config.semantic == "labels":
        raise InputError(f"--paper has {PAPER_CLASSES} classes, those of a teacher; give --semantic teacher or none")


def _classes(config: ChromaganConfig, stats: DatasetStats) -> int:
    """How many classes the head has; 0: there is none."""
    if _unclassified(config):
        return 0
    if config.paper:
        return PAPER_CLASSES
    return {"labels": len(stats.classes), "teacher": PAPER_CLASSES}.get(config.semantic, 0)


def _unclassified(config: ChromaganConfig) -> bool:
    return config.without in ("classification", "both")


def _semantic(config: ChromaganConfig, classes: int) -> Semantic | None:
    if not classes or config.semantic in ("auto", "none"):
        return None
    return Semantic(chances=lambda output: output["classes"], weight=config.semantic_weight)


def _adversary(config: ChromaganConfig, width: int) -> Adversary | None:
    if config.without in ("adversarial", "both"):
        return None
    return Adversary(
        critic=patch_critic(width),
        unit=AB_RANGE,
        weight=config.adversarial_weight,
        penalty=config.penalty_weight,
        steps=config.critic_steps,
        learning_rate=config.critic_learning_rate,
    )


def _generator(width: int, classes: int, paper: bool) -> Model:
    lightness = Input((None, None, 1), name="lightness")
    x = PadToMultiple(STRIDE, dtype="float32", name="pad")(lightness)
    x = GreyPicture(dtype="float32", name="grey_picture")(x)
    x = layers.Rescaling(1.0, offset=VGG_OFFSET, dtype="float32", name="grey_for_vgg")(x)
    seen = vgg16_to_block4(x, width)
    scene = _scene(seen, width)
    gathered = _gathered(scene, paper)
    middle = _normalized_convolution(seen, 8 * width, "mid1")
    middle = _normalized_convolution(middle, 4 * width, "mid2")
    about = gathered
    for i, units in enumerate((16 * width, 8 * width, 4 * width), start=1):
        about = layers.Dense(units, name=f"scene_dense{i}")(about)
    x = SpreadLike(name="spread")(about, middle)
    x = layers.Concatenate(name="fuse")([middle, x])
    outputs = {"colour": CropLike(dtype="float32", name="crop")(_colours(x, width), lightness)}
    if classes:
        outputs["classes"] = _class_head(gathered, width, classes, paper)
    return Model(lightness, outputs, name="chromagan")


def _scene(x, width: int):
    """The global branch: what the whole picture shows, at a quarter of VGG's map."""
    for i, stride in enumerate((2, 1, 2, 1), start=1):
        x = _normalized_convolution(x, 8 * width, f"global{i}", stride)
    return x


def _gathered(scene, paper: bool):
    """The scene as one vector: flattened as in the paper, or the mean of its places, which any size has."""
    if not paper:
        return layers.GlobalAveragePooling2D(name="gather")(scene)
    scene = ResizeTo(SCENE_SIDE, name="resize")(scene)  # does nothing at 224 px
    return layers.Flatten(name="gather")(scene)


def _class_head(x, width: int, classes: int, paper: bool):
    if paper:
        x = layers.Dense(64 * width, name="class_dense1")(x)
        x = layers.Dense(64 * width, name="class_dense2")(x)
    # float32: half precision cannot tell small chances from none
    return layers.Dense(classes, activation="softmax", dtype="float32", name="classes")(x)


def _colours(x, width: int):
    x = layers.Conv2D(4 * width, 1, activation="relu", name="fusion1")(x)
    x = layers.Conv2D(2 * width, 3, padding="same", activation="relu", name="fusion2")(x)
    x = layers.UpSampling2D(name="double1")(x)
    x = layers.Conv2D(width, 3, padding="same", activation="relu", name="colour1")(x)
    x = layers.Conv2D(width, 3, padding="same", activation="relu", name="colour2")(x)
    x = layers.UpSampling2D(name="double2")(x)
    x = layers.Conv2D(width // 2, 3, padding="same", activation="relu", name="colour3")(x)
    # float32: half precision has 11 bits, too few for smooth colours
    x = layers.Conv2D(2, 3, padding="same", activation="sigmoid", dtype="float32", name="colour4")(x)
    return layers.UpSampling2D(dtype="float32", name="double3")(x)


def _normalized_convolution(x, channels: int, name: str, stride: int = 1):
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", activation="relu", name=name)(x)
    return batch_normalization(name=f"{name}_norm")(x)


def patch_critic(width: int) -> Model:
    """Build a PatchGAN: L (B, H, W, 1), ab (B, H, W, 2) -> how real each patch of 70 px looks (B, H/8, W/8, 1).

    Nothing is normalised, as WGAN-GP demands.
    """
    lightness, ab = Input((None, None, 1), name="lightness"), Input((None, None, 2), name="ab")
    x = layers.Concatenate(dtype="float32", name="lab")(
        [
            layers.Rescaling(1 / 100, dtype="float32", name="unit_lightness")(lightness),
            layers.Rescaling(1 / AB_RANGE, offset=AB_OFFSET / AB_RANGE, dtype="float32", name="unit_ab")(ab),
        ]
    )
    for i, (channels, stride) in enumerate(((width, 2), (2 * width, 2), (4 * width, 2), (8 * width, 1)), start=1):
        x = layers.Conv2D(channels, 4, strides=stride, padding="same", name=f"patch{i}")(x)
        x = layers.LeakyReLU(LEAK, name=f"patch{i}_relu")(x)
    x = layers.Conv2D(1, 4, padding="same", dtype="float32", name="real")(x)
    return Model([lightness, ab], x, name="critic")


class SpreadLike(layers.Layer):
    """A vector (B, C) in every place of a map: (B, h, w, C), as high and wide as the second input."""

    def call(self, vector, like):
        return ops.tile(vector[:, None, None, :], (1, ops.shape(like)[1], ops.shape(like)[2], 1))

    def compute_output_shape(self, vector_shape, like_shape):
        return (vector_shape[0], like_shape[1], like_shape[2], vector_shape[1])


class ResizeTo(layers.Layer):
    """A map of any size -> one of side x side, bilinearly; one that has that size stays as it is."""

    def __init__(self, side: int, **kwargs):
        super().__init__(**kwargs)
        self.side = side

    def call(self, x):
        return ops.image.resize(x, (self.side, self.side), "bilinear")

    def compute_output_shape(self, shape):
        return (shape[0], self.side, self.side, shape[3])
