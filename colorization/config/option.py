"""What makes a dataclass field an option of the command line, and reads a dataclass back from JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import field

from colorization.errors import InputError


def option(
    default,
    help: str,
    *,
    choices: tuple = (),
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    positional: str = "",
    exists: bool = False,
    model: bool = False,
):
    """Make a dataclass field that is also a command line option.

    default: its type is the option's; a tuple may be given several times; None is a number that may be left out.
    positional: "one", "perhaps" or "many" makes it a word of its own instead of `--name VALUE`.
    exists: it is a path that must be there; said before anything is imported.
    model: it is such a path, or the name of a bundled model, whose folder is then meant.
    """
    metadata = {"help": help, "choices": choices, "unit": unit, "minimum": minimum, "maximum": maximum}
    metadata |= {"positional": positional, "exists": exists or model, "model": model}
    return field(default=default, metadata=metadata)


def from_keys(cls, keys: dict):
    """Return the dataclass of a file's keys; what an older file does not say yet gets its default.

    Raises KeyError for a key that the dataclass has not, TypeError for a value of another kind.
    """
    fields = {f.name: f for f in dataclasses.fields(cls)}
    unknown = sorted(set(keys) - set(fields))
    if unknown:
        raise KeyError(f"{cls.__name__} has no {', '.join(unknown)}")
    values = {}
    for name, value in keys.items():
        default = fields[name].default
        value = tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
        if not isinstance(value, type(default)) and not isinstance(default, float):
            raise TypeError(f"{name} is {value!r}")
        values[name] = value
    return cls(**{name: value for name, value in values.items() if fields[name].init})


def other_version(where: str, error: Exception) -> InputError:
    return InputError(f"{where} was written by another version of this program ({error}); train anew")
