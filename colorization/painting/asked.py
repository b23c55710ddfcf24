"""The model with what the options of `colorize` ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from colorization.config import ColorizeOptions
from colorization.config.commands import AUTO
from colorization.errors import InputError
from colorization.images.reader import read_picture
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint
from colorization.inference.model import Model
from colorization.inference.palettes import palette_shares, parse_palette
from colorization.inference.presets import asked_conditions
from colorization.inference.reference import reference_shares
from colorization.painting.picture import PictureColorizer


def picture_colorizer(options: ColorizeOptions, hints: Sequence[Hint], size: int | str) -> PictureColorizer:
    """Return the model with the options of this call; raises InputError for one that it does not take."""
    own = 0 if size == AUTO else size
    colorizer = Colorizer(Model(options.model or bundled_model()), own, options.upsampling, options.flips)
    conditions = asked_conditions(options, colorizer.presets, colorizer.path)
    if options.reference or options.palette:
        conditions["reference"] = _reference(options)
    colorizer.check_conditions(conditions)
    check_variants(colorizer, conditions, size == AUTO, options)
    return PictureColorizer(colorizer, conditions, hints, size == AUTO, options)


def _reference(options: ColorizeOptions) -> np.ndarray:
    """Return the shares of the colours to go by; raises InputError if they say nothing."""
    if options.palette and options.reference:
        raise InputError("--palette and --reference say the same in two ways; give one of them")
    if options.palette:
        return palette_shares(parse_palette(options.palette))
    return reference_shares(read_picture(Path(options.reference), options.max_pixels).rgb)


def check_variants(
    colorizer: Colorizer, conditions: dict[str, float], agreed_size: bool, options: ColorizeOptions
) -> None:
    """Raise InputError if --samples or --confidence are asked for and have nothing to go by."""
    if not (options.samples or options.confidence):
        return
    colorizer.check_distribution()
    if agreed_size:
        raise InputError("--input-size auto chooses a size for the picture alone; give one in pixels, or no --samples")
    if options.samples and not {**colorizer.model.card.numbers, **conditions}["temperature"]:
        raise InputError("--samples at temperature 0 are all the same; give a higher --temperature")
    if options.samples and "reference" in conditions:
        raise InputError("--samples are drawn without a reference; leave --reference and --palette out, or --samples")
