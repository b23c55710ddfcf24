"""`evaluate`: a run or an exported model, beside grey and the training set's mean colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from colorization.commands.console import Console
from colorization.commands.data import prepare_pictures
from colorization.config import source_from_json, with_data_dir
from colorization.errors import InputError
from colorization.evaluation import draw_cases, evaluate, table_lines
from colorization.inference import MODEL_FILE, load_colorizer
from colorization.training.run_folder import open_run, write_json
from data_pipelines import Pictures


@dataclass(frozen=True)
class Subject:
    """What is evaluated: where its results are written, what it was trained on, and its answer."""

    path: Path
    data: object
    mean_ab: tuple[float, float]
    predict_ab: Callable


def run(request, console: Console) -> int:
    subject = open_subject(Path(request.options.path))
    limit = request.options.limit
    data = request.data or with_data_dir(subject.data, request.changes)
    pictures = prepare_pictures(data, request.options.cache_dir, console)
    write_evaluation(subject, data, pictures, limit, file_suffix(subject, data, limit), console)
    return 0


def file_suffix(subject: Subject, data, limit: int) -> str:
    """What tells this evaluation's files from those of the subject's own, whole data: "-folder-holiday-100"."""
    if data == subject.data and not limit:
        return ""
    place = Path(getattr(data, "data_dir", "")).resolve().name if getattr(data, "data_dir", "") else ""
    parts = (data.dataset, getattr(data, "mode", ""), place, str(data.size), f"first-{limit}" if limit else "")
    return "".join(f"-{part}" for part in parts if part)


def open_subject(path: Path) -> Subject:
    """The run or the exported model in `path`; InputError if it is neither."""
    if (path / "config.json").is_file():
        run = open_run(path)
        return Subject(path, run.config.data, run.facts.mean_ab, tf.function(run.load_colorizer().predict_ab))
    if (path / MODEL_FILE).is_file():
        exported = load_colorizer(path)
        data = source_from_json(exported.card, str(path / MODEL_FILE))
        return Subject(path, data, exported.card["facts"]["mean_ab"], exported.predict_ab)
    raise InputError(f"{path} is neither a run (config.json) nor an exported model ({MODEL_FILE})")


def write_evaluation(subject: Subject, data, pictures: Pictures, limit: int, suffix: str, console: Console) -> None:
    """Table on screen, metrics<suffix>.json and pictures/cases<suffix>.png in the subject's folder."""
    table, cases = evaluate(subject.predict_ab, pictures, data.size, subject.mean_ab, limit, console.progress)
    for line in table_lines(table):
        console.say(line)
    metrics, drawing = subject.path / f"metrics{suffix}.json", subject.path / "pictures" / f"cases{suffix}.png"
    write_json(metrics, {"data": dataclasses.asdict(data), "description": pictures.description, "limit": limit} | table)
    draw_cases(cases, drawing)
    console.say(f"written: {metrics} and, with the best, median and worst case, {drawing}")
