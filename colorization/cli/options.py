"""A dataclass of config/ as options of a command line, by argparse; errors as InputError, in one line."""

from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path

from colorization.errors import InputError
from colorization.inference.bundled import bundled_names, model_path


class Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise InputError(f"{message}; {self.prog} --help lists the options")


def option_fields(cls: type) -> list[dataclasses.Field]:
    """Return the fields that `config.option` made."""
    return [field for field in dataclasses.fields(cls) if "help" in field.metadata]


def add_options(group, cls: type) -> None:
    """Add one argument a field; absent ones leave no trace, so that it can be seen what was given."""
    for field in option_fields(cls):
        if field.metadata["positional"]:
            group.add_argument(field.name, **_positional(field))
        else:
            group.add_argument(f"--{dashed(field.name)}", dest=field.name, default=argparse.SUPPRESS, **_named(field))


def _positional(field: dataclasses.Field) -> dict:
    about = field.metadata
    count = {"one": {}, "perhaps": {"nargs": "?", "default": ""}, "many": {"nargs": "+"}}[about["positional"]]
    return count | {
        "help": about["help"] + (f": {', '.join(about['choices'])}" if about["choices"] else ""),
        "metavar": field.name.upper(),
        "type": _converter(str, about),
        "choices": about["choices"] or None,
    }


def _named(field: dataclasses.Field) -> dict:
    about, default = field.metadata, field.default
    path = "PATH" if about["exists"] else None
    if isinstance(default, bool):
        return {"action": "store_true", "help": about["help"]}
    if isinstance(default, tuple):
        words = {"type": _converter(str, about), "choices": about["choices"] or None, "metavar": path}
        return {"action": "append", "help": about["help"], **words}
    kind = float if default is None else type(default)
    shown = f" (default: {default:,} {about['unit']})" if about["unit"] else f" (default: {default})"
    return {
        "type": _converter(kind, about),
        "choices": about["choices"] or None,
        "metavar": path or (None if about["choices"] else {int: "N", float: "X"}.get(kind)),
        "help": (about["help"] + ("" if default in (None, "") else shown)).replace("%", "%%"),
    }


def _converter(kind: type, about: dict):
    minimum, maximum = about["minimum"], about["maximum"]

    def convert(word: str):
        value = kind(word)
        if kind is float and not math.isfinite(value):
            raise argparse.ArgumentTypeError(f"{word} is no finite number")
        if about["model"] and word and "://" not in word:
            value = str(model_path(word))
        if about["exists"] and word and "://" not in word and not Path(value).exists():
            known = f"; bundled models: {', '.join(bundled_names())}" if about["model"] else ""
            raise argparse.ArgumentTypeError(f"{word} does not exist{known}")
        if minimum is not None and value < minimum:
            raise argparse.ArgumentTypeError(f"{word} is less than {minimum}")
        if maximum is not None and value > maximum:
            raise argparse.ArgumentTypeError(f"{word} is more than {maximum}")
        return value

    convert.__name__ = {int: "whole number", float: "number"}.get(kind, "word")  # argparse: "invalid number value: 'x'"
    return convert


def take(cls: type, given: dict):
    """Return the dataclass with what was given for it, which is taken out of `given`."""
    return cls(**taken(cls, given))


def taken(cls: type, given: dict) -> dict:
    """Return what was given for the dataclass, taken out of `given`."""
    values = {f.name: given.pop(f.name) for f in option_fields(cls) if f.name in given}
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


def dashed(name: str) -> str:
    """Return a field's name as it is typed: input-size of input_size, from of from_, which Python has as a word."""
    return name.removesuffix("_").replace("_", "-")


def listed(names) -> str:
    return ", ".join(f"--{dashed(name)}" for name in names)
