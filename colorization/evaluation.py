"""How good a colorizer is on pictures, beside two that know nothing: all grey, and the training set's mean colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from colorization.inference import join
from colorization.metrics import mean_metrics, picture_metrics
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.batches import central_crop, evaluation_batches, grid_crops

BATCH = 16
MODEL, GREY, MEAN = "model", "grey", "mean colour"


@dataclass(frozen=True)
class Case:
    """One evaluated picture: its name and PSNR, and uint8 pictures grey, predicted, true."""

    name: str
    psnr: float
    grey: np.ndarray
    predicted: np.ndarray
    true: np.ndarray


def evaluate(
    predict_ab: Callable, pictures: Pictures, size: int, mean_ab, limit: int = 0, progress: Progress = silent
) -> tuple[dict, list[Case]]:
    """Metrics {split: {who: {metric: mean}}} of both splits, and the best, median and worst case of validation.

    predict_ab: L (B, H, W, 1) -> ab (B, H, W, 2), Lab units. mean_ab: the training set's mean a and b.
    The training split is sampled to as many pictures as validation has, so that overfitting shows as a difference.
    """
    count = len(grid_crops(pictures.validation, limit))
    table = {}
    for name, split in (("validation", pictures.validation), ("training", pictures.train)):
        rows = _evaluate_split(predict_ab, split, size, mean_ab, count, progress)
        table[name] = {who: mean_metrics(rows[who]) for who in rows} | {"pictures": len(rows[MODEL])}
        if name == "validation":
            cases = _best_median_worst(predict_ab, split, size, count, [row["psnr"] for row in rows[MODEL]])
    return table, cases


def _evaluate_split(predict_ab, split: Split, size: int, mean_ab, limit: int, progress: Progress) -> dict[str, list]:
    rows: dict[str, list] = {MODEL: [], GREY: [], MEAN: []}
    with progress("evaluating", len(grid_crops(split, limit)), "picture") as advance:
        for L, true_ab in evaluation_batches(split, size, BATCH, limit).as_numpy_iterator():
            answers = {
                MODEL: np.asarray(predict_ab(L)),
                GREY: np.zeros_like(true_ab),
                MEAN: np.broadcast_to(np.asarray(mean_ab, np.float32), true_ab.shape),
            }
            true_rgb = np.asarray(join(L, true_ab))
            for who, ab in answers.items():
                rgb = np.asarray(join(L, ab))
                rows[who] += [picture_metrics(*each) for each in zip(true_rgb, rgb, true_ab, ab, strict=True)]
            advance(len(L))
    return rows


def _best_median_worst(predict_ab, split: Split, size: int, limit: int, psnrs: list[float]) -> list[Case]:
    order = np.argsort(psnrs)[::-1]
    crops = grid_crops(split, limit)
    cases = []
    for i in (order[0], order[len(order) // 2], order[-1]):
        row, patch = crops[i]
        one = Split(rows=[central_crop(split, size, row, patch)], names=[split.names[row]])
        [(L, ab)] = evaluation_batches(one, size, 1).as_numpy_iterator()
        grey, predicted, true = (np.asarray(join(L, each))[0] for each in (np.zeros_like(ab), predict_ab(L), ab))
        cases.append(Case(split.names[row], psnrs[i], grey, predicted, true))
    return cases


def draw_cases(cases: list[Case], path: Path) -> None:
    """PNG with one row a case: grey, predicted, true."""
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


COLUMNS = {  # heading: (metric, digits)
    "PSNR dB": ("psnr", 2),
    "SSIM": ("ssim", 3),
    "RGB MAE": ("rgb_mae", 2),
    "ab MAE": ("ab_mae", 2),
    "acc@2": ("accuracy_2", 3),
    "acc@5": ("accuracy_5", 3),
    "colourf.": ("colourfulness", 1),
    "delta": ("delta_colourfulness", 1),
}


def table_lines(table: dict) -> list[str]:
    """The metrics as lines of text, one a split and answer."""
    lines = [f"{'':<24}" + "".join(f"{heading:>10}" for heading in COLUMNS)]
    for split, answers in table.items():
        for who in (MODEL, GREY, MEAN):
            numbers = (f"{answers[who][metric]:>10.{digits}f}" for metric, digits in COLUMNS.values())
            lines.append(f"{split + ', ' + who:<24}" + "".join(numbers))
    return lines
