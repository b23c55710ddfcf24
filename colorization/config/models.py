"""Networks: one dataclass each, under the name it has in colorization.models.MODELS."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from colorization.config.option import from_keys, option, other_version


@dataclass(frozen=True)
class UNetConfig:
    """U-Net (Ronneberger 2015, arXiv 1505.04597) that regresses the missing colours of a grey picture."""

    width: int = option(16, "channels of the first block; each level below has twice as many", minimum=1, maximum=1024)
    depth: int = option(3, "number of times the picture is halved", minimum=1, maximum=8)
    target: str = option("ab", "what is predicted: the ab channels of Lab, RGB, or HSV", choices=("ab", "rgb", "hsv"))
    loss: str = option("l1", "distance to the truth", choices=("l1", "l2", "huber"))
    without: str = option("nothing", "leave a part out, to see what it is for", choices=("nothing", "skips"))
    doubling: str = option(
        "bilinear",
        "how the picture is doubled: bilinearly, with a convolution after it; or by a transposed convolution",
        choices=("bilinear", "transposed"),
    )
    normalization: str = option(
        "batch", "by what activations are normalized after each convolution", choices=("batch", "group", "none")
    )
    dropout: float = option(
        0.0, "share of the deepest channels that are left out in each training step", minimum=0, maximum=0.9
    )


@dataclass(frozen=True)
class ClassificationConfig:
    """Zhang 2016 (arXiv 1603.08511): probabilities of 313 colours; at width 64 the published eccv16."""

    width: int = option(
        16, "channels of the first block; the deepest have eight times as many", minimum=1, maximum=1024
    )
    rebalance: float = option(
        0.5,
        "lambda of the loss weights: 1 = all pixels alike, 0.5 = rare colours count more, as in the paper; refused "
        "where the rarest colour would weigh over 1,000 times the average",
        minimum=0,
        maximum=1,
    )
    temperature: float = option(
        0.38, "colour taken from the distribution: 1 = its mean, 0 = its most likely one", minimum=0
    )


@dataclass(frozen=True)
class Siggraph17Config:
    """Zhang 2017 (arXiv 1705.02999): one colour, helped by hints; fine-tuned from the published weights (--init)."""

    width: int = option(64, "channels of the first block; 64 as published", minimum=1, maximum=1024)


@dataclass(frozen=True)
class ChromaganConfig:
    """ChromaGAN (Vitoria 2020, arXiv 1907.09837): regression with a critic and a class branch."""

    PAPER_SIZE: ClassVar[int] = 224  # px

    width: int = option(
        16, "channels of the first block, 64 in the paper; everything else scales with it", minimum=2, maximum=1024
    )
    paper: bool = option(False, "the paper's network: pictures of 224 px, width 64, dense layers, 1,000 classes")
    without: str = option(
        "nothing",
        "leave a part out, as in the paper's ablations; both = the generator alone",
        choices=("nothing", "classification", "adversarial", "both"),
    )
    backbone: str = option(
        "auto",
        "initial weights of the VGG16 part: imagenet (width 64 only), none, a file, or auto = imagenet at width 64",
    )
    semantic: str = option(
        "auto",
        "targets of the class branch: the data set's labels, a teacher's answers, or none; auto = what is available",
        choices=("auto", "labels", "teacher", "none"),
    )
    teacher: str = option("vgg16", "pretrained classifier for --semantic teacher", choices=("vgg16", "mobilenet_v2"))
    teacher_weights: str = option("", "its weights file; empty = Keras' own, downloaded", exists=True)
    teacher_sees: str = option("grey", "picture that the teacher sees", choices=("grey", "colour"))
    color_weight: float = option(1.0, "weight of the squared error in the loss", minimum=0)
    semantic_weight: float = option(0.003, "weight of the class branch in the loss", minimum=0)
    adversarial_weight: float = option(0.1, "weight of the critic in the loss", minimum=0)
    penalty_weight: float = option(10.0, "weight of the gradient penalty in the critic's loss", minimum=0)
    critic_steps: int = option(3, "critic steps per generator step", minimum=1)
    critic_learning_rate: float = option(1e-3, "highest learning rate of the critic's Adam", minimum=0)


@dataclass(frozen=True)
class GuidedConfig:
    """A U-Net with a pretrained encoder; takes hints, a reference, the light on white things, the mean chroma."""

    encoder: str = option(
        "efficientnet_lite0",
        "pretrained encoder, with ImageNet's weights; none = efficientnet_lite0 with random weights",
        choices=("none", "mobilenet_v2", "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"),
    )
    encoder_weights: str = option("", "its weights file; empty = that of its package", exists=True)
    encoder_rate: float = option(
        0.1, "learning rate of a pretrained encoder, as a share of the decoder's", minimum=0, maximum=1
    )
    width: int = option(32, "channels of the decoder: 3 times as many at the largest size", minimum=2, maximum=1024)
    loss: str = option("l2", "distance to the truth", choices=("l1", "l2", "huber"))
    perceptual_weight: float = option(
        0.0, "weight of the perceptual loss, the difference that efficientnet_lite0 sees; 0 = none", minimum=0
    )


@dataclass(frozen=True)
class DdcolorConfig:
    """DDColor (Kang 2023, arXiv 2212.11613): learnt colours look where in the picture they belong."""

    encoder: str = option(
        "efficientnet_lite0",
        "encoder, with ImageNet's weights; none and those of the published network (convnext_) begin with random ones",
        choices=(
            "none",
            "mobilenet_v2",
            "efficientnet_lite0",
            "efficientnet_lite1",
            "efficientnet_lite2",
            "convnext_tiny",
            "convnext_large",
        ),
    )
    encoder_weights: str = option("", "its weights file; empty = that of its package", exists=True)
    encoder_rate: float = option(
        0.1, "learning rate of a pretrained encoder, as a share of the decoders'", minimum=0, maximum=1
    )
    width: int = option(64, "channels of the colours; 256 as published, a multiple of 32", minimum=4, maximum=1024)
    queries: int = option(50, "colours that look where they belong; 100 as published", minimum=1, maximum=1000)
    perceptual_weight: float = option(5.0, "weight of the difference of the encoder's features in the loss", minimum=0)
    colorfulness_weight: float = option(0.5, "weight of what the picture lacks in colourfulness in the loss", minimum=0)
    adversarial_weight: float = option(0.0, "weight of a critic in the loss, 1 in the paper; 0 = none", minimum=0)


@dataclass(frozen=True)
class DeoldifyConfig:
    """DeOldify (Antic 2019): a ResNet's U-Net with self-attention; fine-tuned from the published weights (--init)."""

    generator: str = option(
        "artistic",
        "the published network: artistic = ResNet-34 and a deep decoder; stable = ResNet-101 and a wide one",
        choices=("artistic", "stable"),
    )
    width: int = option(64, "channels of the first convolution; 64 as published", minimum=1, maximum=1024)


MODEL_CONFIGS = {
    "unet": UNetConfig,
    "classification": ClassificationConfig,
    "siggraph17": Siggraph17Config,
    "chromagan": ChromaganConfig,
    "guided": GuidedConfig,
    "ddcolor": DdcolorConfig,
    "deoldify": DeoldifyConfig,
}
PUBLISHED_NAMES = ("eccv16", "siggraph17", "ddcolor", "deoldify")  # those of colorization.published
ONLY_FINE_TUNED = ("siggraph17", "deoldify")  # trained with --init only


def model_name(model: Any) -> str:
    """Return the name that a model's dataclass has in MODEL_CONFIGS."""
    return next(name for name, cls in MODEL_CONFIGS.items() if isinstance(model, cls))


def model_to_json(model: Any) -> dict:
    return {"name": model_name(model)} | dataclasses.asdict(model)


def model_from_json(tree: dict, where: str) -> Any:
    """Return the model that a config.json or model.json, read from the file `where`, is of; or InputError."""
    try:
        model = dict(tree["model"])
        return from_keys(MODEL_CONFIGS[model.pop("name")], model)
    except (KeyError, TypeError, AttributeError) as error:
        raise other_version(where, error) from error
