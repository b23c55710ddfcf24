"""One figure, and a table where there are runs to compare, for each experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from checkerboards import draw_checkerboards
from correlation import draw_correlation
from experiments import Experiment
from learning_rate_range import draw_range_test
from matplotlib.figure import Figure
from pictures import LABELS, SHOWN, draw_pictures, painted, save
from receptive_field import draw_receptive_fields
from results import LOSSES, Result, read_results, shares_of_grey, table, table_of_losses, values
from what_it_sees import draw_what_it_sees

from colorization.evaluation.comparison_plots import style
from colorization.evaluation.evaluate import GREY, MEAN


def draw(number: int, experiment: Experiment, logs: Path, folder: Path) -> None:
    """Write the figures and the table of an experiment whose runs are done into `folder`."""
    results = read_results(experiment, logs)
    folder.mkdir(parents=True, exist_ok=True)
    if results:
        (folder / f"{number}.txt").write_text((table_of_losses if number == 5 else table)(results), encoding="utf-8")
    if number == 4:
        draw_amount_of_data(results, folder)
    elif number == 5:
        draw_losses(results, folder)
    elif results:
        draw_runs(number, results, folder)
    if number == 3:
        draw_receptive_fields(folder)
        draw_checkerboards(results, folder)
    if number == 6:
        draw_range_test(next(iter(results.values()))[0].folder, folder)
    if number == 7:
        draw_correlation(logs, folder)
    if number == 10:
        draw_what_it_sees(folder)


def draw_runs(number: int, results: dict[str, list[Result]], folder: Path) -> None:
    """Draw what each run gains over grey, how strong its colours are, and how it paints the same pictures."""
    first = next(iter(results.values()))
    rows = painted({name: seeds[0].folder for name, seeds in results.items()}, first[0].data)
    figure = Figure(figsize=(13, 0.8 * len(rows) + 0.9), layout="constrained")
    gain, strength, shown = figure.subplots(1, 3, width_ratios=(2, 2, SHOWN))
    _dots(gain, {name: values(seeds, "psnr") - values(seeds, "psnr", GREY) for name, seeds in results.items()})
    _dots(strength, {name: values(seeds, "colourfulness") for name, seeds in results.items()})
    gain.axvline((values(first, "psnr", MEAN) - values(first, "psnr", GREY))[0], color="black", linestyle=":")
    lacking = values(first, "delta_colourfulness", GREY)[0]  # in grey: all of it
    strength.axvline(lacking, color="black", linestyle=":")
    gain.set_xlabel("PSNR above grey, dB\n(dotted: mean colour)", fontsize=LABELS)
    strength.set_xlabel("colourfulness\n(dotted: truth)", fontsize=LABELS)
    strength.set_yticklabels([])
    draw_pictures(shown, rows)
    save(figure, folder, str(number))


def _dots(axis, named: dict[str, np.ndarray]) -> None:
    """A line a run, a dot a seed."""
    for place, numbers in enumerate(named.values()):
        axis.plot(numbers, [place] * len(numbers), "ko", markersize=5, fillstyle="none")
    axis.set_yticks(range(len(named)), list(named))
    axis.tick_params(labelsize=LABELS)
    axis.invert_yaxis()
    axis.margins(0.15)
    axis.grid(color="#dddddd", linewidth=0.5)


def draw_amount_of_data(results: dict[str, list[Result]], folder: Path) -> None:
    """Draw the error on training and on validation pictures against the number of different training pictures."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axis = figure.subplots()
    counts = [seeds[0].history["pictures"][0] for seeds in results.values()]  # of the first epoch: each one once
    for i, side in enumerate(LOSSES):
        errors = [100 * shares_of_grey(seeds, side) for seeds in results.values()]
        axis.plot(counts, [np.mean(each) for each in errors], label=side, **style(i))
        for count, each in zip(counts, errors, strict=True):
            axis.plot([count] * len(each), each, "k_", markersize=8)
    axis.set(xscale="log", xlabel="different training pictures", ylabel="ab error, % of that of grey")
    axis.set_xticks(counts, [f"{count:,.0f}" for count in counts])
    axis.minorticks_off()
    axis.legend(frameon=False)
    save(figure, folder, "4")


def draw_losses(results: dict[str, list[Result]], folder: Path) -> None:
    """Draw each run's loss on training and on validation pictures while it learns, all on the same axes."""
    columns = -(-len(results) // 2)
    figure = Figure(figsize=(2.6 * columns, 5), layout="constrained")
    axes = figure.subplots(2, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axis, (name, [result, *_]) in zip(axes, results.items(), strict=False):
        for i, (side, column) in enumerate(LOSSES.items()):
            seen = result.history["pictures"] / 1000
            marker = {} if len(seen) == 1 else {"marker": ""}  # a line of one point would not be seen
            axis.plot(seen, result.history[column], label=side, **style(i) | marker)
        axis.set_title(name, fontsize=10)
    for axis in axes[len(results) :]:
        axis.set_axis_off()
    figure.supxlabel("thousand pictures seen", fontsize=9)
    figure.supylabel("loss", fontsize=9)
    axes[0].legend(frameon=False, fontsize=9)
    save(figure, folder, "5")
