"""The networks: one file and one row each. A file has `build(config, facts) -> Colorizer`; listing imports none."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colorization.models.colorizer import Colorizer, Facts

MODELS = {
    "unet": "colorization.models.unet",
    "classification": "colorization.models.classification",
    "siggraph17": "colorization.models.siggraph17",
    "chromagan": "colorization.models.chromagan",
    "guided": "colorization.models.guided",
}


def build(name: str, config, facts: Facts) -> Colorizer:
    """The network `name` of MODELS, with fresh weights."""
    return importlib.import_module(MODELS[name]).build(config, facts)


def settle(name: str, config, facts: Facts) -> tuple:
    """The model's settings with what its `auto` ones come to for a data set, and a line to print about each."""
    module = importlib.import_module(MODELS[name])
    return module.settle(config, facts) if hasattr(module, "settle") else (config, [])
