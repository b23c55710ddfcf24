"""The networks: one file and one row each. A file has `build(config, stats) -> Colorizer`; listing imports none."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colorization.models.colorizer import Colorizer, DatasetStats

MODELS = {
    "unet": "colorization.models.unet",
    "classification": "colorization.models.classification",
    "siggraph17": "colorization.models.siggraph17",
    "chromagan": "colorization.models.chromagan",
    "guided": "colorization.models.guided",
    "ddcolor": "colorization.models.ddcolor",
    "deoldify": "colorization.models.deoldify",
}


def build(name: str, config, stats: DatasetStats) -> Colorizer:
    """Build the network `name` of MODELS, with fresh weights."""
    return importlib.import_module(MODELS[name]).build(config, stats)


def settle(name: str, config, stats: DatasetStats) -> tuple:
    """Return the model's settings with what its `auto` ones come to for a data set, and a line to print about each."""
    module = importlib.import_module(MODELS[name])
    return module.settle(config, stats) if hasattr(module, "settle") else (config, [])
