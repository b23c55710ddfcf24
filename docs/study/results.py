"""What the runs of an experiment came to: their metrics, as numbers and as a table of Markdown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from experiments import Experiment, folder_name

from colorization.config import source_from_json
from colorization.evaluation.comparison import read_history
from colorization.evaluation.evaluate import GREY, MEAN, MODEL

LOSSES = {"training": "train_loss", "validation": "val_loss"}  # columns of history.csv, of the same weights
COLUMNS = {  # heading: (metric, digits)
    "PSNR dB": ("psnr", 2),
    "AuC": ("auc", 3),
    "balanced AuC": ("auc_balanced", 3),
    "colourfulness": ("colourfulness", 1),
    "bleeding": ("bleeding", 2),
}


@dataclass(frozen=True)
class Result:
    """A run's metrics on validation pictures and on training pictures, {who: {metric: mean}}, and its history.

    data: whose pictures these are.
    """

    name: str
    validation: dict
    training: dict
    history: dict[str, np.ndarray]
    folder: Path
    data: object


def read_results(experiment: Experiment, logs: Path) -> dict[str, list[Result]]:
    """Return the results of each run of an experiment by its name, one a seed, in the order of the experiment."""
    return {name: read_seeds(name, logs) for name in experiment.runs}


def evaluation(run: Path) -> Path | None:
    """Return the file that `evaluate` wrote of a run, last of all; None if the run is not done.

    On its own pictures; on others only where a run is judged on those alone.
    """
    own = run / "metrics.json"
    return own if own.exists() else next(iter(sorted(run.glob("metrics-*.json"))), None)


def read_seeds(name: str, logs: Path) -> list[Result]:
    """Return the results of one run, one a seed."""
    results = []
    while file := evaluation(folder := logs / folder_name(name, len(results))):
        metrics = json.loads(file.read_text())
        data = source_from_json(metrics, str(file))
        results.append(Result(name, metrics["validation"], metrics["training"], read_history(folder), folder, data))
    return results


def values(results: list[Result], metric: str, who: str = MODEL) -> np.ndarray:
    """Return a metric on the validation pictures, (seeds,)."""
    return np.array([result.validation[who][metric] for result in results])


def shares_of_grey(results: list[Result], side: str) -> np.ndarray:
    """Return the ab error as a share of that of grey on the same pictures, (seeds,); side: "training" or "validation".

    Some pictures are more colourful than others: an error alone would tell them apart, not the networks.
    """
    metrics = [getattr(result, side) for result in results]
    return np.array([each[MODEL]["ab_mae"] / each[GREY]["ab_mae"] for each in metrics])


def gaps(results: list[Result]) -> np.ndarray:
    """Return by how much of grey's ab error, in %, the error is larger on validation than on training, (seeds,)."""
    return 100 * (shares_of_grey(results, "validation") - shares_of_grey(results, "training"))


def table(results: dict[str, list[Result]]) -> str:
    """Return a table of Markdown: a run a line, then the baselines; ± is half of the range of several seeds."""
    heads = ["", *COLUMNS, "gap %", "processor min"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, seeds in results.items():
        cells = [_cell(values(seeds, metric), digits) for metric, digits in COLUMNS.values()]
        minutes = np.array([result.history["processor_seconds"][-1] / 60 for result in seeds])
        lines.append(_line(name, [*cells, _cell(gaps(seeds), 1), _cell(minutes, 1)]))
    first = next(iter(results.values()))
    for who in (GREY, MEAN):
        cells = [f"{values(first, metric, who)[0]:.{digits}f}" for metric, digits in COLUMNS.values()]
        lines.append(_line(who, [*cells, "", ""]))
    return "\n".join(lines) + "\n"


def table_of_losses(results: dict[str, list[Result]]) -> str:
    """Return a table of Markdown: the lowest validation loss of each run, both losses at its end, and their gap."""
    heads = ["", "lowest validation loss", "in epoch", "at the end: training", "validation", "gap"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, seeds in results.items():
        training, validation = ([result.history[column] for result in seeds] for column in LOSSES.values())
        best = [int(np.argmin(losses)) for losses in validation]
        lowest = np.array([losses[i] for losses, i in zip(validation, best, strict=True)])
        last = [np.array([losses[-1] for losses in each]) for each in (training, validation)]
        epochs = " and ".join(f"{i + 1}" for i in best) + f" of {len(validation[0])}"
        lines.append(_line(name, [_cell(lowest, 2), epochs, *(_cell(each, 2) for each in (*last, last[1] - last[0]))]))
    return "\n".join(lines) + "\n"


def _line(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _cell(numbers: np.ndarray, digits: int) -> str:
    """The mean, and half of the range where there are several: "24.93 ± 0.04"."""
    spread = f" ± {np.ptp(numbers) / 2:.{digits}f}" if len(numbers) > 1 else ""
    return f"{numbers.mean():.{digits}f}{spread}"
