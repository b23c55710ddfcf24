"""What a comparison of runs says: its sections, from what was read, measured and painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorization.color.tables import join
from colorization.evaluation.comparison import TRUTH, Run, differing_settings
from colorization.evaluation.comparison_plots import (
    ADVANCES,
    CURVES,
    draw_both_losses,
    draw_chroma,
    draw_curves,
    draw_gap,
    draw_grid,
    draw_histogram,
    occupied_side,
    time_unit,
)
from colorization.evaluation.evaluate import COLUMNS, GREY, MEAN, MODEL, MORE, Column
from colorization.evaluation.page import Drawing, Drawings, Section, Table, Text

GRID_PICTURES = 12
NOTHING = "-"
GAINS = ("PSNR dB", "ab MAE", "AuC")  # columns of the table of training beside validation
GAP = (
    "Each run on its own pictures. Those of training may be easier than those of validation, or harder, so what is "
    "compared is the gain: by how much a run is better than grey on the same pictures. The gap is the gain in training "
    "minus that in validation. A gap that grows says that the network learns its pictures by heart."
)
GAP_TABLE = "The gains of each run's best weights, on all validation pictures and as many of training (metrics.json):"
GAP_CURVES = (
    "The curves are of the weights after each epoch (history.csv): the gap on 64 fixed pictures of each side, so it "
    "differs from the table's; the loss on all of validation, and as many of training, at most 512."
)
LOSS_SETTINGS = ("model.name", "model.loss", "model.target")
UNLIKE_LOSSES = "The losses are of different kinds, so their values say nothing about which run is better."
UNLIKE_CURVES = (
    "These runs minimise losses of different kinds: the loss curves of each run are under Training beside validation."
)
MEAN_OF = "The mean colour is that of a run's training pictures, so runs with other training pictures have another one."
COLOURS = (
    "Which colours occur in {count} of these pictures, each drawn in itself: strong is often, pale is rare (on a "
    "logarithmic scale), white is never. What lies closer to the middle than the truth is fainter than it."
)
CHROMA = "The chroma of a colour is its distance from grey: the square root of a² + b², in Lab units; 0 is grey."


@dataclass(frozen=True)
class Painted:
    """The same pictures, spread evenly over a split, as each model colours them.

    L (N, H, W, 1), true_ab and each of ab (N, H, W, 2), Lab units; ab by the name of the run.
    """

    L: np.ndarray
    true_ab: np.ndarray
    ab: dict[str, np.ndarray]


def report_sections(
    runs: Sequence[Run], measured: dict[str, dict], painted: Painted | None, remarks: Sequence[str]
) -> list[Section]:
    """Return the sections of a report.

    measured: of each run that can be asked, {who: {metric: mean}} of the same validation pictures. painted: some of
    these pictures, where they can be had. remarks: on which pictures these are.
    """
    sections = [_overview(runs)]
    if len(runs) > 1:
        sections.append(_settings(runs))
    sections.append(Section("Metrics", [*map(Text, remarks), *(_metrics(measured) if measured else [])]))
    sections += [*_curves(runs), *_gaps(runs)]
    if painted is not None:
        sections += [_colours(runs, painted), _pictures(painted)]
    return sections


def _overview(runs: Sequence[Run]) -> Section:
    header = ["", "model", "epochs", "pictures seen", "processor time", "lowest validation loss"]
    missing = [Text(f"{run.name}: {'; '.join(run.missing)}.") for run in runs if run.missing]
    unlike = [] if _losses_alike(runs) else [Text(UNLIKE_LOSSES)]
    return Section("Runs", [Table(header, [_overview_row(run) for run in runs], words=True), *unlike, *missing])


def _losses_alike(runs: Sequence[Run]) -> bool:
    trained = [run for run in runs if run.epochs and "model.name" in run.settings]
    return len({tuple(run.settings.get(name) for name in LOSS_SETTINGS) for run in trained}) <= 1


def _overview_row(run: Run) -> list[str]:
    seen, seconds, loss = (run.history.get(name, np.zeros(0)) for name in ("pictures", "processor_seconds", "val_loss"))
    planned = run.settings.get("training.epochs", "?")
    return [
        run.name,
        str(run.settings.get("model.name", NOTHING)),
        "exported" if run.exported else f"{run.epochs} of {planned}",
        f"{seen[-1]:,.0f}" if len(seen) else NOTHING,
        _duration(seconds[-1]) if len(seconds) else NOTHING,
        f"{np.nanmin(loss):.4g}" if np.isfinite(loss).any() else NOTHING,
    ]


def _duration(seconds: float) -> str:
    length, unit = time_unit(seconds)
    return f"{seconds / length:.1f} {unit}"


def _settings(runs: Sequence[Run]) -> Section:
    differing = differing_settings(runs)
    if not differing:
        return Section("Settings", [Text("No setting differs, among those that can be read.")])
    rows = [[name, *(_cell(value) for value in values)] for name, values in differing.items()]
    return Section("Settings that differ", [Table(["", *(run.name for run in runs)], rows, words=True)])


def _cell(value) -> str:
    if value is None:
        return NOTHING
    return (" ".join(map(str, value)) if isinstance(value, list) else str(value)) or "empty"


def _metrics(measured: dict[str, dict]) -> list[Table | Text]:
    """The table of the metrics, and what its columns mean."""
    numbers = {name: who[MODEL] for name, who in measured.items()}
    numbers[GREY] = next(iter(measured.values()))[GREY]
    headings = [each for each, column in COLUMNS.items() if any(column.metric in row for row in numbers.values())]
    rows = [[name, *(_number(row, each) for each in headings)] for name, row in numbers.items()]
    mean_rows = _mean_rows(measured, headings)
    explained = [(each, COLUMNS[each].unit, COLUMNS[each].better, COLUMNS[each].meaning) for each in headings]
    return [
        Table(["", *headings], rows + mean_rows),
        *([Text(MEAN_OF)] if len(mean_rows) > 1 else []),
        Table(["metric", "unit", "better", "meaning"], explained, words=True),
    ]


def _mean_rows(measured: dict[str, dict], headings: Sequence[str]) -> list[list[str]]:
    """The row of the mean colour; one a set of training pictures, named after the runs, where there are several."""
    owners: dict[tuple[str, ...], list[str]] = {}
    for name, who in measured.items():
        if MEAN in who:  # imported weights know none
            owners.setdefault(tuple(_number(who[MEAN], each) for each in headings), []).append(name)
    several = len(owners) > 1
    return [[f"{MEAN} of {', '.join(names)}" if several else MEAN, *cells] for cells, names in owners.items()]


def _number(row: dict[str, float], heading: str) -> str:
    column = COLUMNS[heading]
    return f"{row[column.metric]:.{column.digits}f}" if column.metric in row else NOTHING


def _curves(runs: Sequence[Run]) -> list[Section]:
    alike = _losses_alike(runs)
    drawings = [
        Drawing(f"{column}-over-{advance}", f"{_without_unit(CURVES[column])} over {_without_unit(x)}", figure)
        for column in CURVES
        for advance, x in ADVANCES.items()
        if (alike or column != "val_loss") and (figure := draw_curves(runs, column, advance))
    ]
    if not drawings:
        return []
    return [Section("Curves", [*([] if alike else [Text(UNLIKE_CURVES)]), Drawings(drawings)])]


def _without_unit(label: str) -> str:
    return label.partition(",")[0]


def _gaps(runs: Sequence[Run]) -> list[Section]:
    """Training beside validation: of each run on its own pictures."""
    rows = [row for run in runs if (row := _gap_row(run))]
    header = ["", *(f"{heading}: {split}" for heading in GAINS for split in ("training", "validation", "gap"))]
    figures = {"gap": ("gap of the gains in PSNR over pictures seen", draw_gap(runs))}
    figures |= {f"loss-{i}": (f"{run.name}: loss", draw_both_losses(run)) for i, run in enumerate(runs)}
    drawings = [Drawing(name, caption, figure) for name, (caption, figure) in figures.items() if figure]
    blocks = [*([Text(GAP_TABLE), Table(header, rows)] if rows else [])]
    blocks += [Text(GAP_CURVES), Drawings(drawings)] if drawings else []
    return [Section("Training beside validation", [Text(GAP), *blocks])] if blocks else []


def _gap_row(run: Run) -> list[str]:
    """How much better than grey a run is on both splits, and by how much more in training; [] where it is not known."""
    row = [run.name]
    for heading in GAINS:
        try:
            training, validation = (_gain(run.metrics[split], COLUMNS[heading]) for split in ("training", "validation"))
        except (KeyError, TypeError):
            return []
        row += [f"{each:+.{COLUMNS[heading].digits}f}" for each in (training, validation, training - validation)]
    return row


def _gain(means: dict, column: Column) -> float:
    gain = means[MODEL][column.metric] - means[GREY][column.metric]
    return gain if column.better == MORE else -gain


def _colours(runs: Sequence[Run], painted: Painted) -> Section:
    named = {TRUTH: painted.true_ab, **painted.ab}
    side = occupied_side(list(named.values()))
    planes = [Drawing(f"colours-{i}", name, draw_histogram(ab, side)) for i, (name, ab) in enumerate(named.items())]
    chroma = Drawing("chroma", "how often each chroma occurs", draw_chroma(runs, painted.true_ab, painted.ab))
    text = Text(COLOURS.format(count=len(painted.L)))
    return Section("Colours", [text, Drawings(planes, "squares"), Text(CHROMA), Drawings([chroma])])


def _pictures(painted: Painted) -> Section:
    chosen = np.linspace(0, len(painted.L) - 1, min(GRID_PICTURES, len(painted.L))).round().astype(int)
    named = {GREY: np.zeros_like(painted.true_ab), **painted.ab, TRUTH: painted.true_ab}
    columns = {name: np.asarray(join(painted.L[chosen], ab[chosen])) for name, ab in named.items()}
    drawing = Drawing("grid", "the same pictures, one column a run", draw_grid(columns))
    return Section("Pictures", [Drawings([drawing], "whole")])
