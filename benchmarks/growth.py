"""How time and memory grow with a picture's megapixels, and where the time of a large picture goes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.colorize_marks import make_pictures
from benchmarks.measure import ROOT, Cost, costs_told_by
from benchmarks.scale import Scale
from benchmarks.section import Mark, Section, at_most, table

LINEAR = 1.3  # a megapixel of the largest picture may take so many times one of the middle picture


def growth(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure one picture of each size, in a process of its own."""
    costs: dict[float, Cost] = {}
    for megapixels in scale.growth:
        [picture] = make_pictures(folder / f"{megapixels:g}", 1, megapixels)
        words = ["ours", model, picture, folder / f"{megapixels:g}-out", 1]
        [costs[megapixels]] = costs_told_by([sys.executable, "-m", "benchmarks.running", *words])
        picture.unlink()
    rows = [
        (
            f"{megapixels:g}",
            f"{cost.wall:.2f}",
            f"{cost.cpu:.2f}",
            f"{cost.cpu / megapixels:.3f}",
            f"{cost.megabytes:.0f}",
        )
        for megapixels, cost in costs.items()
    ]
    middle, largest = scale.growth[len(scale.growth) // 2], scale.growth[-1]
    ratio = (costs[largest].cpu / largest) / (costs[middle].cpu / middle)
    seconds = slope({megapixels: cost.cpu for megapixels, cost in costs.items()})
    memory = slope({megapixels: cost.megabytes for megapixels, cost in costs.items()})
    marks = (
        Mark(
            "growth with megapixels", "linear", f"{seconds:.3f} processor s and {memory:.1f} MB each", ratio <= LINEAR
        ),
        at_most(f"{largest:g} megapixels: memory", 1200, costs[largest].megabytes, "MB", 0),
    )
    text = (
        "One picture of each size in a running process. Least squares: "
        f"{seconds:.3f} processor seconds and {memory:.1f} MB for each further megapixel.\n\n"
    )
    heading = ("megapixels", "wall s", "processor s", "... a megapixel", "peak MB")
    return Section("Growth with megapixels", text + table(heading, rows), marks)


def where_time_goes(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure the parts of one large picture, and the limit: decoding, encoding and one pass over memory."""
    [picture] = make_pictures(folder / "parts", 1, scale.large)
    words = [sys.executable, "-m", "benchmarks.parts", model, picture, folder / "parts-out"]
    done = subprocess.run([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    parts = json.loads(done.stdout)
    above = parts["whole"] - parts["limit"]
    rows = [(name.replace("_", " "), f"{1000 * seconds:.0f}") for name, seconds in parts.items()]
    text = (
        f"A JPEG of {scale.large:g} megapixels, processor milliseconds (medians). The limit is decode + encode + one "
        f"pass over the picture's memory. {1000 * above:.0f} ms lie above it, {above / parts['whole']:.0%} of the "
        "whole.\n\n"
    )
    return Section("Where the time goes", text + table(("part", "ms"), rows))


def slope(values: dict[float, float]) -> float:
    """Return the least-squares slope of values over their keys."""
    mean_x, mean_y = sum(values) / len(values), sum(values.values()) / len(values)
    return sum((x - mean_x) * (y - mean_y) for x, y in values.items()) / sum((x - mean_x) ** 2 for x in values)
