"""Presets: named settings of an exported model, such as natural and vivid: numbers and vectors by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from pathlib import Path

from colorization.config.commands import RANGES
from colorization.errors import InputError
from colorization.inference.bundled import called

NUMBERS = ("temperature", "saturation", "vibrance")  # what the command line and a preset may set
PRESET_NUMBERS = (*NUMBERS, "certainty", "evenness")
PRESET_VECTORS = ("white", "chroma")  # conditions of --model guided, see models.guidance

Preset = Mapping[str, float | tuple[float, ...]]


def check_ranges(conditions: Mapping) -> None:
    """Raise InputError for a number that is none, or out of its range; the same for whoever asks."""
    for name, (least, most) in RANGES.items():
        value = conditions.get(name, least)
        if not isinstance(value, Real):
            raise InputError(f"{name} must be a number, got {type(value).__name__}: give {least:g} to {most:g}")
        if not least <= value <= most:
            raise InputError(f"{name} {float(value):g}: give {least:g} to {most:g}")


def parse_preset(word: str) -> tuple[str, dict[str, float | tuple[float, ...]]]:
    """Return ("vivid", {"saturation": 1.2, "white": (1.0, 0.0, 0.0)}) of "vivid=saturation:1.2,white:1/0/0".

    Raises InputError for anything else.
    """
    name, _, settings = word.partition("=")
    try:
        pairs = dict(setting.split(":") for setting in settings.split(","))
        values = {key: _value(key, value) for key, value in pairs.items()}
    except ValueError:
        values = {}
    if not name.isidentifier() or not values:
        raise InputError(
            f"--look {word} is no look; write name=temperature:X,saturation:X, such as vivid=saturation:1.3"
        )
    return name, values


def _value(key: str, word: str) -> float | tuple[float, ...]:
    """Return the number or the vector that a word means; raises ValueError for what a preset may not set."""
    numbers = tuple(float(part) for part in word.split("/"))
    if key in PRESET_VECTORS and all(map(math.isfinite, numbers)):
        return numbers
    if key in PRESET_NUMBERS and len(numbers) == 1 and RANGES[key][0] <= numbers[0] <= RANGES[key][1]:
        return numbers[0]
    raise ValueError(f"{key}:{word}")


def in_words(name: str, preset: Preset) -> str:
    """Return "natural (saturation 1.25, vibrance 0.5)"."""
    settings = (
        f"{key} {'/'.join(f'{each:g}' for each in value) if isinstance(value, tuple | list) else f'{value:g}'}"
        for key, value in preset.items()
    )
    return f"{name} ({', '.join(settings)})" if preset else name


def described(presets: Mapping[str, Preset]) -> str:
    """Return "natural (saturation 1.25), vivid (saturation 1.5); the default is natural"; at least one preset."""
    return f"{', '.join(in_words(*preset) for preset in presets.items())}; the default is {next(iter(presets))}"


def asked_conditions(options, presets: Mapping[str, Preset], path: Path) -> dict[str, float | tuple[float, ...]]:
    """Return what options ask of the model in `path`: what the preset `look` sets, then their own numbers.

    presets: those of the model. Raises InputError for a preset that it does not have.
    """
    given = {number: getattr(options, number) for number in NUMBERS if getattr(options, number) is not None}
    return {**preset_named(options.look, presets, path), **given}


def preset_named(name: str, presets: Mapping[str, Preset], path: Path) -> Preset:
    """Return the preset of a name, of those of the model in `path`; for "" none. Raises InputError for another."""
    if name and name not in presets:
        known = f"; it has {', '.join(presets)}" if presets else ", and no other; give --saturation, or --temperature"
        raise InputError(f"{called(path)} has no look {name!r}{known}")
    return presets.get(name, {})
