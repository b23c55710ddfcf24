"""Looks: named answers of an exported model, such as natural and vivid, each a few conditions by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from colorization.errors import InputError

NUMBERS = ("temperature", "saturation", "vibrance")  # what a look may set, and the command line, too


def parse_look(word: str) -> tuple[str, dict[str, float]]:
    """ "vivid=temperature:0.5,saturation:1.2" -> ("vivid", {"temperature": 0.5, "saturation": 1.2}), or InputError."""
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


def in_words(name: str, look: Mapping[str, float]) -> str:
    """ "natural (saturation 1.25, vibrance 0.5)"."""
    return f"{name} ({', '.join(f'{key} {value:g}' for key, value in look.items())})" if look else name


def described(looks: Mapping[str, Mapping[str, float]]) -> str:
    """ "natural (saturation 1.25), vivid (saturation 1.5); unasked: natural". looks: at least one."""
    return f"{', '.join(in_words(*look) for look in looks.items())}; unasked: {next(iter(looks))}"


def asked(options, looks: Mapping[str, Mapping[str, float]], path: Path) -> dict[str, float]:
    """What the command line asks of the model in `path`: the values of its --look, and those given themselves.

    looks: those of the model. Raises InputError for a look that it has not.
    """
    name = options.look
    if name and name not in looks:
        known = f"; it has {', '.join(looks)}" if looks else ", and no other; give --saturation, or --temperature"
        raise InputError(f"{path} has no look {name!r}{known}")
    given = {number: getattr(options, number) for number in NUMBERS if getattr(options, number) is not None}
    return {**looks.get(name, {}), **given}
