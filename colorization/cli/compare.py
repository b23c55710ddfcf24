"""`compare`: runs and exported models side by side, as one page."""

from __future__ import annotations

import dataclasses
import os
import tempfile
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
from colorization.evaluation.page import foreign_files, write_report
from data_pipelines import Pictures
from data_pipelines.batches import evaluation_batches

PAINTED = 64  # validation pictures whose colours are shown
BATCH = 16
NOBODY = "No pictures are shown, and nothing is measured now: the network of none of these can be loaded."
NO_PICTURES = (
    "So no pictures are shown, and no metrics but those of earlier evaluations. Name pictures with --dataset folder "
    "--data-dir FOLDER, or take the five of --dataset samples."
)


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

    data: source of the validation pictures that all are shown on; None = that of the first path whose pictures can be
    had. changes: {"data_dir": ...} if these lie elsewhere now. A run that has no metrics of these pictures, or of other
    weights, is evaluated, and its metrics are kept where `evaluate` puts them.
    Raises InputError if one of the paths is neither a run nor an exported model, or `output` cannot be written.
    """
    console = console or Console()
    runs = read_runs(paths)
    _make_output(output)
    runs, subjects = _opened(runs)
    sources = _sources(runs, data, changes or {})
    source, pictures, remarks = next(iter(sources), None), None, [NOBODY]
    if subjects:
        source, pictures, remarks = _pictures(sources, cache_dir, console)
    measure = EvaluateOptions(cache_dir=cache_dir)
    metrics = {run.name: _metrics(run, subjects.get(run.name), source, pictures, measure, console) for run in runs}
    runs = [dataclasses.replace(run, metrics=_own_metrics(run, subjects.get(run.name))) for run in runs]
    measured = {name: tree["validation"] for name, tree in metrics.items() if tree}
    others = [run.name for run in runs if _has_other_pictures(run, source, sources)]
    if measured and others:
        remarks.append(
            f"{', '.join(others)}: trained on other pictures, which may include some of the validation pictures."
        )
    painted = _painted(subjects, pictures, source.size) if pictures else None
    title = f"Comparison of {', '.join(run.name for run in runs) if len(runs) <= 4 else f'{len(runs)} runs'}"
    return write_report(title, report_sections(runs, measured, painted, remarks), output)


def _make_output(folder: Path) -> None:
    """Make the folder of the report. Raises InputError if it takes no files, or holds some that are not of a report."""
    check_can_be_written(folder)
    foreign = foreign_files(folder)
    if foreign:
        raise InputError(
            f"--output {folder} holds {' and '.join(foreign)}, which compare did not write; name another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"--output {folder}: no files can be written there ({error.strerror}); name another folder"
        ) from error


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


def _sources(runs: list[Run], data, changes: dict) -> dict:
    """Return {source: names of the runs whose it is} in the order of the runs; {data: []} where that is given."""
    if data is not None:
        return {data: []}
    owned = [run for run in runs if run.data is not None]
    movable = [run for run in owned if hasattr(run.data, "data_dir")] if changes else []
    sources: dict = {}
    for run in movable or owned:
        sources.setdefault(with_data_dir(run.data, changes), []).append(run.name)
    return sources


def _has_other_pictures(run: Run, source, sources: dict) -> bool:
    return run.data not in (None, source) and run.name not in sources.get(source, [])


def _pictures(sources: dict, cache_dir: str, console: Console) -> tuple:
    """Return the first source whose pictures can be had, these, and what is to be said of them.

    Where none can, the first source and None.
    """
    remarks = [] if sources else ["None of these says what it was trained on."]
    for source, names in sources.items():
        try:
            pictures = prepare_pictures(source, cache_dir, console)
        except InputError as error:
            remarks.append(f"The pictures of {', '.join(names) or source.dataset} cannot be had: {error}.")
            console.warn(remarks[-1])
            continue
        owners = f", those of {', '.join(names)}" if names else ""
        shown = f"The same {len(pictures.validation):,} validation pictures for all{owners}: {pictures.description}."
        return source, pictures, [shown, *remarks]
    console.warn(NO_PICTURES)
    return next(iter(sources), None), None, [*remarks, NO_PICTURES]


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
