"""The authors' released weights -> our networks, which are theirs layer for layer.

richzhang/colorization (BSD 2-clause): eccv16 and siggraph17, PyTorch state dicts.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from colorization.color.bins import BINS
from colorization.config import ClassificationConfig, Siggraph17Config, model_name, model_to_json
from colorization.errors import InputError
from colorization.models import build
from colorization.models.classification import AB_RANGE
from colorization.models.colorizer import Colorizer, DatasetStats
from data_pipelines.download import Remote

BUCKET = "https://colorizers.s3.us-east-2.amazonaws.com"
PYTORCH = "https://pytorch.org/get-started/locally"
COUNTER = "num_batches_tracked"  # of a BatchNorm; nothing here needs it
VARIANCE = "running_var"
NOT_PYTORCHS = (
    RuntimeError,
    pickle.UnpicklingError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)
WORKING_SIZE = 256  # px; what the authors' demo shows the networks, whatever the photograph's size


@dataclass(frozen=True)
class Published:
    """One released network: which of ours it is, with which settings, and where its file lies.

    model_config: what training on from it starts with. conditions: what it is asked with, as published.
    sharpening: the temperature that its logits are divided by already, in its weights.
    """

    model_config: object
    remote: Remote
    paper: str
    conditions: Mapping[str, float] = field(default_factory=dict)
    sharpening: float = 1.0
    licence: str = "BSD 2-clause, richzhang/colorization; trained on ImageNet"


PUBLISHED = {
    "eccv16": Published(
        model_config=ClassificationConfig(width=64, temperature=0.38),
        conditions={"temperature": 1.0},  # its forward pass has none
        sharpening=0.38,
        remote=Remote(
            url=f"{BUCKET}/colorization_release_v2-9b330a0b.pth",
            size=128_976_165,
            sha256="9b330a0bae53f4ded77b1e23defbf78beaa09c10ebc4c4999e8e4f4a160b93f9",
            instead="give the file: import eccv16 FILE",
        ),
        paper="Zhang, Isola, Efros: Colorful Image Colorization, ECCV 2016, arXiv 1603.08511",
    ),
    "siggraph17": Published(
        model_config=Siggraph17Config(width=64),
        remote=Remote(
            url=f"{BUCKET}/siggraph17-df00044c.pth",
            size=136_787_426,
            sha256="df00044c0a4d7c3edcecf6f75437ce346a66e7a42612d9b968e1a7e17dbc6f66",
            instead="give the file: import siggraph17 FILE",
        ),
        paper="Zhang et al.: Real-Time User-Guided Image Colorization with Learned Deep Priors, SIGGRAPH 2017, "
        "arXiv 1705.02999",
    ),
}


def convert(name: str, state_dict: Mapping[str, np.ndarray]) -> Colorizer:
    """Return the published network `name` with these weights: arrays named and shaped as in the authors' file.

    Raises InputError for a name that PUBLISHED has not, and for a key that is missing, left over or misshapen.
    """
    if name not in PUBLISHED:
        raise InputError(f"unknown published network {name!r}; known: {', '.join(PUBLISHED)}")
    published = PUBLISHED[name]
    colorizer = build(model_name(published.model_config), published.model_config, DatasetStats(size=WORKING_SIZE))
    for layer in colorizer.network.layers:
        layer.trainable = True  # theirs train every layer, model_out too
    assign(colorizer.network, state_dict, name)
    return colorizer.with_defaults(published.conditions)


def published_id(name: str) -> str:
    """Return what stands in model.json where that of a run has the run's id."""
    return f"published {name}"


def about(name: str, file: Path) -> dict:
    """Return what model.json says of a network imported from a file: settings, origin; no data set, no training."""
    published = PUBLISHED[name]
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return {
        "run": published_id(name),
        "model": model_to_json(published.model_config),
        "data": None,
        "stats": dataclasses.asdict(DatasetStats(mean_ab=None, size=WORKING_SIZE)),
        "sharpening": published.sharpening,
        "licence": published.licence,
        "published": {
            "paper": published.paper,
            "file": file.name,
            "sha256": sha256,
            "is_the_released_file": sha256 == published.remote.sha256,
        },
    }


