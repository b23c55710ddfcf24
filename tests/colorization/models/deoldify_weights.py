"""Made-up weights as the files of DeOldify's author keep them."""

import math
import re

import numpy as np

from colorization.export.pytorch_weights import axes_of, pytorch_key

SPECTRAL = re.compile(r"layers\.(3\.\d\.0|[4-7]\.(shuf\.)?conv\d?\.(0|3\.\w+)|10\.layers\.\d\.0|11\.0)\.weight")
BY_LENGTH = "layers.8.conv.0.weight"
POWER_ITERATIONS = 20
LARGEST = {  # of the singular values of a weight; 1 if it is not here
    "layers.11.0.weight": 4.0,  # a picture of many colours, few of them beyond black or white
    "layers.5.conv.3.query.weight": 3.0,  # places that see some more than others
    "layers.5.conv2.3.query.weight": 3.0,
}


def shapes_by_key(network) -> dict[str, tuple[int, ...]]:
    """Return PyTorch's shape of each weight of the network, under the author's name."""
    return {
        pytorch_key(variable.path): tuple(int(variable.shape[axis]) for axis in np.argsort(axes_of(variable)))
        for variable in network.variables
    }


def shapes_in_file(network) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array that the author's file holds for the network."""
    shapes = {}
    for key, shape in shapes_by_key(network).items():
        if SPECTRAL.fullmatch(key):
            shapes |= {f"{key}_orig": shape, f"{key}_u": shape[:1], f"{key}_v": (math.prod(shape[1:]),)}
        elif key == BY_LENGTH:
            shapes |= {f"{key}_g": (shape[0], 1, 1, 1), f"{key}_v": shape}
        else:
            shapes[key] = shape
        if key.endswith("running_var"):
            shapes[key.replace("running_var", "num_batches_tracked")] = ()
    return shapes


def made_up_weights(network, seed: int = 0) -> dict[str, np.ndarray]:
    """Return random arrays as the author's file would hold them for the network: what it paints has many colours."""
    random, arrays = np.random.default_rng(seed), {}
    for key, shape in shapes_by_key(network).items():
        weight = _random(random, key, shape).astype(np.float32)
        if SPECTRAL.fullmatch(key):
            arrays |= _spectral(key, weight)
        elif key == BY_LENGTH:
            arrays |= _by_length(random, key, weight)
        else:
            arrays[key] = weight
        if key.endswith("running_var"):
            arrays[key.replace("running_var", "num_batches_tracked")] = np.array(7)
    return arrays


def _random(random: np.random.Generator, key: str, shape: tuple[int, ...]) -> np.ndarray:
    if len(shape) > 1:
        return random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
    if key.endswith(("running_var", "gamma")) or (key.endswith("weight") and len(shape) == 1):
        return np.exp(random.normal(0, 0.2, shape))
    return random.normal(0, 0.2, shape)


def _spectral(key: str, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Return what PyTorch's spectral_norm keeps: the weight beside its first singular vectors, by power iteration."""
    rows = weight.reshape(len(weight), -1)
    v = np.ones(rows.shape[1], np.float32)
    for _ in range(POWER_ITERATIONS):
        u = rows @ v
        u /= np.linalg.norm(u)
        v = u @ rows
        v /= np.linalg.norm(v)
    return {f"{key}_orig": weight, f"{key}_u": u / np.float32(LARGEST.get(key, 1)), f"{key}_v": v}


def _by_length(random: np.random.Generator, key: str, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Return what PyTorch's weight_norm keeps: directions of any length, and the lengths."""
    lengths = np.sqrt(np.square(weight).sum(axis=(1, 2, 3), keepdims=True))
    return {f"{key}_g": lengths, f"{key}_v": weight * np.float32(np.exp(random.normal(0, 0.2, lengths.shape)))}
