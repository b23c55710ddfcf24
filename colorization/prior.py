"""How often each of the 313 colour bins occurs in a data set: what the loss of a rare colour is weighed by.

Counted on the central crops of the pictures, smoothed in the ab plane, never zero. Zhang 2016, section 2.2.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from colorization.color.bins import BINS, SIGMA, nearest_bin, rebalancing_weights
from colorization.errors import InputError
from colorization.progress import Progress, silent
from data_pipelines import Split
from data_pipelines.batches import evaluation_batches, fingerprint, grid_crops

FORMAT = 1  # raise when the way of counting or smoothing changes
MOST_CROPS = 20_000  # of a larger data set as many, evenly spread, are counted
BATCH = 64
PAPERS_LAMBDA = 0.5


def measure_prior(split: Split, size: int, cache_dir: Path, progress: Progress = silent) -> np.ndarray:
    """Share of each bin among the pixels of the split's crops, float64 (313,), all positive, sum 1.

    Measured once for each data set and size; kept in `cache_dir`.
    """
    file = cache_dir / f"prior-{FORMAT}-{fingerprint(split, size)}.npy"
    try:
        with file.open("rb") as opened:
            known = np.load(opened)
        if known.shape == (len(BINS),) and known.min() > 0:
            return known
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        pass  # not measured yet, or broken
    counts = np.zeros(len(BINS), np.int64)
    crops = len(grid_crops(split, MOST_CROPS))
    with progress("counting colours", crops, "picture") as advance:
        for batch in evaluation_batches(split, size, BATCH, MOST_CROPS).as_numpy_iterator():
            counts += np.bincount(nearest_bin(batch["ab"]).ravel(), minlength=len(BINS))
            advance(len(batch["ab"]))
    prior = smoothed(counts / counts.sum(), crops)
    _keep(file, prior)
    return prior


def smoothed(shares: np.ndarray, crops: int) -> np.ndarray:
    """Shares of the bins (313,) -> smoothed with a Gaussian of sigma 5 Lab units in the ab plane; positive, sum 1.

    Each bin spreads what it has over its neighbours in the plane (not over its neighbours in the list). Then one more
    crop is added that holds all colours alike, so that no colour is impossible that a small data set never shows.
    """
    squared = np.square(BINS[:, None] - BINS).sum(axis=-1, dtype=np.float64)
    spread = np.exp(-squared / (2 * SIGMA**2))
    spread /= spread.sum(axis=1, keepdims=True)
    return (crops * (shares @ spread) + 1 / len(BINS)) / (crops + 1)


def draw_prior(prior: Sequence[float], path: Path, lam: float = PAPERS_LAMBDA) -> None:
    """PNG: the prior over the ab plane, and the weights that lambda makes of it in a rebalanced loss."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    weights = rebalancing_weights(np.array(prior), lam)
    titles = ("log10 of the share of each colour", f"weight in a rebalanced loss, lambda {lam:g}")
    for axis, title, values in zip(figure.subplots(1, 2), titles, (np.log10(prior), weights), strict=True):
        drawn = axis.scatter(*BINS.T, c=values, marker="s", s=80, cmap="viridis")
        figure.colorbar(drawn, ax=axis)
        axis.set(title=title, xlabel="a", ylabel="b", aspect="equal")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)


def _keep(file: Path, prior: np.ndarray) -> None:
    temporary = file.with_name(f".{file.stem}.{os.getpid()}.npy")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as opened:
            np.save(opened, prior)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)
    except OSError as error:
        raise InputError(
            f"{file.parent} cannot hold the colour distribution ({error.strerror}); give another --cache-dir"
        ) from error
