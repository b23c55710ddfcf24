"""Photograph-like pictures for the benchmarks: scikit-image's photographs in grey, enlarged, with film grain.

    python -m benchmarks.pictures FOLDER COUNT MEGAPIXELS [ENDING]

The same words give the same pixels. The pictures are 4:3; their three channels are equal, as in most scans.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

PHOTOGRAPHS = ("astronaut.png", "coffee.png", "motorcycle_left.png", "rocket.jpg", "chelsea.png")
GRAIN = 4.0  # levels, standard deviation
TILE = 1024  # px; the grain repeats after so many
QUALITY = 92


def make_pictures(folder: Path, count: int, megapixels: float, ending: str = "jpg") -> list[Path]:
    """Write pictures 00000.jpg, 00001.jpg ... into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index:05}.{ending}" for index in range(count)]
    for index, path in enumerate(paths):
        save_options = {"quality": QUALITY} if ending == "jpg" else {}
        Image.fromarray(photograph(index, megapixels)).convert("RGB").save(path, **save_options)
    return paths


def photograph(index: int, megapixels: float) -> np.ndarray:
    """Return one grey picture, uint8 (H, W); each index has its own crop and its own grain."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    random = np.random.default_rng(index)
    with Image.open(str(files("skimage.data") / PHOTOGRAPHS[index % len(PHOTOGRAPHS)])) as image:
        grey = image.convert("L")
    crop_height = int(min(grey.height, grey.width * 3 / 4) * random.uniform(0.8, 1))
    crop_width = int(crop_height * 4 / 3)
    left = int(random.integers(0, grey.width - crop_width + 1))
    top = int(random.integers(0, grey.height - crop_height + 1))
    box = (left, top, left + crop_width, top + crop_height)
    enlarged = np.array(grey.resize((width, height), Image.Resampling.BICUBIC, box))
    grain = np.rint(random.normal(0, GRAIN, (TILE, TILE))).astype(np.int16)
    for first in range(0, height, TILE):  # a 100-megapixel picture never lies in memory as int16
        rows = enlarged[first : first + TILE]
        noise = np.tile(grain[: len(rows)], (1, width // TILE + 1))[:, :width]
        enlarged[first : first + TILE] = np.clip(rows + noise, 0, 255)
    return enlarged


if __name__ == "__main__":
    make_pictures(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
