"""Where pictures come from. One file a source, one row here; listing the rows imports none of them.

A source module has `prepare(options, cache_dir, progress) -> Pictures`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from colorization.errors import InputError
from colorization.progress import Progress, silent

if TYPE_CHECKING:
    import numpy as np

SOURCES = {
    "samples": "data_pipelines.samples",
    "cifar10": "data_pipelines.cifar",
    "cifar100": "data_pipelines.cifar",
    "div2k": "data_pipelines.div2k",
    "folder": "data_pipelines.folder",
    "shards": "data_pipelines.shards",
}


@dataclass(frozen=True)
class Split:
    """The pictures of training or of validation.

    rows: rows[i] is a picture, uint8 (height, width, 3), both sides at least the source's size; an array or a
        memory-mapped cache.
    names: one readable name a picture (a path, or a scene), for tables of best and worst.
    labels: int64 (N,) indices into Pictures.classes, or None.
    targets: floats (N, K), how likely each of K classes is for a picture, which a semantic branch learns; or None.
    patches: how many crops of each picture make up one epoch.
    weights: floats (N,), how often training sees each picture, relative to the others; None: all alike.
    """

    rows: Sequence[np.ndarray]
    names: Sequence[str]
    labels: np.ndarray | None = None
    targets: np.ndarray | None = None
    patches: int = 1
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        """Number of crops in one epoch."""
        return len(self.rows) * self.patches


@dataclass(frozen=True)
class Skipped:
    """A file that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Pictures:
    """What a source prepared: both splits, the names of the classes, what was left out, one line that describes it.

    One of the splits may be empty, where a source has too few pictures for two: see `check_split`.
    """

    train: Split
    validation: Split
    description: str
    classes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def check_split(pictures: Pictures) -> None:
    """Raise InputError if there is no picture to train with, or none to validate with."""
    for side, split in (("training", pictures.train), ("validation", pictures.validation)):
        if not len(split.rows):
            first = f" ({pictures.skipped[0].path}: {pictures.skipped[0].reason})" if pictures.skipped else ""
            raise InputError(f"no picture is left for {side}: {pictures.description}{first}; add pictures")


def prepare(options, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Prepare the pictures of the source that `options` (one of colorization.config.SOURCE_CONFIGS) belongs to."""
    return importlib.import_module(SOURCES[options.dataset]).prepare(options, cache_dir, progress)
