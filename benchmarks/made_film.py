"""A film for the benchmarks: slow pans over scikit-image's photographs in grey, with film grain, 16:9, 25 a second.

python -m benchmarks.made_film FILE PICTURES HEIGHT
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
from PIL import Image

from benchmarks.pictures import GRAIN, PHOTOGRAPHS

SHOT = 50  # pictures over each photograph
GRAINS = 4  # different ones, in turn


def make_film(path: Path, pictures: int, height: int) -> None:
    """Write a film of so many pictures of so many rows; the same words give the same pixels."""
    width = height * 16 // 9 // 2 * 2
    grains = np.random.default_rng(0).normal(0, GRAIN, (GRAINS, height, width)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for i in range(pictures):
            grey = _view(i, width, height) + grains[i % GRAINS]
            rgb = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        container.mux(stream.encode(None))


def _view(i: int, width: int, height: int) -> np.ndarray:
    """Return what picture i shows, float32 (height, width)."""
    with Image.open(str(files("skimage.data") / PHOTOGRAPHS[i // SHOT % len(PHOTOGRAPHS)])) as image:
        grey = image.convert("L")
    share = i % SHOT / SHOT
    high = (0.8 - 0.2 * share) * min(grey.height, grey.width * height / width)
    wide = high * width / height
    left, top = (grey.width - wide) * share, (grey.height - high) / 2
    box = (left, top, left + wide, top + high)
    return np.asarray(grey.resize((width, height), Image.Resampling.BICUBIC, box), np.float32)


if __name__ == "__main__":
    make_film(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
