"""How good a colorizer is on pictures, beside two that know nothing: all grey, and the training set's mean colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from colorization.color.bins import rebalancing_weights
from colorization.color.tables import join
from colorization.evaluation.metrics import mean_metrics, picture_metrics, top1_accuracy
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.batches import evaluation_batches
from data_pipelines.color_prior import measure_prior
from data_pipelines.crops import central_crop, grid_crops

BATCH = 16
TRUE, MODEL, GREY, MEAN = "true", "model", "grey", "mean colour"


@dataclass(frozen=True)
class Case:
    """One evaluated picture: its name and PSNR, and uint8 pictures grey, predicted, true."""

    name: str
    psnr: float
    grey: np.ndarray
    predicted: np.ndarray
    true: np.ndarray


@dataclass(frozen=True)
class Answers:
    """What is asked of a model.

    predict_ab: L (B, H, W, 1) -> ab (B, H, W, 2), Lab units. distribution: L -> probabilities (B, h, w, 313), or None.
    """

    predict_ab: Callable
    distribution: Callable | None = None


def whole(pictures: Pictures) -> Split:
    """Return every picture of a data set as one split, for data that nothing was trained on."""
    train, validation = pictures.train, pictures.validation
    return Split([*train.rows, *validation.rows], [*train.names, *validation.names], patches=validation.patches)


def balancing_weights(split: Split, size: int, cache_dir: Path, progress: Progress = silent) -> np.ndarray:
    """Return each of the 313 bins' weight in the class-balanced AuC: the inverse of how often the pictures have it."""
    return rebalancing_weights(measure_prior(split, size, cache_dir, progress), lam=0.0)


def evaluate(
    answers: Answers,
    splits: dict[str, Split],
    size: int,
    mean_ab,
    weights: np.ndarray,
    limit: int = 0,
    progress: Progress = silent,
) -> tuple[dict, list[Case]]:
    """Return metrics {split: {who: {metric: mean}}}, and the best, median and worst case of the first split.

    mean_ab: the training set's mean a and b, or None if nobody knows it. weights: see `balancing_weights`. Of every
    further split as many pictures are taken, evenly spread, as of the first: of the training pictures so many that
    overfitting shows as a difference.
    """
    table: dict = {}
    cases: list[Case] = []
    count = limit
    for name, split in splits.items():
        rows = _evaluate_split(answers, split, size, mean_ab, weights, count, progress)
        table[name] = {who: mean_metrics(rows[who]) for who in rows} | {"pictures": len(rows[MODEL])}
        if not cases:
            cases = _best_median_worst(answers.predict_ab, split, size, count, [row["psnr"] for row in rows[MODEL]])
            count = len(rows[MODEL])
    return table, cases


def _evaluate_split(answers, split: Split, size: int, mean_ab, weights, limit: int, progress: Progress) -> dict:
    rows: dict[str, list] = {MODEL: [], GREY: []} | ({} if mean_ab is None else {MEAN: []})
    with progress("evaluating", len(grid_crops(split, limit)), "picture") as advance:
        for batch in evaluation_batches(split, size, BATCH, limit).as_numpy_iterator():
            L, true_ab = batch["L"], batch["ab"]
            painted = painted_pictures(answers.predict_ab, L, true_ab, mean_ab)
            true_rgb, _ = painted.pop(TRUE)
            for who, (rgb, ab) in painted.items():
                each = zip(L, true_rgb, rgb, true_ab, ab, strict=True)
                measured = [picture_metrics(*picture, weights) for picture in each]
                rows[who] += _with_top1(measured, answers, L, true_ab) if who == MODEL else measured
            advance(len(L))
    return rows


def _with_top1(rows: list[dict], answers: Answers, L: np.ndarray, true_ab: np.ndarray) -> list[dict]:
    if answers.distribution is None:
        return rows
    told = zip(rows, true_ab, np.asarray(answers.distribution(L)), strict=True)
    return [row | {"top1": top1_accuracy(truth, probabilities)} for row, truth, probabilities in told]


def painted_pictures(predict_ab, L: np.ndarray, true_ab: np.ndarray, mean_ab) -> dict[str, tuple]:
    """Return {who: (uint8 RGB, ab)} of a batch in true colours, in the model's, and in those of the baselines."""
    painted = {TRUE: true_ab, MODEL: np.asarray(predict_ab(L)), GREY: np.zeros_like(true_ab)}
    if mean_ab is not None:
        painted[MEAN] = np.broadcast_to(np.asarray(mean_ab, np.float32), true_ab.shape)
    return {who: (np.asarray(join(L, ab)), ab) for who, ab in painted.items()}


