"""`compare`: runs and exported models side by side, as one page."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from colorization.cli.console import Console
from colorization.cli.data import prepare_pictures
from colorization.cli.evaluate import EVALUATED, Subject, file_suffix, open_subject, write_evaluation
from colorization.cli.output_paths import check_can_be_written
from colorization.config import EvaluateOptions, source_from_json, with_data_dir
from colorization.errors import InputError
from colorization.evaluation.comparison import Run, as_json, read_json, read_runs
from colorization.evaluation.comparison_report import Painted, report_sections
from colorization.evaluation.page import write_report
from data_pipelines import Pictures
from data_pipelines.batches import evaluation_batches

PAINTED = 64  # validation pictures whose colours are shown
BATCH = 16
NOBODY = "No pictures are shown, because none of these can be asked."


def run(request, console: Console) -> int:
    options = request.options
    paths = [Path(path) for path in options.paths]
    page = compare(paths, Path(options.output), options.cache_dir, request.data, request.changes, console)
    console.say(f"written: {page}, and the same as Markdown beside it")
    return 0


def compare(
    paths: Sequence[Path],
    output: Path,
    cache_dir: str = "",
    data=None,
    changes: dict | None = None,
    console: Console | None = None,
) -> Path:
    """Write report.html, and report.md with pictures/, into `output`; return the path of the first.

    data: source of the validation pictures that all are shown on; None = that of the first path that has one.
    changes: {"data_dir": ...} if that lies elsewhere now. A run that has no metrics of these pictures, or of other
    weights, is evaluated, and its metrics are kept where `evaluate` puts them.
    Raises InputError if one of the paths is neither a run nor an exported model, or `output` cannot be written.
    """
    console = console or Console()
    check_can_be_written(output)
    runs, subjects = _opened(read_runs(paths))
    sources = [run.data for run in runs if run.data is not None]
    if data is None and sources:
        data = with_data_dir(sources[0], changes or {})
    pictures, remarks = _pictures(data, cache_dir, console) if subjects else (None, [NOBODY])
    if any(each != data for each in sources):
        remarks.append("Some runs were trained on other pictures, and may have seen some of these.")
    measure = EvaluateOptions(cache_dir=cache_dir)
    metrics = {run.name: _metrics(run, subjects.get(run.name), data, pictures, measure, console) for run in runs}
    runs = [dataclasses.replace(run, metrics=_own_metrics(run, subjects.get(run.name))) for run in runs]
    measured = {name: tree["validation"] for name, tree in metrics.items() if tree}
    painted = _painted(subjects, pictures, data.size) if pictures else None
    title = f"Comparison of {', '.join(run.name for run in runs) if len(runs) <= 4 else f'{len(runs)} runs'}"
    return write_report(title, report_sections(runs, measured, painted, remarks), output)


def _opened(runs: list[Run]) -> tuple[list[Run], dict[str, Subject]]:
    """The runs, with what they are asked for and why some cannot be asked; and who can, by name."""
    told, subjects = [], {}
    for run in runs:
        writable = run.exported or os.access(run.path, os.W_OK)
        place = "" if writable else str(EVALUATED / run.path.resolve().name)
        try:
            subject = open_subject(run.path, EvaluateOptions(output=place))
        except InputError as error:
            told.append(dataclasses.replace(run, missing=tuple(dict.fromkeys([*run.missing, str(error)]))))
            continue
        numbers = {f"conditions.{name}": x for name, x in subject.conditions.items() if isinstance(x, int | float)}
        # a number that only this network takes is no difference
        told.append(dataclasses.replace(run, settings=run.settings | numbers, defaults=run.defaults | numbers))
        subjects[run.name] = subject
    return told, subjects


def _pictures(data, cache_dir: str, console: Console) -> tuple[Pictures | None, list[str]]:
    """The pictures that all are shown on, and what is to be said of them; None where they cannot be had."""
    if data is None:
        return None, ["No pictures are shown: none of these says what it was trained on; name some with --dataset."]
    try:
        pictures = prepare_pictures(data, cache_dir, console)
    except InputError as error:
        return None, [f"No pictures are shown, because they cannot be had: {error}"]
    return pictures, [f"{len(pictures.validation):,} validation pictures of {pictures.description}."]


def _metrics(run: Run, subject: Subject | None, data, pictures: Pictures | None, measure, console: Console) -> dict:
    """A run's metrics on the pictures of `data`, computed where nobody has yet; {} where they cannot be."""
    if subject is None:
        return _stored(run.path / "metrics.json", data, None)
    suffix = file_suffix(subject, data, measure)
    stored = _stored(subject.output / f"metrics{suffix}.json", data, subject)
    if stored or pictures is None:
        return stored
    console.say(f"{run.name} has no metrics of these pictures yet:")
    return write_evaluation(subject, data, pictures, measure, suffix, console)


def _own_metrics(run: Run, subject: Subject | None) -> dict:
    return _stored((subject.output if subject else run.path) / "metrics.json", run.data, subject)


def _stored(file: Path, data, subject: Subject | None) -> dict:
    """What a file of metrics says, if it is of all the pictures of `data` and of these weights and conditions."""
    try:
        tree = read_json(file)
        known = source_from_json(tree, str(file)) == data and not tree["limit"] and tree["validation"]
    except (InputError, KeyError):
        return {}
    if subject and (tree.get("weights"), tree.get("conditions")) != (subject.weights, as_json(subject.conditions)):
        return {}
    return tree if known else {}


def _painted(subjects: dict[str, Subject], pictures: Pictures, size: int) -> Painted:
    batches = list(evaluation_batches(pictures.validation, size, BATCH, PAINTED).as_numpy_iterator())
    ab = {
        name: np.concatenate([np.asarray(subject.answers.predict_ab(batch["L"])) for batch in batches])
        for name, subject in subjects.items()
    }
    return Painted(*(np.concatenate([batch[name] for batch in batches]) for name in ("L", "ab")), ab)
