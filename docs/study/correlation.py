"""Where the metrics agree: their rank correlation (Spearman 1904) over the runs that learnt from the same pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from experiments import RUNS
from matplotlib.figure import Figure
from pictures import save
from results import read_seeds, values
from scipy.stats import spearmanr

from colorization.evaluation.evaluate import MODEL

FEWEST = 4  # runs that a correlation is drawn of
METRICS = {  # heading: (metric, +1 if more of it is better, else -1)
    "PSNR": ("psnr", 1),
    "SSIM": ("ssim", 1),
    "ab error": ("ab_mae", -1),
    "AuC": ("auc", 1),
    "balanced AuC": ("auc_balanced", 1),
    "colourfulness, as in truth": ("delta_colourfulness", -1),
    "not faded": ("faded", -1),
    "little bleeding": ("bleeding", -1),
    "recognised": ("accuracy", 1),  # by a classifier of the true pictures
}


def measured(logs: Path) -> tuple[list[str], np.ndarray]:
    """Return the metrics that all runs have, and what they are, more being better, (runs, metrics)."""
    runs = [seeds for name, run in RUNS.items() if run.has_common_pictures and (seeds := read_seeds(name, logs))]
    names = [
        name for name, (metric, _) in METRICS.items() if all(metric in run.validation[MODEL] for [run, *_] in runs)
    ]
    signed = [METRICS[name] for name in names]
    return names, np.array([[sign * values(seeds, metric).mean() for metric, sign in signed] for seeds in runs])


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
        axis.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", fontsize=9)
    axis.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axis.set_yticks(range(len(names)), names)
    axis.set_title(f"{len(rows)} runs", fontsize=10)
    save(figure, folder, "7")
