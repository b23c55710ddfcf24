"""The whole state of a run in one file that is either the old one or the new one, never half of one.

An .npz of every variable (weights, moving statistics, states of random generators, optimizer slots) plus one JSON
text with what the training loop itself remembers. One file, so that weights and epoch cannot disagree; plain numpy,
so that every Keras backend reads it. Keras' own formats leave out the random generators' states, and write in place.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from colorization.errors import InputError
from colorization.models.weights import assign_keyed, keyed

PROGRESS = "progress.json"

Parts = Mapping[str, Sequence]  # such as {"network": network.variables, "optimizer": optimizer.variables}


def save_checkpoint(path: Path, parts: Parts, progress: Mapping) -> None:
    """Write a checkpoint beside, sync, rename: a process killed at any moment leaves the previous file whole."""
    arrays = {f"{part}/{key}": np.asarray(v) for part, each in parts.items() for key, v in keyed(each).items()}
    arrays[PROGRESS] = np.array(json.dumps(progress))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")  # always the same, so that what a kill leaves is written over
    try:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path, parts: Parts) -> dict:
    """Assign every variable of `parts` and return the progress. Other parts of the file are left alone.

    Raises InputError if the file is missing or broken, or if a variable of a part is missing, left over or misshapen:
    a network that silently keeps some fresh weights paints noise.
    """
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            for part, variables in parts.items():
                prefix = f"{part}/"
                stored = {key.removeprefix(prefix): file[key] for key in file.files if key.startswith(prefix)}
                assign_keyed(stored, variables, path)
            return json.loads(str(file[PROGRESS]))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist: this run has no checkpoint yet; train it with --resume") from error
    except InputError:
        raise
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError, OSError) as error:
        raise InputError(f"{path} is broken: no whole checkpoint; train anew under another --name") from error


def read_progress(path: Path) -> dict | None:
    """Return what the training loop remembered, or None where there is no checkpoint."""
    return load_checkpoint(path, {}) if path.exists() else None
