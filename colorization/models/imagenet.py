"""Networks of Keras Applications with ImageNet's 1,000 classes, and where their weights lie or come from."""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import applications

from colorization.errors import InputError

CLASSES = 1000
PATIENCE_S = 3.0  # until the server of the weights must have answered
SERVER = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class Weights:
    """A file of weights on Keras' server, and its MD5 where Keras knows one."""

    url: str
    md5: str | None = None

    @property
    def place(self) -> Path:
        """Where Keras keeps it: ~/.keras/models, or KERAS_HOME."""
        return keras_home() / "models" / self.url.rpartition("/")[2]


@dataclass(frozen=True)
class ImageNetNetwork:
    """One network: how to build it, the side of its pictures (px), how it scales RGB of 0..255, its weights."""

    build: Callable
    side: int
    preprocess: Callable
    whole: Weights
    headless: Weights


NETWORKS = {
    "mobilenet_v2": ImageNetNetwork(
        build=applications.MobileNetV2,
        side=224,
        preprocess=applications.mobilenet_v2.preprocess_input,
        whole=Weights(f"{SERVER}/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"),
        headless=Weights(f"{SERVER}/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"),
    ),
    "vgg16": ImageNetNetwork(
        build=applications.VGG16,
        side=224,
        preprocess=applications.vgg16.preprocess_input,
        whole=Weights(
            f"{SERVER}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5", "64373286793e3c8b2b4e3219cbf3544b"
        ),
        headless=Weights(
            f"{SERVER}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"
        ),
    ),
    "inception_v3": ImageNetNetwork(
        build=applications.InceptionV3,
        side=299,
        preprocess=applications.inception_v3.preprocess_input,
        whole=Weights(
            f"{SERVER}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
            "9a0d58056eeedaa3f26cb7ebd46da564",
        ),
        headless=Weights(
            f"{SERVER}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "bcbd6486424b2319ff4ef7d526e38f63",
        ),
    ),
}


def keras_home() -> Path:
    """Return the folder that Keras keeps downloads in."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


def fetch_weights(weights: Weights, instead: str = "") -> Path:
    """Return the file, downloaded once. Raises InputError, with what to do, if the server does not answer in seconds.

    instead: what else the user may do, such as "give --backbone none".
    """
    if weights.place.is_file():
        return weights.place
    reason = unreachable(weights)
    if not reason:
        try:
            weights.place.parent.mkdir(parents=True, exist_ok=True)
            # Keras writes to the file's own name: half of it, if it is killed, would pass for the whole ever after
            with tempfile.TemporaryDirectory(dir=weights.place.parent) as folder:
                fetched = keras.utils.get_file(
                    weights.place.name,
                    weights.url,
                    cache_dir=folder,
                    cache_subdir="",
                    file_hash=weights.md5,
                    hash_algorithm="md5",
                )
                Path(fetched).replace(weights.place)
            return weights.place
        except Exception as error:  # Keras raises a bare one
            reason = str(error)
    raise InputError(
        f"ImageNet's weights are not there: {weights.url} cannot be downloaded ({reason}); "
        f"fetch it elsewhere and place it at {weights.place}" + (f", or {instead}" if instead else "")
    )


def unreachable(weights: Weights) -> str:
    """Return why the file cannot be had at once; empty if it can: it lies there, or its server answers."""
    return "" if weights.place.is_file() else no_answer(weights.url)


def no_answer(url: str) -> str:
    """Return why a server gives no file within seconds; empty if it does."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE_S):
            return ""
    except (urllib.error.URLError, OSError) as error:
        return str(getattr(error, "reason", error))


def with_weights(name: str, file: Path) -> keras.Model:
    """Build the whole network with the weights of a file. Raises InputError if they are another network's, or none."""
    network = NETWORKS[name].build(weights=None)
    load_weights(network, file, name)
    return network


def read_network(name: str, file: Path, option: str) -> keras.Model:
    """Return the network `name` with the weights of a file, with or without its top; InputError if of neither.

    option: of the command line that names the file, such as "--backbone".
    """
    if not file.is_file():
        raise InputError(f"{option} {file}: no such file; give the file of {name}'s weights")
    for top in (False, True):
        network = NETWORKS[name].build(include_top=top, weights=None)
        try:
            load_weights(network, file, name)
            return network
        except InputError as error:
            reason = str(error)
    raise InputError(f"{reason}; give another {option}")


def load_weights(network: keras.Model, file: Path, name: str) -> None:
    """Raise InputError if the file holds no weights of `network`, which is called `name`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # one for each layer that does not fit; then it fails as a whole
            network.load_weights(str(file))
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        reason = "its layers are others" if reason.endswith(":") else reason  # what Keras says goes on for pages
        raise InputError(f"{file} holds no weights of {name} ({reason})") from error
