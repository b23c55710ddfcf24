"""Measure what enlarging colours loses: true ab averaged over cells, enlarged in each way, joined with the true L.

    python benchmarks/upsampling.py [bsds500/val]

Without a folder it takes the photographs of scikit-image's wheel.

Each picture is cut to a multiple of 16 px; its ab is averaged over cells of 4, 8 and 16 px. PSNR in dB of the 8-bit
picture, bleeding (Lab units over strong edges), both averaged over pictures, and seconds for all of them.
"""

import sys
import time
from importlib.resources import files
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks.pictures import PHOTOGRAPHS
from colorization.color.lab import rgb_to_lab
from colorization.color.tables import join
from colorization.config import UPSAMPLINGS
from colorization.evaluation.metrics import bleeding, psnr
from colorization.images.reader import looks_like_picture, read_picture
from colorization.inference.upsampling import enlarge_colours

CELLS = (4, 8, 16)


def main(folder: Path | None = None) -> None:
    wheel = Path(str(files("skimage.data")))
    paths = sorted(folder.iterdir()) if folder else [wheel / name for name in PHOTOGRAPHS]
    pictures = [read_picture(path).rgb for path in paths if looks_like_picture(path)]
    print(f"{len(pictures)} pictures of {folder or 'scikit-image'}; PSNR dB (bleeding) at cells of {CELLS} px")
    for upsampling in UPSAMPLINGS:
        started, rows = time.perf_counter(), [_row(rgb, upsampling) for rgb in pictures]
        figures = "  ".join(f"{quality:6.2f} ({bled:5.2f})" for quality, bled in np.mean(rows, axis=0))
        print(f"{upsampling:<10} {figures}  {time.perf_counter() - started:5.1f} s")


def _row(rgb: np.ndarray, upsampling: str) -> list[tuple[float, float]]:
    """Return (PSNR, bleeding) for each size of cells."""
    height, width = (side // CELLS[-1] * CELLS[-1] for side in rgb.shape[:2])
    rgb = rgb[:height, :width]
    lab = rgb_to_lab(rgb)
    L, ab = lab[..., :1], lab[..., 1:]
    row = []
    for cell in CELLS:
        cells = ab.reshape(height // cell, cell, width // cell, cell, 2).mean(axis=(1, 3))
        enlarged = enlarge_colours(cells, L, upsampling)
        row.append((psnr(rgb, join(L, enlarged)), bleeding(L, ab, enlarged)))
    return row


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
