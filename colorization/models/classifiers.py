"""Classifiers of ImageNet's 1,000 classes: teachers of a semantic branch, and judges of recoloured pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keras import Input, Model, applications, layers

from colorization.errors import InputError
from colorization.models.efficientnet_lite import VARIANTS, assign_pytorch, efficientnet_lite
from colorization.models.encoders import ENCODERS, installed_weights
from colorization.models.imagenet import NETWORKS, load_weights, with_weights
from colorization.models.pytorch_file import read_state_dict


@dataclass(frozen=True)
class Classifier:
    """classify: uint8 RGB (B, H, W, 3) -> probabilities (B, K) and features (B, F), float32 arrays."""

    name: str
    classify: Callable


def find_classifier(word: str) -> Classifier:
    """Return the ImageNet classifier that a word of the command line means.

    word: a network whose weights are installed, such as efficientnet_lite2, or a file of weights, whichever network's
    they are. Raises InputError for anything else.
    """
    if word in VARIANTS:
        return _efficientnet(word, installed_weights(word, instead="give a file of weights"))
    file = Path(word)
    if not file.is_file():
        raise InputError(f"--classifier {word}: no such file; give one of {', '.join(VARIANTS)}, or a file of weights")
    attempts = [(imagenet_classifier, name) for name in NETWORKS] if file.suffix == ".h5" else []
    for build, name in attempts or [(_efficientnet, name) for name in VARIANTS]:
        try:
            return build(name, file)
        except InputError:
            continue
    raise InputError(
        f"{file} holds no weights of any of {', '.join((*NETWORKS, *VARIANTS))}; give another --classifier"
    )


def imagenet_classifier(name: str, file: Path) -> Classifier:
    """Return the network `name` of imagenet.NETWORKS; its features are what its last layer sees."""
    network, about = with_weights(name, file), NETWORKS[name]
    return _classifier(f"{name} ({file.name})", network, about.side, about.preprocess)


def inception_features(file: Path) -> Classifier:
    """Return what FID is measured on: InceptionV3's last pooling, from its weights without the class layer.

    It gives no probabilities. These are Keras' weights; the usual FID tools have others, so that values of both are not
    to be compared.
    """
    network = applications.InceptionV3(include_top=False, pooling="avg", weights=None)
    load_weights(network, file, "inception_v3")
    none = layers.Lambda(lambda x: x[:, :0], name="no_probabilities")
    both, about = Model(network.input, [none(network.output), network.output]), NETWORKS["inception_v3"]
    return Classifier(f"inception_v3 ({file.name})", _on_pictures(both, about.side, about.preprocess))


def _efficientnet(name: str, file: Path) -> Classifier:
    network = efficientnet_lite(name)
    assign_pytorch(network, read_state_dict(file), str(file))
    softmax = layers.Softmax(name="probabilities")
    likely = Model(network.input, softmax(network.output))
    scale = layers.Rescaling(*ENCODERS[name].scale, name="scale")
    both = Model(network.input, [likely.output, network.get_layer("logits").input])
    return Classifier(f"{name} ({file.name})", _on_pictures(both, VARIANTS[name].side, scale))


def _classifier(name: str, network: Model, side: int, preprocess: Callable) -> Classifier:
    both = Model(network.input, [network.output, network.layers[-1].input])
    return Classifier(name, _on_pictures(both, side, preprocess))


def _on_pictures(network: Model, side: int, preprocess: Callable) -> Callable:
    """Return the network as a function of uint8 pictures of any size, which it sees with sides of `side` px."""
    rgb = Input((None, None, 3), dtype="uint8", name="rgb")
    resized = layers.Resizing(side, side, "bilinear", name="resize")(layers.Rescaling(1.0, name="as_floats")(rgb))
    return Model(rgb, network(preprocess(resized))).predict_on_batch