def _best_median_worst(predict_ab, split: Split, size: int, limit: int, psnrs: list[float]) -> list[Case]:
    order = np.argsort(psnrs)[::-1]
    crops = grid_crops(split, limit)
    cases = []
    for i in (order[0], order[len(order) // 2], order[-1]):
        row, patch = crops[i]
        one = Split(rows=[central_crop(split, size, row, patch)], names=[split.names[row]])
        [batch] = evaluation_batches(one, size, 1).as_numpy_iterator()
        L, ab = batch["L"], batch["ab"]
        grey, predicted, true = (np.asarray(join(L, each))[0] for each in (np.zeros_like(ab), predict_ab(L), ab))
        cases.append(Case(split.names[row], psnrs[i], grey, predicted, true))
    return cases


def draw_cases(cases: list[Case], path: Path) -> None:
    """Write a PNG with one row a case: grey, predicted, true."""
    figure = Figure(figsize=(7, 2.5 * len(cases)), layout="constrained")
    axes = figure.subplots(len(cases), 3, squeeze=False)
    for line, rank, case in zip(axes, ("best", "median", "worst"), cases, strict=True):
        for axis, title, picture in zip(
            line,
            (f"{rank}: {Path(case.name).name[:24]}", f"predicted, {case.psnr:.1f} dB", "true"),
            (case.grey, case.predicted, case.true),
            strict=True,
        ):
            axis.imshow(picture)
            # ASCII: not every font has every letter; no maths: "$" is a letter of a file's name
            axis.set_title(title.encode("ascii", "backslashreplace").decode(), fontsize=9, parse_math=False)
            axis.set_axis_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


@dataclass(frozen=True)
class Column:
    """A column of the tables: a metric and its digits, its unit, which way is better, and what it says."""

    metric: str
    digits: int
    unit: str
    better: str
    meaning: str


MORE, LESS = "more", "less"
COLUMNS = {
    "PSNR dB": Column("psnr", 2, "dB", MORE, "how close the RGB picture is to the true one; read it beside grey's"),
    "SSIM": Column("ssim", 3, "-1 to 1", MORE, "structural similarity of the RGB picture"),
    "RGB MAE": Column("rgb_mae", 2, "levels of 255", LESS, "mean absolute error of R, G and B"),
    "ab MAE": Column("ab_mae", 2, "Lab units", LESS, "mean absolute error of a and b"),
    "acc@2": Column("accuracy_2", 3, "share", MORE, "values of a and b within 2 Lab units of the truth"),
    "acc@5": Column("accuracy_5", 3, "share", MORE, "values of a and b within 5 Lab units of the truth"),
    "colourf.": Column(
        "colourfulness", 1, "none", "like the truth", "0 grey, 15 slightly, 33 moderately, 109 extremely colourful"
    ),
    "delta": Column("delta_colourfulness", 1, "none", LESS, "distance of the mean colourfulness from the truth's"),
    "faded": Column("faded", 3, "share", LESS, "pictures that came out nearly grey and should not"),
    "bleeding": Column("bleeding", 2, "Lab units", LESS, "error of the change of colour across strong edges of L"),
    "AuC": Column(
        "auc", 3, "0 to 1", MORE, "share of the pixels within t Lab units of the truth, mean over t = 0 to 150"
    ),
    "balanced": Column("auc_balanced", 3, "0 to 1", MORE, "AuC in which rare colours count as much as frequent ones"),
    "top-1": Column("top1", 3, "share", MORE, "cells whose likeliest colour is the true one"),
}


def table_lines(table: dict) -> list[str]:
    """Return the metrics as lines of text, one a split and answer."""
    measured = next(iter(table.values()))[MODEL]
    columns = {heading: column for heading, column in COLUMNS.items() if column.metric in measured}
    lines = [f"{'':<24}" + "".join(f"{heading:>9}" for heading in columns)]
    for split, rows in table.items():
        for who in [who for who in (MODEL, GREY, MEAN) if who in rows]:
            numbers = (
                f"{rows[who][each.metric]:>9.{each.digits}f}" if each.metric in rows[who] else f"{'':>9}"
                for each in columns.values()
            )
            lines.append((f"{split + ', ' + who:<24}" + "".join(numbers)).rstrip())
    return lines
