"""One picture, colorized at several working sizes, side by side with labels: which one a user likes is quickly seen."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorization.resize import shrink

SHARES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)  # of the model's own working size
STEP = 8  # px; sizes are multiples of it
TILE_PX = 320  # shorter side of each picture on the sheet
COLUMNS = 3
LABEL_PX, GAP_PX = 22, 8


def sheet_sizes(own: int) -> list[int]:
    """The working sizes, px, that a sheet shows for a model whose own is `own`; ascending, each once."""
    return sorted({own, *(max(round(own * share / STEP) * STEP, STEP) for share in SHARES)})


def contact_sheet(model, rgb: np.ndarray, ask: dict) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 sheet (H', W', 3) of it, `model` asked at each of `sheet_sizes` with what `ask` holds.

    model: inference.ExportedColorizer. A picture smaller than a size is not enlarged, so larger sizes are left out.
    """
    seen = np.asarray(shrink(rgb, max(TILE_PX, sheet_sizes(model.working_size)[-1]), max_aspect=None))
    tiles = {}
    for size in sheet_sizes(model.working_size):
        if size <= min(seen.shape[:2]) or not tiles:
            label = f"{size} px" + (", the model's own" if size == model.working_size else "")
            other = model.asked_otherwise(size, model.upsampling, model.flips)
            tiles[label] = np.asarray(shrink(other(seen, **ask), TILE_PX, max_aspect=None))
    return _arranged(tiles)


def _arranged(tiles: dict[str, np.ndarray]) -> np.ndarray:
    height, width = next(iter(tiles.values())).shape[:2]
    columns = min(COLUMNS, len(tiles))
    rows = math.ceil(len(tiles) / columns)
    high, wide = height + LABEL_PX + GAP_PX, width + GAP_PX
    sheet = Image.new("RGB", (columns * wide + GAP_PX, rows * high + GAP_PX), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=LABEL_PX * 0.7)
    for i, (label, tile) in enumerate(tiles.items()):
        left, top = GAP_PX + i % columns * wide, GAP_PX + i // columns * high
        draw.text((left, top), label, "black", font)
        sheet.paste(Image.fromarray(tile), (left, top + LABEL_PX))
    return np.asarray(sheet)
