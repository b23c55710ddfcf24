"""Where the metrics agree: their rank correlation (Spearman 1904) over the runs that learnt from the same pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from experiments import RUNS
from matplotlib.figure import Figure
from pictures import prepared, save
from results import Result, read_seeds, values
from scipy.stats import spearmanr

from colorization.cli.data import cache_folder
from colorization.evaluation.evaluate import MODEL, Answers
from colorization.evaluation.label_classifier import labels_classifier
from colorization.evaluation.semantic import evaluate_semantics
from colorization.training.run_folder import open_run

FEWEST = 4  # runs that a correlation is drawn of
DARK = 0.6  # correlation from which on its field is dark
METRICS = {  # heading: (metric, +1 if more of it is better, else -1)
    "PSNR": ("psnr", 1),
    "SSIM": ("ssim", 1),
    "ab error": ("ab_mae", -1),
    "AuC": ("auc", 1),
    "balanced AuC": ("auc_balanced", 1),
    "colourfulness, as in truth": ("delta_colourfulness", -1),
    "not faded": ("faded", -1),
    "little bleeding": ("bleeding", -1),
}


def named_rightly(result: Result) -> float | None:
    """Return the share of pictures in a run's colours that a classifier names rightly; None if they have no labels.

    The classifier learnt the labels from the true colours of the training pictures.
    """
    run = open_run(result.folder)
    pictures, size = prepared(run.config.data), run.config.data.size
    if not pictures.classes:
        return None
    judge = labels_classifier(pictures, size, cache_folder(""))
    answers = Answers(run.load_colorizer().predict_ab)
    return evaluate_semantics(answers, pictures.validation, size, None, judge, knows_labels=True)[MODEL]["accuracy"]


def measured(logs: Path) -> tuple[list[str], np.ndarray]:
    """Return the names of the metrics, and what they are of each run, more being better: (runs, metrics)."""
    runs = [seeds for name, run in RUNS.items() if run.has_common_pictures and (seeds := read_seeds(name, logs))]
    rows = [[sign * values(seeds, metric).mean() for metric, sign in METRICS.values()] for seeds in runs]
    named = [[named_rightly(result) for result in seeds] for seeds in runs]
    if all(None in each for each in named):
        return list(METRICS), np.array(rows)
    accuracy = [np.mean(each) for each in named]
    return [*METRICS, "recognised"], np.column_stack([rows, accuracy])


def draw_correlation(logs: Path, folder: Path) -> None:
    """Draw the rank correlation of each pair of metrics; nothing where too few runs are there."""
    names, rows = measured(logs)
    if len(rows) < FEWEST:
        return
    matrix = spearmanr(rows).statistic
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axis = figure.subplots()
    axis.imshow(matrix, cmap="PuOr", vmin=-1, vmax=1)
    for i, j in np.ndindex(matrix.shape):
        colour = "white" if abs(matrix[i, j]) > DARK else "black"
        axis.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", fontsize=9, color=colour)
    axis.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set_title(f"{len(rows)} runs", fontsize=10)
    save(figure, folder, "7")
