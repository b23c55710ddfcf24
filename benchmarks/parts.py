"""Processor seconds of each part of colorizing one picture, as JSON.

python -m benchmarks.parts MODEL_FOLDER PICTURE OUTPUT_FOLDER
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.running import ours
from colorization.color.tables import lightness, without_colour
from colorization.images.reader import read_picture
from colorization.images.resize import reduced, target_size
from colorization.images.writer import OUTPUTS, write_picture
from colorization.inference.colorize import load_colorizer, paint
from colorization.inference.input_checks import notes_on_colour

ROUNDS = 5


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the median of several calls after a first one, which is not counted."""
    work()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def measure(model: Path, picture: Path, output: Path) -> dict[str, float]:
    """Return seconds by part: the whole, its steps in order, and the limit with its three terms."""
    colorizer, rgb = load_colorizer(model), read_picture(picture).rgb
    grey = without_colour(rgb)
    seen = reduced(grey, target_size(*grey.shape[:2], colorizer.input_size), lightness)
    ab = colorizer.grid_ab(seen)
    painted = paint(grey, ab, seen)
    work = {
        "whole": ours(model, picture, output),
        "read": lambda: read_picture(picture),
        "look_for_colour": lambda: (notes_on_colour(rgb), without_colour(rgb)),
        "reduce": lambda: reduced(grey, seen.shape[:2], lightness),
        "network": lambda: colorizer.grid_ab(seen),
        "enlarge_and_join": lambda: paint(grey, ab, seen),
        "write": lambda: write_picture(output / "written.jpg", painted, format="JPEG"),
        "decode": lambda: Image.open(picture).load(),
        "encode": lambda: Image.fromarray(painted).save(io.BytesIO(), "JPEG", **OUTPUTS["JPEG"].how),
        "one_pass": lambda: np.bitwise_not(painted),
    }
    parts = {name: processor_seconds(each) for name, each in work.items()}
    return parts | {"limit": parts["decode"] + parts["encode"] + parts["one_pass"]}


if __name__ == "__main__":
    print(json.dumps(measure(*map(Path, sys.argv[1:]))))
