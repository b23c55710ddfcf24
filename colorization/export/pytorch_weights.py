"""The authors' PyTorch files -> arrays by name -> the weights of a network whose layers carry these names."""

from __future__ import annotations

import functools
import importlib.util
import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from colorization.errors import InputError

if TYPE_CHECKING:
    import keras

PYTORCH = "https://pytorch.org/get-started/locally"
INSTALL = "in the clone, run pip install '.[published]'"
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
COUNTER = "num_batches_tracked"  # of a BatchNorm; nothing here needs it
VARIANCE = "running_var"
WRAPPERS = (("params",), ("model", "opt"))  # some files hold their table under the first of these names
SPECTRAL = ("weight_orig", "weight_u", "weight_v")  # a weight that is divided by its largest singular value
BY_LENGTH = ("weight_g", "weight_v")  # a weight of which each row has a length and a direction
NAMES = {  # Keras' name of a weight -> PyTorch's
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": VARIANCE,
    "weight": "weight",
    "scale": "gamma",
    "in_proj_weight": "in_proj_weight",
    "in_proj_bias": "in_proj_bias",
}
# PyTorch's axes in Keras' order: (out, in, h, w) -> (h, w, in, out); (in, out, h, w), of a transposed convolution, ->
# (h, w, out, in); (channels, 1, h, w), of a depthwise one, -> (h, w, channels, 1); (out, in, w) -> (w, in, out);
# (out, in) -> (in, out)
CONVOLUTION, DEPTHWISE, OF_ROWS, MATRIX = (2, 3, 1, 0), (2, 3, 0, 1), (2, 1, 0), (1, 0)


def assign(network: keras.Model, state_dict: Mapping[str, np.ndarray], name: str) -> None:
    """Give every weight of the network its array. Raises InputError unless each has one that fits, and none is left.

    name: of the published network, for the message.
    """
    weights = {pytorch_key(variable.path): variable for variable in network.variables}
    given = {key: np.asarray(value, np.float32) for key, value in state_dict.items() if not key.endswith(COUNTER)}
    missing, left = [key for key in weights if key not in given], [key for key in given if key not in weights]
    if missing or left:
        first = [f"the array {key} is missing" for key in missing[:1]] + [
            f"{key} belongs to no layer" for key in left[:1]
        ]
        count = f"{len(missing)} missing, {len(left)} left over"
        raise InputError(f"these are no weights of {name}: {', '.join(first)} ({count}); give another file")
    for key, variable in weights.items():
        axes = axes_of(variable)
        wanted = tuple(np.array(variable.shape)[np.argsort(axes)].tolist())
        if given[key].shape != wanted:
            raise InputError(f"{key} has the shape {given[key].shape}, {name} wants {wanted}; give another file")
        if not np.isfinite(given[key]).all() or (key.endswith(VARIANCE) and given[key].min() < 0):
            raise InputError(
                f"{key} holds numbers that no trained network has (infinite, NaN, or a variance below 0); give another "
                "file"
            )
    for key, variable in weights.items():
        variable.assign(given[key].transpose(axes_of(variable)))


def pytorch_key(path: str) -> str:
    """Return the name that a weight has in the authors' file, from its path: model3_4/kernel is model3.4.weight."""
    layer, weight = path.split("/")[-2:]
    return f"{re.sub(r'_(?=[0-9]+$)', '.', layer)}.{NAMES[weight]}"


def axes_of(variable: keras.Variable) -> tuple[int, ...]:
    """Return the place in PyTorch's array of each axis of ours."""
    if len(variable.shape) == 4:
        return DEPTHWISE if "dwconv/" in variable.path else CONVOLUTION
    if len(variable.shape) == 3:
        return OF_ROWS
    if len(variable.shape) == 2 and variable.name in ("kernel", "in_proj_weight"):
        return MATRIX
    return tuple(range(len(variable.shape)))


def folded(state_dict: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state dict whose weights are what their normalizations make of them.

    Spectral: weight / (u' weight v), with the file's u and v, which is what PyTorch takes when it does not train. By
    length (Salimans 2016): each row of v / |v|, times g. Raises InputError if a part is missing or does not fit.
    """
    left, normalized = {}, {}
    for key, value in state_dict.items():
        stem, _, kind = key.rpartition(".")
        if kind in (*SPECTRAL, *BY_LENGTH):
            normalized.setdefault(stem, {})[kind] = value
        else:
            left[key] = value
    for stem, given in normalized.items():
        parts = BY_LENGTH if BY_LENGTH[0] in given else SPECTRAL
        absent = [part for part in parts if part not in given]
        if absent:
            raise InputError(f"the array {stem}.{absent[0]} is missing, beside {stem}.{min(given)}; give another file")
        fold = _of_length if parts is BY_LENGTH else _spectral
        left[f"{stem}.weight"] = np.float32(fold(stem, *(np.asarray(given[part], np.float64) for part in parts)))
    return left


def _spectral(stem: str, weight: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    if (u.size, v.size) != (len(weight), weight[0].size):
        raise InputError(f"{stem}.weight_u and weight_v do not fit the shape {weight.shape} of weight_orig")
    return weight / (u @ weight.reshape(len(weight), -1) @ v)


def _of_length(stem: str, lengths: np.ndarray, directions: np.ndarray) -> np.ndarray:
    if lengths.size != len(directions):
        raise InputError(f"{stem}.weight_g does not fit the shape {directions.shape} of weight_v")
    rows = directions.reshape(len(directions), -1)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True) * lengths.reshape(-1, 1)).reshape(directions.shape)


def check_pytorch(file: str) -> None:
    """Raise InputError if PyTorch, which reads the authors' files, is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise InputError(
            f"reading {file} needs PyTorch, which is not installed; {INSTALL}; its CPU build is enough: {PYTORCH}"
        )


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a .pth file by PyTorch (nothing of it is executed: weights_only).

    What fastai saves beside them, the state and the kind of its optimizer, is read and left.
    Raises InputError if PyTorch is not installed, or if the file is missing, broken or no state dict.
    """
    check_pytorch(path.name)
    import torch

    if not path.is_file():
        raise InputError(f"{path} is no file; give the .pth file, or leave it out to download it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats; what matters is whether the arrays are there
            with torch.serialization.safe_globals([functools.partial, torch.optim.Adam]):  # fastai's optimizer
                content = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_PYTORCHS as error:  # told in our words: PyTorch's advise to load it unsafely
        raise InputError(
            f"{path} is no file of PyTorch weights, is broken, or holds more than arrays ({type(error).__name__}); "
            "fetch it anew"
        ) from error
    wrapper = next((names for names in WRAPPERS if isinstance(content, dict) and set(content) == set(names)), None)
    if wrapper:
        content = content[wrapper[0]]
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise InputError(f"{path} holds no plain table of weights by name, as the authors' file does; give that one")
    whole = {str(key): tensor.detach() for key, tensor in content.items()}
    return {key: (x.float() if x.is_floating_point() else x).numpy() for key, x in whole.items()}
