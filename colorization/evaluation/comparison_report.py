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
)
from colorization.evaluation.evaluate import COLUMNS, GREY, MEAN, MODEL
from colorization.evaluation.page import Drawing, Drawings, Section, Table, Text

GRID_PICTURES = 12
NOTHING = "-"
GAPS = ("PSNR dB", "ab MAE", "AuC")  # columns of the table of training beside validation
GAP = (
    "Each run on its own pictures; the gap is validation minus training. A PSNR of validation that falls behind more "
    "and more says that the network learns its pictures by heart."
)
LOSS_SETTINGS = ("model.name", "model.loss", "model.target")
DIFFERENT_LOSSES = "These runs minimise losses of different kinds, so each is drawn alone, below."


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
    sections.append(Section("Metrics", [*map(Text, remarks), *([_metrics_table(measured)] if measured else [])]))
    sections += [*_curves(runs), *_gaps(runs)]
    if painted is not None:
        sections += [_colours(runs, painted), _pictures(painted)]
    return sections


def _overview(runs: Sequence[Run]) -> Section:
    header = ["", "model", "epochs", "pictures seen", "processor time", "lowest validation loss"]
    missing = [Text(f"{run.name}: {'; '.join(run.missing)}.") for run in runs if run.missing]
    return Section("Runs", [Table(header, [_overview_row(run) for run in runs], words=True), *missing])


def _overview_row(run: Run) -> list[str]:
    seen, seconds, loss = (run.history.get(name, np.zeros(0)) for name in ("pictures", "processor_seconds", "val_loss"))
    planned = run.settings.get("training.epochs", "?")
    return [
        run.name,
        str(run.settings.get("model.name", NOTHING)),
        "exported" if run.exported else f"{run.epochs} of {planned}",
        f"{seen[-1]:,.0f}" if len(seen) else NOTHING,
        f"{seconds[-1] / 60:.1f} min" if len(seconds) else NOTHING,
        f"{np.nanmin(loss):.4g}" if np.isfinite(loss).any() else NOTHING,
    ]


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


def _metrics_table(measured: dict[str, dict]) -> Table:
    rows = {name: who[MODEL] for name, who in measured.items()}
    for who in (GREY, MEAN):
        known = [each[who] for each in measured.values() if who in each]
        rows |= {who: known[0]} if known else {}  # imported weights know no mean colour
    headings = [each for each, (metric, _) in COLUMNS.items() if any(metric in row for row in rows.values())]
    return Table(["", *headings], [[name, *(_number(row, each) for each in headings)] for name, row in rows.items()])


def _number(row: dict[str, float], heading: str) -> str:
    metric, digits = COLUMNS[heading]
    return f"{row[metric]:.{digits}f}" if metric in row else NOTHING


def _curves(runs: Sequence[Run]) -> list[Section]:
    asked = [run for run in runs if run.epochs and "model.name" in run.settings]
    alike = len({tuple(run.settings.get(name) for name in LOSS_SETTINGS) for run in asked}) <= 1
    drawings = [
        Drawing(f"{column}-over-{advance}", f"{_without_unit(CURVES[column])} over {_without_unit(x)}", figure)
        for column in CURVES
        for advance, x in ADVANCES.items()
        if (alike or column != "val_loss") and (figure := draw_curves(runs, column, advance))
    ]
    if not drawings:
        return []
    return [Section("Curves", [*([] if alike else [Text(DIFFERENT_LOSSES)]), Drawings(drawings)])]


def _without_unit(label: str) -> str:
    return label.partition(",")[0]


def _gaps(runs: Sequence[Run]) -> list[Section]:
    """Training beside validation: of each run on its own pictures."""
    rows = [row for run in runs if (row := _gap_row(run))]
    header = ["", *(f"{heading} {split}" for heading in GAPS for split in ("training", "validation", "gap"))]
    figures = {"gap": ("validation minus training, over pictures seen", draw_gap(runs))}
    figures |= {f"loss-{i}": (f"{run.name}: loss", draw_both_losses(run)) for i, run in enumerate(runs)}
    drawings = [Drawing(name, caption, figure) for name, (caption, figure) in figures.items() if figure]
    blocks = [*([Table(header, rows)] if rows else []), *([Drawings(drawings)] if drawings else [])]
    return [Section("Training beside validation", [Text(GAP), *blocks])] if blocks else []


def _gap_row(run: Run) -> list[str]:
    """The metrics of both splits, and by how much validation differs; [] where they are not known."""
    try:
        training, validation = (run.metrics[split][MODEL] for split in ("training", "validation"))
        row = [run.name]
        for heading in GAPS:
            metric, digits = COLUMNS[heading]
            gap = validation[metric] - training[metric]
            row += [_number(training, heading), _number(validation, heading), f"{gap:+.{digits}f}"]
        return row
    except (KeyError, TypeError):
        return []


def _colours(runs: Sequence[Run], painted: Painted) -> Section:
    named = {TRUTH: painted.true_ab, **painted.ab}
    planes = [Drawing(f"colours-{i}", name, draw_histogram(ab)) for i, (name, ab) in enumerate(named.items())]
    text = (
        f"Which colours occur in {len(painted.L)} of these pictures: bright is often, on a logarithmic scale. What "
        "lies closer to the middle than the truth is fainter than it."
    )
    chroma = Drawing("chroma", "how often each chroma occurs", draw_chroma(runs, painted.true_ab, painted.ab))
    return Section("Colours", [Text(text), Drawings(planes, "squares"), Drawings([chroma])])


def _pictures(painted: Painted) -> Section:
    chosen = np.linspace(0, len(painted.L) - 1, min(GRID_PICTURES, len(painted.L))).round().astype(int)
    named = {GREY: np.zeros_like(painted.true_ab), **painted.ab, TRUTH: painted.true_ab}
    columns = {name: np.asarray(join(painted.L[chosen], ab[chosen])) for name, ab in named.items()}
    drawing = Drawing("grid", "the same pictures, one column a run", draw_grid(columns))
    return Section("Pictures", [Drawings([drawing], "whole")])
