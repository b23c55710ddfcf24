"""The same validation pictures as each run paints them, as rows of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from colorization.cli.data import cache_folder
from colorization.color.tables import join
from colorization.training.run_folder import open_run
from data_pipelines import Pictures, prepare
from data_pipelines.batches import evaluation_batches

SHOWN = 8  # pictures
SIDE = 96  # px of a picture in a figure, at least
LABELS = 12  # points; in print a figure of ten rows has a third of its size


@cache
def prepared(data) -> Pictures:
    """Return the pictures of a source, prepared once."""
    return prepare(data, cache_folder(""))


def validation_pictures(data, count: int = SHOWN) -> tuple[np.ndarray, np.ndarray]:
    """Return L (N, H, W, 1) and ab (N, H, W, 2) of validation pictures of a source, evenly spread over them."""
    [batch] = evaluation_batches(prepared(data).validation, data.size, count, count).take(1).as_numpy_iterator()
    return batch["L"], batch["ab"]


def painted(runs: dict[str, Path], data) -> dict[str, np.ndarray]:
    """Return {who: uint8 (N, H, W, 3)} of pictures of a source: grey, true, and as each run paints them."""
    L, ab = validation_pictures(data)
    rows = {"grey": join(L, np.zeros_like(ab)), "true": join(L, ab)}
    for name, run in runs.items():
        rows[name] = join(L, np.asarray(open_run(run).load_colorizer().predict_ab(L)))
    return rows


def draw_pictures(axis: Axes, rows: dict[str, Sequence[np.ndarray]]) -> None:
    """Draw {name: pictures (H, W, 3)} as rows, each pixel as a square."""
    side = len(next(iter(rows.values()))[0])
    times = -(-SIDE // side)
    lines = [np.concatenate([each.repeat(times, 0).repeat(times, 1) for each in row], axis=1) for row in rows.values()]
    axis.imshow(np.concatenate(lines), interpolation="nearest")
    axis.set_yticks((np.arange(len(rows)) + 0.5) * side * times, list(rows), fontsize=LABELS)
    axis.set_xticks([])
    axis.tick_params(length=0)


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as PNG."""
    figure.savefig(folder / f"{name}.png", dpi=110)
