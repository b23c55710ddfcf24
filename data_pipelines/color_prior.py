"""How often each of the 313 colour bins occurs in a data set: what the loss of a rare colour is weighed by.

Counted on the central crops of the pictures, smoothed in the ab plane, never zero. Zhang 2016, section 2.2.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from colorization.color.bins import BINS, SIGMA, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.progress import Progress, silent
from data_pipelines import Split
from data_pipelines.crops import central_crop, fingerprint, grid_crops

FORMAT = 1  # raise when the way of counting or smoothing changes
MOST_CROPS = 20_000  # of a larger data set as many, evenly spread, are counted


def measure_prior(split: Split, size: int, cache_dir: Path, progress: Progress = silent) -> np.ndarray:
    """Return the share of each bin among the pixels of the split's crops, float64 (313,), all positive, sum 1.

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
    crops = grid_crops(split, MOST_CROPS)
    with progress("counting colours", len(crops), "picture") as advance:
        for row, patch in crops:
            ab = rgb_to_lab(np.ascontiguousarray(central_crop(split, size, row, patch)))[..., 1:]
            counts += np.bincount(nearest_bin(ab).ravel(), minlength=len(BINS))
            advance(1)
    prior = smoothed(counts / counts.sum(), len(crops))
    _keep(file, prior)
    return prior


def smoothed(shares: np.ndarray, crops: int) -> np.ndarray:
    """Smooth shares of the bins (313,) with a Gaussian of sigma 5 Lab units in the ab plane; positive, sum 1.

    Each bin spreads what it has over its neighbours in the plane (not over its neighbours in the list). Then one more
    crop is added that holds all colours alike, so that no colour is impossible that a small data set never shows.
    """
    squared = np.square(BINS[:, None] - BINS).sum(axis=-1, dtype=np.float64)
    spread = np.exp(-squared / (2 * SIGMA**2))
    spread /= spread.sum(axis=1, keepdims=True)
    return (crops * (shares @ spread) + 1 / len(BINS)) / (crops + 1)


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
