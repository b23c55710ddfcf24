"""The models that come with the program: taken by their names, and `photo` where none is named."""

from __future__ import annotations

import os
from pathlib import Path

from colorization.errors import InputError

PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (PACKAGE.parent / "saved_models" / "pretrained", PACKAGE / "pretrained_models")  # in a clone; put there by pip


def called(path: Path) -> str:
    """Return what a model folder is called in messages: a bundled one by its name alone."""
    return path.name if path.resolve().parent in PLACES else str(path)


def bundled_names() -> list[str]:
    """Return what the bundled models are called."""
    return sorted({file.parent.name for place in PLACES for file in place.glob("*/model.json")})


def model_path(asked: str | Path) -> Path:
    """Return the path `asked`, or, if no model or run lies there, the folder of the bundled model of that name."""
    path = Path(asked)
    here = any((path / file).exists() for file in ("model.json", "config.json"))
    return bundled_model(path.name) if not here and path == Path(path.name) and path.name in bundled_names() else path


def bundled_model(name: str = "photo") -> Path:
    """Return the folder of a bundled model, as a path that is short from here.

    name: photo or photo-open, for photographs, or cifar10, for pictures of 32 px. Raises InputError if it has been
    taken away.
    """
    folder = next((place / name for place in PLACES if (place / name).is_dir()), None)
    if folder is None:
        raise InputError(f"{PLACES[0] / name} is missing, the bundled model; give another one with --model")
    try:
        relative = Path(os.path.relpath(folder))
    except ValueError:  # Windows: it lies on another drive
        return folder
    return min(folder, relative, key=lambda path: len(str(path)))
