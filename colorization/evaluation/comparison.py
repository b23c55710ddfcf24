"""What the folders of runs and of exported models say, as far as it can be read, and what differs among them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.config import RunConfig, TrainingConfig
from colorization.errors import InputError
from colorization.evaluation.evaluate import GREY, MEAN
from colorization.inference.model import MODEL_FILE

CONFIG, HISTORY = "config.json", "history.csv"
GAP_COLUMNS = ("train_psnr", "train_grey_psnr", "val_psnr", "val_grey_psnr")
NEEDED = ("pictures", "processor_seconds", "train_loss", *GAP_COLUMNS)  # columns that the curves want
PARTS = ("model", "data", "training")
TRUTH = "truth"  # what the true colours are called beside the runs
TAKEN = (TRUTH, GREY, MEAN)


@dataclass(frozen=True)
class Run:
    """A run or an exported model.

    name: what it is called beside the others. settings: by dotted name, such as "model.width"; none where unreadable.
    defaults: what these are if nobody sets them, where that is known. data: the source of its pictures, or None.
    history: see `read_history`; none of an exported model. metrics: what `evaluate` wrote of its own pictures, or {}.
    missing: what could not be read, a phrase each.
    """

    path: Path
    name: str
    exported: bool
    settings: dict[str, object]
    defaults: dict[str, object]
    data: object | None
    history: dict[str, np.ndarray]
    metrics: dict
    missing: tuple[str, ...]

    @property
    def epochs(self) -> int:
        """Return how many epochs are done."""
        return len(self.history.get("epoch", ()))


def read_history(path: Path) -> dict[str, np.ndarray]:
    """Return the columns of a run's history.csv by name, float64 (epochs,) each; nan where a number is missing.

    The columns are told in docs/training.md. Raises InputError if there is no such file, or no line that can be read.
    """
    file = path / HISTORY
    try:
        whole, _, _ = file.read_text(encoding="utf-8").rpartition("\n")  # a line without its end was cut off
        rows = list(csv.DictReader(whole.splitlines()))
    except FileNotFoundError as error:
        raise InputError(f"{path} has no {HISTORY}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} cannot be read ({error})") from error
    rows = [row for row in rows if _number(row.get("epoch")) > 0]
    if not rows:
        raise InputError(f"{file} holds no epoch")
    return {name: np.array([_number(row[name]) for row in rows]) for name in rows[0] if name}


def read_run(path: Path, name: str = "") -> Run:
    """Read what can be read of the run or exported model in `path`.

    Raises InputError if the folder holds neither.
    """
    exported = (path / MODEL_FILE).is_file()
    if not _is_readable(path):
        inner = path.is_dir() and any(_is_readable(each) for each in path.iterdir())
        advice = f"; it holds some: name {path}/*" if inner else ""
        raise InputError(f"{path} is neither a run ({CONFIG}) nor an exported model ({MODEL_FILE}){advice}")
    settings, config, missing = _read_settings(path / (MODEL_FILE if exported else CONFIG), exported)
    data, defaults, history = None, {}, {}
    if config:
        usual = RunConfig(type(config.model)(), type(config.data)(), TrainingConfig())
        data, defaults = config.data, _flat(usual.to_json())
    if not exported:
        try:
            history = read_history(path)
        except InputError as error:
            missing.append(str(error))
    lacking = [column for column in NEEDED if column not in history]
    if history and lacking:
        missing.append(f"{HISTORY} has no {', '.join(lacking)}")
    done, planned = len(history.get("epoch", ())), settings.get("training.epochs", 0)
    if done and not exported and done < planned:
        missing.append(f"ended after {done} of {planned} epochs")
    return Run(path, name or path.resolve().name, exported, settings, defaults, data, history, {}, tuple(missing))


def read_runs(paths: Sequence[Path]) -> list[Run]:
    """Read several, each once, called by the name of its folder, or by its whole path where two have one name."""
    spellings: dict[Path, Path] = {}
    for path in paths:
        spellings.setdefault(path.resolve(), path)
    paths = list(spellings.values())
    names = Counter([*(path.resolve().name for path in paths), *TAKEN])
    return [read_run(path, str(path) if names[path.resolve().name] > 1 else "") for path in paths]


def differing_settings(runs: Sequence[Run]) -> dict[str, list]:
    """Return {dotted name: its value in each run} of the settings that differ; None where a run has no such one.

    A run of which a part cannot be read, such as "model", differs in it from nothing. An option that only some networks
    or sources have counts where it is not the default.
    """
    parts = [{name.partition(".")[0] for name in run.settings} for run in runs]
    differing = {}
    for name in dict.fromkeys(name for run in runs for name in run.settings):
        having = [run for run in runs if name in run.settings]
        lacking = sum(name.partition(".")[0] in part for part in parts) > len(having)
        unlike = any(run.settings[name] != having[0].settings[name] for run in having)
        if unlike or lacking and any(run.settings[name] != run.defaults.get(name) for run in having):
            differing[name] = [run.settings.get(name) for run in runs]
    return differing


def read_json(file: Path) -> dict:
    """Return the dict in a JSON file. Raises InputError if there is none that can be read."""
    try:
        tree = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{file} does not exist") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read ({error})") from error
    if not isinstance(tree, dict):
        raise InputError(f"{file} cannot be read (it holds no object)")
    return tree


def as_json(tree: dict) -> dict:
    """Return the dict as a JSON file gives it back: a tuple as a list."""
    return json.loads(json.dumps(tree))


def _is_readable(path: Path) -> bool:
    return any((path / each).exists() for each in (MODEL_FILE, CONFIG, HISTORY))


def _read_settings(file: Path, exported: bool) -> tuple[dict[str, object], RunConfig | None, list[str]]:
    """The settings, with defaults for what an older file does not say yet; all as a config; what is wrong with them."""
    try:
        tree = read_json(file)
    except InputError as error:
        return {}, None, [str(error)]
    parts = {part: tree[part] for part in PARTS if isinstance(tree.get(part), dict)}
    if exported and len(parts) < len(PARTS):  # imported weights: nobody told what they were trained on
        return _flat(parts), None, []
    try:
        config = RunConfig.from_json(tree, str(file))
        return _flat(config.to_json()), config, []
    except InputError as error:
        return _flat(parts), None, [str(error)]


def _flat(parts: dict[str, dict]) -> dict[str, object]:
    """{"model.width": 16, ..}."""
    return {f"{part}.{name}": value for part, values in as_json(parts).items() for name, value in values.items()}


def _number(word: str | None) -> float:
    try:
        return float(word)
    except (TypeError, ValueError):
        return float("nan")
