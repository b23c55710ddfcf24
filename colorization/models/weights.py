"""A network's weights by name, as checkpoints and model.onnx hold them: read, compared with the network, assigned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx

from colorization.errors import InputError

KEY = re.compile(r"\d{4}/")  # what a weight's name begins with
HALF = ":half"  # what the name of a 16-bit weight in model.onnx ends with


def keyed(variables: Sequence) -> dict:
    """Return the variables by a name that is the same in every process: their place and path.

    The place tells variables of one name apart. Numbers that Keras gives to unnamed objects count up through a
    process, so that they differ between the one that saves and the one that loads; they are left out.
    """
    return {f"{i:04d}/{re.sub(r'_[0-9]+(?=/)', '', v.path)}": v for i, v in enumerate(variables)}


def assign_keyed(stored: Mapping, variables: Sequence, path: Path) -> None:
    """Give each variable its array of `stored`, which came from `path`; raises InputError unless each has one."""
    wanted = keyed(variables)
    if set(stored) != set(wanted):
        names = ", ".join(sorted(set(stored) ^ set(wanted))[:3])
        raise InputError(f"{path} does not fit this network: {names} stand in one and not in the other")
    for key, variable in wanted.items():
        value = np.asarray(stored[key])
        if value.shape != tuple(variable.shape):
            raise InputError(f"{path}: {key} has shape {value.shape}, the network wants {tuple(variable.shape)}")
        variable.assign(value)


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Return every weight of the model.onnx at `path` by its key, float32; raises InputError if it cannot be read."""
    return {
        each.name.removesuffix(HALF): onnx.numpy_helper.to_array(each).astype(np.float32)
        for each in _initializers(path)
    }


def holds_half(path: Path) -> bool:
    """Return whether the model.onnx at `path` stores weights in 16 bits; raises InputError if it cannot be read."""
    return any(each.name.endswith(HALF) for each in _initializers(path))


def _initializers(path: Path) -> list:
    try:
        model = onnx.load(path)
    except (OSError, ValueError, onnx.onnx_cpp2py_export.checker.ValidationError) as error:
        raise InputError(f"{path} cannot be read ({error})") from error
    return [each for each in model.graph.initializer if KEY.match(each.name)]
