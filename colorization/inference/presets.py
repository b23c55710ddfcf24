"""Presets: named settings of an exported model, such as natural and vivid, each a few numbers by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from colorization.errors import InputError

NUMBERS = ("temperature", "saturation", "vibrance")  # what a preset may set, and the command line, too


def parse_preset(word: str) -> tuple[str, dict[str, float]]:
    """Return ("vivid", {"temperature": 0.5, "saturation": 1.2}) of "vivid=temperature:0.5,saturation:1.2".

    Raises InputError for anything else.
    """
    name, _, settings = word.partition("=")
    try:
        pairs = dict(setting.split(":") for setting in settings.split(","))
        values = {key: float(value) for key, value in pairs.items()}
    except ValueError:
        values = {}
    wrong = [key for key, value in values.items() if key not in NUMBERS or not 0 <= value < math.inf]
    if not name.isidentifier() or not values or wrong:
        raise InputError(
            f"--look {word} is no look; write name=temperature:X,saturation:X, such as vivid=saturation:1.3"
        )
    return name, values


def in_words(name: str, preset: Mapping[str, float]) -> str:
    """Return "natural (saturation 1.25, vibrance 0.5)"."""
    return f"{name} ({', '.join(f'{key} {value:g}' for key, value in preset.items())})" if preset else name


def described(presets: Mapping[str, Mapping[str, float]]) -> str:
    """Return "natural (saturation 1.25), vivid (saturation 1.5); the default is natural"; at least one preset."""
    return f"{', '.join(in_words(*preset) for preset in presets.items())}; the default is {next(iter(presets))}"


def asked_numbers(options, presets: Mapping[str, Mapping[str, float]], path: Path) -> dict[str, float]:
    """Return the numbers that options ask of the model in `path`: those of the preset `look`, then its own.

    presets: those of the model. Raises InputError for a preset that it does not have.
    """
    name = options.look
    if name and name not in presets:
        known = f"; it has {', '.join(presets)}" if presets else ", and no other; give --saturation, or --temperature"
        raise InputError(f"{path} has no look {name!r}{known}")
    given = {number: getattr(options, number) for number in NUMBERS if getattr(options, number) is not None}
    return {**presets.get(name, {}), **given}
