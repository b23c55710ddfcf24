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
}


def build(name: str, config, facts: Facts) -> Colorizer:
    """The network `name` of MODELS, with fresh weights."""
    return importlib.import_module(MODELS[name]).build(config, facts)
