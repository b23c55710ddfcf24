"""`colorize` on films of two sizes: pictures a second, and memory, which must not grow with the length."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import Cost, cost_of
from benchmarks.scale import Scale
from benchmarks.section import Mark, Section, at_most, table

LEAST = {1080: 4, 480: 15}  # pictures a second by height, on two cores
MOST_MB = 700  # at 1080 rows


def films(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure a short and a three times as long film of each height; what starts the program counts for neither."""
    rows, marks = [], []
    for height, least in zip(scale.film_heights, LEAST.values(), strict=True):
        counts = (scale.film_count, 3 * scale.film_count)
        short, long = (_cost(model, folder / f"{height}-{count}.mp4", count, height) for count in counts)
        more = counts[1] - counts[0]
        rate = more / (long.wall - short.wall) if long.wall > short.wall else float("inf")
        growth = long.megabytes / short.megabytes
        marks += [
            Mark(f"film of {height} rows", f"at least {least} pictures a second", f"{rate:.1f}", rate >= least),
            Mark("... memory with three times the length", "flat", f"{growth:.2f} times", growth <= 1.1),
        ]
        if height == scale.film_heights[0]:
            marks.append(at_most(f"film of {height} rows: memory", MOST_MB, long.megabytes, "MB", 0))
        seconds = (long.cpu - short.cpu) / more
        rows.append(
            (f"{height} rows", f"{rate:.1f}", f"{seconds:.3f}", f"{short.megabytes:.0f}", f"{long.megabytes:.0f}")
        )
    lengths = f"Films of {scale.film_count} and {3 * scale.film_count} pictures (made_film.py), H.264 to H.264.\n\n"
    heading = ("", "pictures a second", "processor s a picture", "peak MB, short", "peak MB, long")
    return Section("Films", lengths + table(heading, rows), tuple(marks))


def _cost(model: Path, film: Path, count: int, height: int) -> Cost:
    cost_of([sys.executable, "-m", "benchmarks.made_film", film, count, height])
    output = film.with_name(f"colour-{film.name}")
    return cost_of([sys.executable, "main.py", "colorize", film, "--model", model, "--output", output])