def assign(network: keras.Model, state_dict: Mapping[str, np.ndarray], name: str) -> None:
    """Give every weight of the network its array. Raises InputError unless each has one that fits, and none is left.

    name: of the published network, for the message.
    """
    weights = {key: (variable, axes) for layer in network.layers for key, variable, axes in _weights_of(layer)}
    given = {key: np.asarray(value, np.float32) for key, value in state_dict.items() if not key.endswith(COUNTER)}
    missing, left = [key for key in weights if key not in given], [key for key in given if key not in weights]
    if missing or left:
        first = [f"{key} is missing" for key in missing[:1]] + [f"{key} belongs to no layer" for key in left[:1]]
        count = f"{len(missing)} missing, {len(left)} left over"
        raise InputError(f"these are no weights of {name}: {', '.join(first)} ({count}); give another file")
    for key, (variable, axes) in weights.items():
        wanted = tuple(np.array(variable.shape)[np.argsort(axes)].tolist())
        if given[key].shape != wanted:
            raise InputError(f"{key} has the shape {given[key].shape}, {name} wants {wanted}")
        if not np.isfinite(given[key]).all() or (key.endswith(VARIANCE) and given[key].min() < 0):
            raise InputError(f"{key} holds numbers that no trained network has (infinite, nan, or a variance below 0)")
    for key, (variable, axes) in weights.items():
        variable.assign(given[key].transpose(axes))


def _weights_of(layer: keras.layers.Layer):
    """(PyTorch's key, variable, PyTorch's axes in Keras' order) of each weight of a layer."""
    stem, _, number = layer.name.rpartition("_")
    prefix = f"{stem}.{number}" if number.isdigit() else layer.name  # model3_4 is model3.4, model_out is model_out
    if isinstance(layer, keras.layers.BatchNormalization):
        named = (("weight", layer.gamma), ("bias", layer.beta))
        named += (("running_mean", layer.moving_mean), ("running_var", layer.moving_variance))
        return [(f"{prefix}.{name}", variable, (0,)) for name, variable in named]
    if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose):
        # (out, in, h, w), of a transposed convolution (in, out, h, w) -> (h, w, in, out), and (h, w, out, in)
        kernel = [(f"{prefix}.weight", layer.kernel, (2, 3, 1, 0))]
        return kernel + ([(f"{prefix}.bias", layer.bias, (0,))] if layer.use_bias else [])
    return []


def bin_centres_apart(colorizer: Colorizer) -> float | None:
    """Return how far, in Lab units, the weights of `model_out` are from the bins' centres at most; None without.

    The authors' file is said to hold the centres / 110 in it; what was found is told on import.
    """
    if not colorizer.gives("logits"):
        return None
    return float(np.abs(bin_colours(colorizer) - BINS).max())


def bin_colours(colorizer: Colorizer) -> np.ndarray:
    """Return ab of the 313 bins as the weights of `model_out` have them, Lab units, float32 (313, 2)."""
    return np.asarray(colorizer.network.get_layer("model_out").kernel)[0, 0] * AB_RANGE


def check_pytorch(file: str) -> None:
    """Raise InputError if PyTorch, which reads the authors' files, is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise InputError(
            f"reading {file} needs PyTorch, which is not installed; {PYTORCH} says how (the CPU build is enough)"
        )


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a .pth file by PyTorch (nothing of it is executed: weights_only).

    Raises InputError if PyTorch is not installed, or if the file is missing, broken or no state dict.
    """
    check_pytorch(path.name)
    import torch

    if not path.is_file():
        raise InputError(f"{path} is no file; give the .pth file, or leave it out to download it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats; what matters is whether the arrays are there
            content = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_PYTORCHS as error:  # told in our words: PyTorch's advise to load it unsafely
        raise InputError(
            f"{path} is no file of PyTorch weights, is broken, or holds more than arrays ({type(error).__name__}); "
            "fetch it anew"
        ) from error
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InputError(f"{path} holds no plain table of weights by name, as the authors' file does; give that one")
    whole = {str(key): tensor.detach() for key, tensor in content.items()}
    return {key: (x.float() if x.is_floating_point() else x).numpy() for key, x in whole.items()}
