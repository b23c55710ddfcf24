"""Which exported models are served, and what visitors call them; light, so that a wrong one is told at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from colorization.errors import InputError


def named_models(paths: Sequence[str]) -> dict[str, Path]:
    """Return exported models by the names of their folders: what visitors choose from, who must not see where they lie.

    Raises:
        InputError: a folder holds no model, or two have one name.
    """
    models = {}
    for path in map(Path, paths):
        name = path.resolve().name
        if name in models:
            raise InputError(f"--model {models[name]} and --model {path} are both called {name}; rename one's folder")
        try:
            json.loads((path / "model.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"--model {path} is no exported model; make one by `export logs/<run>`") from error
        models[name] = path
    return models
