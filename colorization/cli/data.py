"""Preparing the pictures of a command, and telling what was found."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from colorization.cli.console import Console
from colorization.cli.quiet_import import quiet_import
from data_pipelines import SOURCES, Pictures, Skipped, check_split, prepare
from data_pipelines.holdout import fewer


def cache_folder(given: str) -> Path:
    """Return where decoded pictures and downloads lie: `--cache-dir`, or where the operating system keeps caches."""
    return Path(given) if given else Path(platformdirs.user_cache_dir("colorization"))


def prepare_pictures(data, cache_dir: str, console: Console, split: bool = True, count: int = 0) -> Pictures:
    """Prepare the pictures of the source `data`; says what was found and how many files were left out.

    split: whether some are needed for training and some for validation; raises InputError if a side has none.
    count: train on so many of them only; 0: on all.
    """
    quiet_import(SOURCES[data.dataset])
    pictures = prepare(data, cache_folder(cache_dir), console.progress)
    console.say(pictures.description)
    warn_of_skipped(pictures.skipped, console)
    if split:
        check_split(pictures)
    if 0 < count < len(pictures.train.rows):
        console.say(f"{count:,} of {len(pictures.train.rows):,} training pictures are used")
        pictures = dataclasses.replace(pictures, train=fewer(pictures.train, count))
    return pictures


def warn_of_skipped(skipped: Sequence[Skipped], console: Console) -> None:
    for each in skipped[:3]:
        console.warn(f"left out: {each.path}: {each.reason}")
    if len(skipped) > 3:
        console.warn(f"left out: {len(skipped) - 3:,} more files")
