"""Drawings of runs beside each other, made to be told apart in grey print: by line style and marker, not by colour."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from colorization.evaluation.comparison import GAP_COLUMNS, TRUTH, Run
from colorization.evaluation.drawings import WIDEST, ab_histogram, picture_grid
from colorization.evaluation.evaluate import GREY

DPI = 150
WIDTH, HEIGHT, LEGEND_ROW = 5.0, 3.2, 0.19  # inches, of a plot and of each two names below it
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#8a6d00")  # Okabe and Ito's; yellow made darker
TRUE_STYLE = {"color": "#999999", "linewidth": 4}
GREY_STYLE = {"color": "#999999", "linewidth": 2}
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
MOST_MARKERS = 8  # on a curve
LOGARITHMIC = 10  # times the lowest loss; if the highest is above it, the axis is logarithmic
CHROMA_EDGES = np.linspace(0, 80, 41)  # Lab units
OCCUPIED = 99.9  # % of the colours lie within the edges of a histogram
FEW_MINUTES = 180  # seconds; less is told in seconds
SMALLEST = 96  # px; side of a picture in the grid

# what is drawn: of history.csv, and its name with its unit
ADVANCES = {"pictures": "pictures seen", "processor_seconds": "processor time"}
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
    """Return x and y of a run's curve, (epochs,) each, without the epochs that lack one of them; x: see ADVANCES."""
    if column not in run.history or advance not in run.history:
        return np.zeros(0), np.zeros(0)
    return _known(run.history[advance], run.history[column])


def time_unit(seconds: float) -> tuple[float, str]:
    """Return the unit that a time of so many seconds is told in: its seconds, and its name."""
    return (1, "s") if seconds < FEW_MINUTES else (60, "min")


def draw_curves(runs: Sequence[Run], column: str, advance: str) -> Figure | None:
    """Draw a column of the histories, one line a run, and grey's PSNR below theirs; None where no run has it."""
    lines = [Line(run.name, *curve(run, column, advance), style(i)) for i, run in enumerate(runs)]
    end = max((line.x.max() for line in lines if len(line.x)), default=0)
    if column == "val_psnr":
        lines += _grey_lines(runs, end)
    label = ADVANCES[advance]
    if advance == "processor_seconds":
        length, unit = time_unit(end)
        lines = [dataclasses.replace(line, x=line.x / length) for line in lines]
        label = f"{label}, {unit}"
    return _draw_lines(lines, label, CURVES[column], logarithmic=column == "val_loss")


def _grey_lines(runs: Sequence[Run], end: float) -> list[Line]:
    """What grey reaches: a line from 0 to `end`, or several, named, where the runs were validated on others."""
    owners: dict[float, list[str]] = {}
    for run in runs:
        _, grey = curve(run, "val_grey_psnr")
        if len(grey):
            owners.setdefault(round(float(grey[-1]), 2), []).append(run.name)
    named = {psnr: GREY if len(owners) == 1 else f"{GREY}, of {', '.join(names)}" for psnr, names in owners.items()}
    return [Line(name, np.array([0, end]), np.array([psnr, psnr]), GREY_STYLE) for psnr, name in named.items()]


def draw_gap(runs: Sequence[Run]) -> Figure | None:
    """Draw the generalisation gap, one line a run: the gain over grey in PSNR, in training minus in validation."""
    lines = [Line(run.name, *gap_curve(run), style(i)) for i, run in enumerate(runs)]
    return _draw_lines(lines, ADVANCES["pictures"], "gap of the gains over grey, dB")


def gap_curve(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures seen and the gap in dB of the epochs that know it, (epochs,) each."""
    if any(name not in run.history for name in ("pictures", *GAP_COLUMNS)):
        return np.zeros(0), np.zeros(0)
    training, training_grey, validation, validation_grey = (run.history[name] for name in GAP_COLUMNS)
    return _known(run.history["pictures"], (training - training_grey) - (validation - validation_grey))


def draw_both_losses(run: Run) -> Figure | None:
    """Draw the loss on training pictures and on those of validation, measured alike at the end of each epoch."""
    sides = {"training": "train_loss", "validation": "val_loss"}
    lines = [Line(name, *curve(run, column), style(i)) for i, (name, column) in enumerate(sides.items())]
    return _draw_lines(lines, ADVANCES["pictures"], "loss", logarithmic=True)


def occupied_side(planes: Sequence[np.ndarray]) -> float:
    """Return how far from 0, in Lab units, the axes reach on which all of several ab (N, H, W, 2) are drawn."""
    reach = max(float(np.percentile(np.abs(ab), OCCUPIED)) for ab in planes)
    return min(10 * (int(reach / 10) + 1), WIDEST)


def draw_histogram(ab: np.ndarray, side: float) -> Figure:
    """Draw which colours occur in ab (N, H, W, 2), Lab units; from -side to side."""
    figure = Figure((3.0, 2.9), DPI, layout="constrained")
    axis = figure.subplots()
    axis.imshow(ab_histogram(ab, side), extent=[-side, side] * 2)
    ticks = (-side, 0, side)
    axis.set(xlabel="a: green to red", ylabel="b: blue to yellow", xticks=ticks, yticks=ticks)
    axis.grid(color="#dddddd", linewidth=0.5)
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


def _known(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


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
