"""The published networks as small as they go, and what their authors' files would hold."""

import dataclasses
import functools
import re

import numpy as np

from colorization.config import ClassificationConfig, DdcolorConfig, DeoldifyConfig, Siggraph17Config, model_name
from colorization.export import published
from colorization.export.pytorch_weights import axes_of, folded, pytorch_key
from colorization.models import build, convnext
from colorization.models.colorizer import DatasetStats
from tests.colorization.models.deoldify_weights import made_up_weights
from tests.colorization.models.tiny import shorten

TINY = {
    "eccv16": dataclasses.replace(
        published.PUBLISHED["eccv16"], model_config=ClassificationConfig(width=4, temperature=1.0)
    ),
    "siggraph17": dataclasses.replace(published.PUBLISHED["siggraph17"], model_config=Siggraph17Config(width=4)),
    "ddcolor_tiny": dataclasses.replace(
        published.PUBLISHED["ddcolor_tiny"],
        model_config=DdcolorConfig(encoder="convnext_tiny", width=8, queries=3),
        working_size=64,
        told_by=(published.STEM, 4),
    ),
    "deoldify": dataclasses.replace(
        published.PUBLISHED["deoldify"],
        model_config=DeoldifyConfig(width=4),
        working_size=64,
        told_by=(published.TOP, 32),
    ),
}
CONVNEXT = convnext.Variant((4, 8, 8, 12), (1, 1, 2, 1))
SPECTRAL = re.compile(r"(shuf\.conv\.0|layers\.\d\.conv\.0|refine_net\.0\.0)\.weight")  # normalised in DDColor's files


def publish_tiny(patch) -> None:
    """Let PUBLISHED hold the tiny networks instead of those of the same names. patch: pytest's MonkeyPatch."""
    patch.setitem(convnext.VARIANTS, "convnext_tiny", CONVNEXT)
    shorten(patch)
    for name, tiny in TINY.items():
        patch.setitem(published.PUBLISHED, name, tiny)


@functools.cache
def state_dict(name: str) -> dict[str, np.ndarray]:
    """Random arrays under the names and in the shapes of PyTorch's file for the tiny network."""
    config = TINY[name].model_config
    network = build(model_name(config), config, DatasetStats(size=256)).network
    if name == "deoldify":
        return made_up_weights(network)
    random, arrays = np.random.default_rng(0), {}
    for variable in network.variables:
        key, value = pytorch_key(variable.path), np.asarray(variable).transpose(np.argsort(axes_of(variable)))
        noise = random.normal(0, 0.2, value.shape)
        arrays[key] = (np.exp(noise) if key.endswith("running_var") else value + noise).astype(np.float32)
        if key.endswith("running_var"):
            arrays[key.replace("running_var", "num_batches_tracked")] = np.array(7)
        if name == "ddcolor_tiny" and SPECTRAL.search(key):
            arrays |= normalised(key, arrays.pop(key))
    unused = {key: np.ones(12, np.float32) for key in TINY[name].unused}
    return arrays | unused | {key: np.float32(numbers) for key, numbers in TINY[name].constants.items()}


def normalised(key: str, weight: np.ndarray) -> dict[str, np.ndarray]:
    """A weight as PyTorch's spectral_norm keeps it: beside its first singular vectors.

    The last one's are shorter, and so what is divided by them larger: ab is in Lab units, and one cannot be seen.
    """
    u, _, v = np.linalg.svd(weight.reshape(len(weight), -1), full_matrices=False)
    u = u / 50 if key.startswith("refine_net") else u
    return {f"{key}_orig": weight, f"{key}_u": u[:, 0], f"{key}_v": v[0]}


def file_weights(name):
    """What a file holds for the network: no counters, nothing that is not asked, spectral normalizations folded."""
    rest = {*TINY[name].unused, *TINY[name].constants}
    arrays = folded(state_dict(name))
    return {key: x for key, x in arrays.items() if key not in rest and not key.endswith("num_batches_tracked")}
