"""Where the metrics agree: their rank correlation (Spearman 1904) over all runs of the study on CIFAR-10."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from experiments import RUNS
from matplotlib.figure import Figure
from pictures import save
from results import read_seeds, values
from scipy.stats import spearmanr

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
}


def measured(logs: Path) -> np.ndarray:
    """Return the metrics of each run that is there, more being better, (runs, metrics)."""
    signs = np.array([sign for _, sign in METRICS.values()])
    rows: list[list[float]] = []
    for name, run in RUNS.items():
        seeds = read_seeds(name, logs) if run.data == "cifar10" else []
        if seeds:
            rows.append([values(seeds, metric).mean() for metric, _ in METRICS.values()])
    return np.reshape(rows, (-1, len(METRICS))) * signs


def draw_correlation(logs: Path, folder: Path) -> None:
    """Draw the rank correlation of each pair of metrics; nothing where too few runs are there."""
    rows = measured(logs)
    if len(rows) < FEWEST:
        return
    matrix = spearmanr(rows).statistic
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axis = figure.subplots()
    axis.imshow(matrix, cmap="PuOr", vmin=-1, vmax=1)
    for i, j in np.ndindex(matrix.shape):
        axis.text(j, i, f"{matrix[i, j]:.2f}", ha="center", va="center", fontsize=9)
    axis.set_xticks(range(len(METRICS)), list(METRICS), rotation=40, ha="right")
    axis.set_yticks(range(len(METRICS)), list(METRICS))
    axis.set_title(f"{len(rows)} runs", fontsize=10)
    save(figure, folder, "7")
