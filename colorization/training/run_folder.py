"""logs/<name>/: everything a run is. It can be copied to another machine and resumed, evaluated and exported there."""

from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import json
import os
import platform
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import keras

from colorization.config import RunConfig
from colorization.errors import InputError
from colorization.models import build
from colorization.models.colorizer import Colorizer, DatasetStats
from colorization.training.checkpoints import load_checkpoint

STATS = "stats.json"
VERSIONED = ("tensorflow", "keras", "numpy", "scikit-image", "pillow")


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run and what stands where in it."""

    path: Path
    config: RunConfig
    stats: DatasetStats
    id: str = ""  # tells runs of one name apart

    @property
    def last(self) -> Path:
        """Checkpoint of the last whole epoch, with everything a resumed run needs."""
        return self.path / "checkpoints" / "last.npz"

    @property
    def best(self) -> Path:
        """Weights of the epoch with the lowest validation loss; against a critic, of the last one."""
        return self.path / "checkpoints" / "best.npz"

    @property
    def events(self) -> Path:
        return self.path / "events"

    @property
    def pictures(self) -> Path:
        return self.path / "pictures"

    def write_config(self) -> None:
        write_json(self.path / "config.json", self.config.to_json() | {"id": self.id})
        write_json(self.path / STATS, dataclasses.asdict(self.stats))

    def write_history(self, rows: list[dict]) -> None:
        """Write history.csv: one line an epoch. An empty place is what an older version did not measure."""
        temporary = self.path / ".history.csv.tmp"
        with temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list({name: None for row in rows for name in row}))
            writer.writeheader()
            writer.writerows(rows)
        temporary.replace(self.path / "history.csv")

    def write_skipped(self, skipped) -> None:
        """Write skipped.csv: the files of the data set that were left out, and why."""
        with (self.path / "skipped.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "reason"])
            writer.writerows((s.path, s.reason) for s in skipped)

    def load_colorizer(self) -> Colorizer:
        """Load the network at its best epoch, in float32 whatever it was trained in. Raises InputError without one."""
        colorizer = build(self.config.model_name, self.config.model, self.stats)
        load_checkpoint(self.best, {"network": colorizer.network.variables})
        return colorizer


def default_name(config: RunConfig) -> str:
    return f"{config.model_name}-{config.data.dataset}-{time.strftime('%Y%m%d-%H%M%S')}"


def check_new(path: Path) -> None:
    """Raise InputError if the folder of a run exists."""
    if path.exists():
        raise InputError(f"{path} exists; go on with it by --resume {path}, or choose another --name")


def create_run(logs: Path, name: str, config: RunConfig, stats: DatasetStats) -> RunFolder:
    """Make a run folder with config.json and versions.json. Raises InputError if it exists: no run is written over."""
    path = logs / name
    check_new(path)
    path.mkdir(parents=True)
    run = RunFolder(path, config, stats, uuid.uuid4().hex)
    run.write_config()
    write_json(path / "versions.json", versions())
    return run


def open_run(path: Path) -> RunFolder:
    """Open the run in `path`. Raises InputError if there is none, or one of another version of the program."""
    file = path / "config.json"
    try:
        tree = json.loads(file.read_text())
    except FileNotFoundError as error:
        raise InputError(f"{path} is no run folder: it has no config.json; runs lie in logs/") from error
    except (json.JSONDecodeError, UnicodeDecodeError, NotADirectoryError) as error:
        raise InputError(f"{file} cannot be read ({error})") from error
    config = RunConfig.from_json(tree, str(file))
    try:
        stats = json.loads((path / STATS).read_text())
        stats = DatasetStats(**{name: tuple(v) if isinstance(v, list) else v for name, v in stats.items()})
        return RunFolder(path, config, stats, tree["id"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path / STATS} is missing, or of another version of this program ({error}); train anew"
        ) from error


def versions() -> dict:
    """Return what the run was made with."""
    return {
        "git": git_revision(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "keras_backend": keras.backend.backend(),
    } | {name: importlib.metadata.version(name) for name in VERSIONED}


def git_revision() -> str | None:
    """Return the revision of the program's own checkout; None where it is no checkout, or git is missing."""
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / ".git").exists():
        return None
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def write_json(path: Path, tree: dict) -> None:
    """Write readable JSON, beside its place first: the file is the old one or the new one."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(_readable(tree) + "\n")
    temporary.replace(path)


def _readable(value, indent: int = 0) -> str:
    """JSON with one line for each key of a dict; a list, which may have hundreds of numbers, stays in its line."""
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = [f"{' ' * (indent + 2)}{json.dumps(key)}: {_readable(each, indent + 2)}" for key, each in value.items()]
    return "\n".join(["{", ",\n".join(inner), " " * indent + "}"])
