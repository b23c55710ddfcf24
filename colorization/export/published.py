"""The authors' released weights -> our networks, which are theirs layer for layer.

richzhang/colorization (BSD 2-clause): eccv16 and siggraph17; piddnad/DDColor (Apache-2.0); jantic/DeOldify (MIT).
PyTorch state dicts.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from colorization.color.bins import BINS
from colorization.config import (
    ClassificationConfig,
    DdcolorConfig,
    DeoldifyConfig,
    Siggraph17Config,
    model_name,
    model_to_json,
)
from colorization.errors import InputError
from colorization.export.hub import HubFile
from colorization.export.pytorch_weights import assign, folded
from colorization.models import build
from colorization.models.classification import AB_RANGE
from colorization.models.colorizer import Colorizer, DatasetStats
from colorization.models.convnext import PREFIX
from colorization.models.layers import IMAGENET_DEVIATION, IMAGENET_MEAN
from data_pipelines.download import Remote

BUCKET = "https://colorizers.s3.us-east-2.amazonaws.com"
HUB = "piddnad/DDColor-models"
STEM = f"{PREFIX}.downsample_layers.0.0.weight"  # of ddcolor: as many rows as the encoder's first map has channels
TOP = "layers.1.weight"  # of deoldify: as many rows as the encoder's last map has channels
FIRST_VARIANT = {"ddcolor": "modelscope", "deoldify": "artistic"}  # what the authors show first, by network


@dataclass(frozen=True)
class Published:
    """One released network: which of ours it is, with which settings, and where its file lies.

    model_config: what training on from it starts with.
    told_by: an array that only this network has, and how many rows it has in this variant.
    conditions: what it is asked with, as published.
    sharpening: the temperature that its logits are divided by already, in its weights.
    working_size: px; what the authors' demo shows it, whatever the photograph's size.
    unused: arrays of the file that its forward pass does not take. constants: arrays that are numbers of our code.
    """

    model_config: object
    remote: Remote | HubFile
    paper: str
    licence: str
    told_by: tuple[str, int]
    conditions: Mapping[str, float] = field(default_factory=dict)
    sharpening: float = 1.0
    working_size: int = 256
    unused: tuple[str, ...] = ()
    constants: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def _ddcolor(file: str, encoder: str, variant: str) -> Published:
    return Published(
        model_config=DdcolorConfig(encoder=encoder, width=256, queries=100),
        remote=HubFile(HUB, file, instead=f"give the file: import ddcolor FILE --variant {variant}"),
        paper="Kang et al.: DDColor: Towards Photo-Realistic Image Colorization via Dual Decoders, ICCV 2023, "
        "arXiv 2212.11613",
        licence="Apache-2.0, piddnad/DDColor; trained on ImageNet",
        working_size=512,
        unused=("encoder.arch.norm.weight", "encoder.arch.norm.bias"),
        constants={"mean": IMAGENET_MEAN, "std": IMAGENET_DEVIATION},
        told_by=(STEM, 96 if encoder == "convnext_tiny" else 192),
    )


def _deoldify(remote: Remote, generator: str, working_size: int = 560) -> Published:
    return Published(
        model_config=DeoldifyConfig(generator=generator, width=64),
        remote=remote,
        paper="Antic: DeOldify, 2019, github.com/jantic/DeOldify; its self-attention: Zhang et al. 2018, "
        "arXiv 1805.08318",
        licence="MIT, jantic/DeOldify; trained on ImageNet",
        working_size=working_size,
        told_by=(TOP, 512 if generator == "artistic" else 2048),
    )


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
        licence="BSD 2-clause, richzhang/colorization; trained on ImageNet",
        told_by=("model_out.weight", 2),
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
        licence="BSD 2-clause, richzhang/colorization; trained on ImageNet",
        told_by=("model_out.0.weight", 2),
    ),
    "ddcolor": _ddcolor("ddcolor_modelscope.pth", "convnext_large", FIRST_VARIANT["ddcolor"]),
    "ddcolor_paper": _ddcolor("ddcolor_paper.pth", "convnext_large", "paper"),
    "ddcolor_artistic": _ddcolor("ddcolor_artistic.pth", "convnext_large", "artistic"),
    "ddcolor_tiny": _ddcolor("ddcolor_paper_tiny.pth", "convnext_tiny", "tiny"),
    "deoldify": _deoldify(
        Remote(
            url="https://data.deepai.org/deoldify/ColorizeArtistic_gen.pth",
            size=255_144_681,
            sha256="3f750246fa220529323b85a8905f9b49c0e5d427099185334d048fb5b5e22477",
            instead="give the file: import deoldify FILE",
        ),
        generator="artistic",
    ),
    "deoldify_stable": _deoldify(
        Remote(  # a copy: the author's own link is to a personal folder of Dropbox
            url="https://huggingface.co/spensercai/DeOldify/resolve/main/ColorizeStable_gen.pth",
            size=874_066_230,
            sha256="ca9cd7f43fb8b222c9a70f7b292e305a000694b0ff9d2ae4a6747b1a2e1ee5af",
            instead="give the file: import deoldify FILE --variant stable",
        ),
        generator="stable",
    ),
    "deoldify_video": _deoldify(
        Remote(
            url="https://data.deepai.org/deoldify/ColorizeVideo_gen.pth",
            size=874_066_230,
            sha256="e3d98bb6a222354c79f95485c2f078a89dc724e9183662506d9e0f5aafac83ad",
            instead="give the file: import deoldify FILE --variant video",
        ),
        generator="stable",
        working_size=336,
    ),
}


def full_name(name: str, variant: str = "") -> str:
    """Return the key in PUBLISHED of a network's variant; raises InputError for one that it has not."""
    variants = _variants(name)
    if not variant or variant in variants:
        return variants.get(variant, name)
    others = f"known: {', '.join(variants)}" if variants else "leave --variant out"
    raise InputError(f"{name} has no variant {variant!r}; {others}")


