"""Drawings of runs beside each other, made to be told apart in grey print: by line style and marker, not by colour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from colorization.evaluation.comparison import TRUTH, Run
from colorization.evaluation.drawings import HISTOGRAM_SIDE, ab_histogram, picture_grid

DPI = 150
WIDTH, HEIGHT, LEGEND_ROW = 5.0, 3.2, 0.19  # inches, of a plot and of each two names below it
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#8a6d00")  # Okabe and Ito's; yellow made darker
TRUE_STYLE = {"color": "#999999", "linewidth": 4}
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MOST_MARKERS = 8  # on a curve
LOGARITHMIC = 10  # times the lowest loss; if the highest is above it, the axis is logarithmic
CHROMA_EDGES = np.linspace(0, 80, 41)  # Lab units
SMALLEST = 96  # px; side of a picture in the grid

# what is drawn: of history.csv, and its name with its unit
ADVANCES = {"pictures": "pictures seen", "processor_seconds": "processor time, min"}
CURVES = {
    "val_loss": "validation loss",
    "val_ab_mae": "ab error, Lab units",
    "val_psnr": "PSNR, dB",
    "val_auc": "AuC",
    "val_colourfulness_ratio": "colourfulness / that of the truth",
}


@dataclass(frozen=True)
class Line:
    """A line of a plot: its name in the legend, x and y (N,), and how it is drawn."""

    name: str
    x: np.ndarray
    y: np.ndarray
    style: dict


def style(index: int) -> dict:
    """Return how the run of that number is drawn; 35 of them can be told apart without colour."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": LINES[index % len(LINES)],
        "marker": MARKERS[index % len(MARKERS)],
        "markersize": 5,
        "linewidth": 1.4,
    }


def curve(run: Run, column: str, advance: str = "pictures") -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of a run's curve, (epochs,) each, without the epochs that lack one of them.

    advance: "pictures", or "processor_seconds", which is given in minutes.
    """
    if column not in run.history or advance not in run.history:
        return np.zeros(0), np.zeros(0)
    x, y = run.history[advance] / (60 if advance == "processor_seconds" else 1), run.history[column]
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def draw_curves(runs: Sequence[Run], column: str, advance: str) -> Figure | None:
    """Draw a column of the histories, one line a run; None where no run has it."""
    lines = [Line(run.name, *curve(run, column, advance), style(i)) for i, run in enumerate(runs)]
    return _draw_lines(lines, ADVANCES[advance], CURVES[column], logarithmic=column == "val_loss")


def draw_gap(runs: Sequence[Run]) -> Figure | None:
    """Draw the generalisation gap in PSNR, validation minus training, one line a run."""
    lines = []
    for i, run in enumerate(runs):
        (x, train), (_, validation) = curve(run, "train_psnr"), curve(run, "val_psnr")
        if len(train) == len(validation):
            lines.append(Line(run.name, x, validation - train, style(i)))
    return _draw_lines(lines, ADVANCES["pictures"], "PSNR, validation - training, dB")


def draw_both_losses(run: Run) -> Figure | None:
    """Draw the loss on training pictures and on those of validation, measured alike at the end of each epoch."""
    sides = {"training": "train_loss", "validation": "val_loss"}
    lines = [Line(name, *curve(run, column), style(i)) for i, (name, column) in enumerate(sides.items())]
    return _draw_lines(lines, ADVANCES["pictures"], "loss", logarithmic=True)


def draw_histogram(ab: np.ndarray) -> Figure:
    """Draw which colours occur in ab (N, H, W, 2), Lab units."""
    figure = Figure((3.0, 2.9), DPI, layout="constrained")
    axis = figure.subplots()
    axis.imshow(ab_histogram(ab), extent=[-HISTOGRAM_SIDE, HISTOGRAM_SIDE] * 2)
    axis.set(xlabel="a: green to red", ylabel="b: blue to yellow", xticks=(-100, 0, 100), yticks=(-100, 0, 100))
    return figure


def draw_chroma(runs: Sequence[Run], true_ab: np.ndarray, named_ab: dict[str, np.ndarray]) -> Figure | None:
    """Draw how often each chroma occurs in the truth and in {name of a run: ab}, ab (N, H, W, 2) in Lab units."""
    middles = (CHROMA_EDGES[:-1] + CHROMA_EDGES[1:]) / 2
    lines = [Line(TRUTH, middles, _chroma_shares(true_ab), TRUE_STYLE)]
    for i, run in enumerate(runs):
        if run.name in named_ab:
            lines.append(Line(run.name, middles, _chroma_shares(named_ab[run.name]), style(i)))
    return _draw_lines(lines, "chroma, Lab units", "% of the pixels")


def draw_grid(columns: dict[str, np.ndarray]) -> Figure:
    """Draw {name: uint8 (N, H, W, 3)} as columns of pictures, their names above."""
    _, _, side, _ = next(iter(columns.values())).shape
    times = -(-SMALLEST // side)
    grid = picture_grid([pictures.repeat(times, axis=1).repeat(times, axis=2) for pictures in columns.values()])
    height, width = grid.shape[:2]
    figure = Figure(figsize=(width / 100, height / 100 + 0.8), dpi=100)
    axis = figure.add_axes((0, 0, 1, height / (height + 80)))
    axis.imshow(grid, interpolation="nearest", aspect="auto")
    axis.set_yticks([])
    middles = (np.arange(len(columns)) + 0.5) * width / len(columns)
    axis.set_xticks(middles, [textwrap.fill(shortened(name, 42), 14) for name in columns], fontsize=9)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return figure


def shortened(name: str, most: int) -> str:
    """Return a name in ASCII, which every font has, its middle left out if it is long."""
    plain = name.encode("ascii", "backslashreplace").decode().replace("$", r"\$")
    return plain if len(plain) <= most else f"{plain[: most // 2 - 1]}..{plain[-(most // 2 - 1) :]}"


def _chroma_shares(ab: np.ndarray) -> np.ndarray:
    chroma = np.linalg.norm(ab, axis=-1).ravel()
    return 100 * np.histogram(chroma, CHROMA_EDGES)[0] / len(chroma)


def _draw_lines(lines: Sequence[Line], xlabel: str, ylabel: str, logarithmic: bool = False) -> Figure | None:
    """Draw the lines that have a point, and a legend below; None where none has."""
    lines = [line for line in lines if len(line.x)]
    if not lines:
        return None
    figure = Figure((WIDTH, HEIGHT + LEGEND_ROW * -(-len(lines) // 2)), DPI, layout="constrained")
    axis = figure.subplots()
    for line in lines:
        every = max(len(line.x) // MOST_MARKERS, 1)
        axis.plot(line.x, line.y, label=shortened(line.name, 28), markevery=every, **line.style)
    lowest, highest = min(line.y.min() for line in lines), max(line.y.max() for line in lines)
    if logarithmic and 0 < LOGARITHMIC * lowest < highest:
        axis.set_yscale("log")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.grid(color="#dddddd", linewidth=0.5)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False, handlelength=4)
    return figure
