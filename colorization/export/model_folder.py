"""Writes a model folder: model.json, model.onnx, and what else was asked for; proves each before any is put there."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.color.bins import BINS
from colorization.config import model_from_json, model_name
from colorization.errors import InputError
from colorization.export.litert import write_litert
from colorization.export.onnx import condition_inputs, output_names, write_onnx
from colorization.export.saved_model import write_saved_model
from colorization.export.verify import verify_litert, verify_onnx, verify_saved_model
from colorization.inference.model import MODEL_FILE, NETWORK_FILE
from colorization.models import build
from colorization.models.colorizer import Colorizer, DatasetStats
from colorization.models.weights import assign_keyed, read_weights
from colorization.training.run_folder import RunFolder, write_json

SAVED_MODEL, LITERT = "saved_model", "model.tflite"  # what the further forms are called in the folder
FORMATS = ("saved_model",)  # written beside model.onnx if nothing else is said
WRITTEN = (MODEL_FILE, NETWORK_FILE, SAVED_MODEL, LITERT)  # all that an export writes; other files are the user's

Numbers = Mapping[str, float]


def export_folder(run_path: Path) -> Path:
    """Return where the export of a run lies if nothing else is said: saved_models/<run>."""
    return Path("saved_models") / run_path.resolve().name


def check_free(path: Path, id: str, what: str) -> None:
    """Raise InputError if `path` exists and is anything but an earlier export of this very run."""
    if path.exists() and read_card(path).get("run") != id:
        raise InputError(f"{path} exists and is no export of {what}; give --overwrite to replace it, or move it away")


def read_card(path: Path) -> dict:
    """Return what model.json of a model folder says, or {} where there is none that can be read."""
    try:
        return json.loads((path / MODEL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def export_run(
    run: RunFolder,
    path: Path,
    overwrite: bool = False,
    defaults: Numbers | None = None,
    presets: Mapping[str, Numbers] | None = None,
    formats: Sequence[str] = FORMATS,
    half: bool = False,
) -> dict[str, dict[str, float]]:
    """Write a run's best epoch to the model folder `path`, and return its presets; see `export_colorizer`.

    presets: named settings, the first one the default; None or none: those of the exported model that the run began
    with, if it still lies there. defaults: numbers, such as temperature, that the export shall have instead of these.
    Raises InputError for a number that the network does not take.
    """
    if not overwrite:
        check_free(path, run.id, str(run.path))
    colorizer = run.load_colorizer().without_training_parts()
    presets = dict(presets or _presets_of(run.config.training.init, colorizer))
    for preset in presets.values():
        colorizer.with_defaults(preset)
    colorizer = colorizer.with_defaults({**next(iter(presets.values()), {}), **(defaults or {})})
    about = run.config.to_json() | {"run": run.id, "stats": dataclasses.asdict(run.stats), "presets": presets}
    export_colorizer(colorizer, run.config.data.size, about, path, formats, half)
    return presets


def export_colorizer(
    colorizer: Colorizer,
    input_size: int,
    about: dict,
    path: Path,
    formats: Sequence[str] = FORMATS,
    half: bool = False,
) -> None:
    """Write a network to the model folder `path`, and prove that each form of it answers as the network does.

    An earlier export that lies there is replaced; other files of the folder are kept.

    input_size: shorter side, px, at which the network sees a photograph. about: what model.json says beside what
    `colorize` needs to know. formats: "saved_model", "litert", written beside model.onnx. half: store the weights of
    model.onnx in 16 bits.
    Raises InputError if `path` cannot be written, or if a form that was written differs from the network.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            new, old = Path(folder) / "new", Path(folder) / "old"
            new.mkdir()
            write_json(new / MODEL_FILE, about | card_of(colorizer, input_size))
            write_onnx(colorizer, new / NETWORK_FILE, half)
            verify_onnx(new, colorizer)
            if "saved_model" in formats:
                write_saved_model(colorizer, input_size, new / SAVED_MODEL)
                verify_saved_model(new / SAVED_MODEL, new)
            if "litert" in formats:
                write_litert(colorizer, new / LITERT)
                verify_litert(new / LITERT, colorizer, np.float32(about.get("bin_colours", BINS)))
            _copy_others(path, new)
            _put(new, path, old)
    except (OSError, tf.errors.OpError) as error:
        raise InputError(f"{path} cannot be written ({str(error).splitlines()[0]}); give another --output") from error


def _put(new: Path, path: Path, old: Path) -> None:
    """Move the folder `new` to `path`; what lies there is moved to `old` first, and back if that fails."""
    if path.exists():
        path.rename(old)
    try:
        new.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise


def _copy_others(old: Path, new: Path) -> None:
    """Copy what no export writes (README.md, metrics, pictures) from the folder `old`, if it is there."""
    others = [each for each in old.iterdir() if each.name not in WRITTEN] if old.exists() else []
    for each in others:
        if each.is_dir():
            shutil.copytree(each, new / each.name, symlinks=True)
        else:
            shutil.copy2(each, new / each.name, follow_symlinks=False)


def card_of(colorizer: Colorizer, input_size: int) -> dict:
    """Return what model.json must say so that the network can be asked; see inference.model.ModelCard."""
    inputs = condition_inputs(colorizer.network)
    conditions = {}
    for name, default in colorizer.conditions.items():
        if name in inputs:
            kind = "plane" if inputs[name].shape.rank == 4 else "vector"
            conditions[name] = {"kind": kind, "channels": inputs[name].shape[-1]}
        else:
            conditions[name] = {"kind": "number"}
        if default is not None:
            conditions[name]["default"] = default
    return {
        "input_size": input_size,
        "stride": colorizer.stride,
        "conditions": conditions,
        "outputs": list(output_names(colorizer)),
    }


def open_exported(path: Path) -> tuple[Colorizer, dict]:
    """Return the network of the model folder `path`, with its defaults, and what its model.json says.

    Raises InputError if it is none, or if its weights do not fit the network that its model.json names.
    """
    card = read_card(path)
    config = model_from_json(card, str(path / MODEL_FILE))
    stats = DatasetStats(**{name: tuple(v) if isinstance(v, list) else v for name, v in card.get("stats", {}).items()})
    colorizer = build(model_name(config), config, stats).without_training_parts()
    assign_keyed(read_weights(path / NETWORK_FILE), colorizer.network.variables, path)
    defaults = {name: each["default"] for name, each in card.get("conditions", {}).items() if "default" in each}
    return colorizer.with_defaults(defaults), card


def _presets_of(init: str, colorizer: Colorizer) -> dict[str, dict[str, float]]:
    """Return the presets of the exported model `init` that `colorizer` takes, too; none where it is gone."""
    presets = read_card(Path(init)).get("presets", {}) if init else {}
    return {name: preset for name, preset in presets.items() if all(key in colorizer.conditions for key in preset)}