def _variants(name: str) -> dict[str, str]:
    """Return the keys in PUBLISHED of a network's variants by what they are called; none of one that has a single."""
    if name not in FIRST_VARIANT:
        return {}
    others = {key.removeprefix(f"{name}_"): key for key in PUBLISHED if key.startswith(f"{name}_")}
    return {FIRST_VARIANT[name]: name} | others


def convert(name: str, state_dict: Mapping[str, np.ndarray]) -> Colorizer:
    """Return the published network `name` with these weights: arrays named and shaped as in the authors' file.

    Raises InputError for a name that PUBLISHED has not, and for a key that is missing, left over or misshapen.
    """
    if name not in PUBLISHED:
        raise InputError(f"unknown published network {name!r}; known: {', '.join(PUBLISHED)}")
    published = PUBLISHED[name]
    _check_whose(state_dict, name)
    colorizer = build(
        model_name(published.model_config), published.model_config, DatasetStats(size=published.working_size)
    )
    for layer in colorizer.network.layers:
        layer.trainable = True  # theirs train every layer, model_out too
    assign(colorizer.network, _taken(folded(state_dict), published, name), name)
    return colorizer.with_defaults(published.conditions)


def _check_whose(state_dict: Mapping[str, np.ndarray], name: str) -> None:
    """Raise InputError if these are another published network's weights: told before a large one is built."""
    rows = {key: np.shape(value)[:1] for key, value in state_dict.items()}
    fitting = [other for other, each in PUBLISHED.items() if rows.get(each.told_by[0]) == each.told_by[1:]]
    if fitting and name not in fitting:
        network = fitting[0].partition("_")[0]
        variants = [variant for variant, full in _variants(network).items() if full in fitting]
        words = f"import {network} FILE" + (f" --variant {' or '.join(variants)}" if variants else "")
        raise InputError(f"these are no weights of {name}, but of {' or '.join(fitting)}: {words}")


def _taken(state_dict: Mapping[str, np.ndarray], published: Published, name: str) -> dict[str, np.ndarray]:
    """Return the arrays that are weights of our network; raises InputError if a constant is not what it is here."""
    for key in (*published.constants, *published.unused):
        if key not in state_dict:
            raise InputError(f"these are no weights of {name}: the array {key} is missing; give another file")
    for key, numbers in published.constants.items():
        if state_dict[key].size != len(numbers) or not np.allclose(np.ravel(state_dict[key]), numbers, atol=1e-6):
            raise InputError(
                f"the array {key} is {np.ravel(state_dict[key])[:5]}, {name} has {numbers}; give another file"
            )
    return {key: x for key, x in state_dict.items() if key not in published.constants and key not in published.unused}


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
        "stats": dataclasses.asdict(DatasetStats(mean_ab=None, size=published.working_size)),
        "sharpening": published.sharpening,
        "licence": published.licence,
        "published": {
            "paper": published.paper,
            "file": file.name,
            "sha256": sha256,
            # the hub says what a file's checksum is only where it is asked
            "is_the_released_file": sha256 == published.remote.sha256 if isinstance(published.remote, Remote) else None,
        },
    }


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
