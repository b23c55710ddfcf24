"""What a semantic branch learns: how likely each class is for a picture, by its label or by a teacher's answer."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

import numpy as np

from colorization.color.lab import lab_to_uint8
from colorization.config import ChromaganConfig
from colorization.errors import InputError
from colorization.models.classifiers import imagenet_classifier
from colorization.models.imagenet import CLASSES, NETWORKS, fetch_weights
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.batches import evaluation_batches
from data_pipelines.crops import fingerprint

SMOOTHING = 0.1  # share of a label's 1 that is spread over all classes (Szegedy 2016, arXiv 1512.00567)
BATCH = 16


def with_targets(
    pictures: Pictures, config: ChromaganConfig, size: int, cache_dir: Path, progress: Progress = silent
) -> Pictures:
    """Return the pictures, their splits with the targets that `config.semantic` asks for, if any.

    Labels are smoothed. A teacher is asked once about the central crop of each picture; its answers are kept in
    `cache_dir`. Raises InputError if the teacher has no weights, or would see only patches of pictures.
    """
    if config.semantic == "labels":
        count = len(pictures.classes)
        taught = [smoothed(split.labels, count) for split in (pictures.train, pictures.validation)]
    elif config.semantic == "teacher":
        taught = [
            teachers_answers(split, config, size, cache_dir, progress)
            for split in (pictures.train, pictures.validation)
        ]
    else:
        return pictures
    train, validation = (
        dataclasses.replace(split, targets=targets)
        for split, targets in zip((pictures.train, pictures.validation), taught, strict=True)
    )
    return dataclasses.replace(pictures, train=train, validation=validation)


def smoothed(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return labels (N,) as float32 (N, classes), each row 1 in sum."""
    return np.float32((1 - SMOOTHING) * np.eye(classes)[labels] + SMOOTHING / classes)


def teachers_answers(
    split: Split, config: ChromaganConfig, size: int, cache_dir: Path, progress: Progress = silent
) -> np.ndarray:
    """Return the teacher's chances for each picture's central crop, float16 (N, 1000), memory-mapped."""
    if split.patches > 1:
        raise InputError("a teacher names whole pictures, and this data set gives patches; give --semantic none")
    weights = Path(config.teacher_weights) if config.teacher_weights else fetch_weights(NETWORKS[config.teacher].whole)
    if not weights.is_file():
        raise InputError(f"{weights}, the file of --teacher-weights, is no file; put it there, or start a new run")
    key = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    file = cache_dir / f"teacher-{config.teacher}-{key}-{config.teacher_sees}-{fingerprint(split, size)}.npy"
    if not _is_whole(file, len(split)):
        _ask(split, config, size, weights, file, progress)
    return np.load(file, mmap_mode="r")


def _ask(split: Split, config: ChromaganConfig, size: int, weights: Path, file: Path, progress: Progress) -> None:
    try:
        teacher = imagenet_classifier(config.teacher, weights)
    except InputError as error:
        raise InputError(f"{error}; say with --teacher whose they are, or give other --teacher-weights") from error
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{os.getpid()}-{file.name}")
    answers = np.lib.format.open_memmap(temporary, "w+", np.float16, (len(split), CLASSES))
    batches = evaluation_batches(dataclasses.replace(split, targets=None), size, BATCH)
    done = 0
    with progress(f"asking {config.teacher}", len(split), "picture") as advance:
        for batch in batches.as_numpy_iterator():
            L, ab = batch["L"], batch["ab"]
            seen = ab if config.teacher_sees == "colour" else np.zeros_like(ab)
            chances, _ = teacher.classify(lab_to_uint8(L, seen))
            answers[done : done + len(L)] = chances
            done += len(L)
            advance(len(L))
    answers.flush()
    temporary.replace(file)


def _is_whole(file: Path, count: int) -> bool:
    try:
        return np.load(file, mmap_mode="r").shape == (count, CLASSES)
    except (OSError, ValueError, EOFError):
        return False
