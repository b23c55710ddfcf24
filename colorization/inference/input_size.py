"""Several input sizes for one picture: on a sheet with labels, for a user to choose from, or chosen by agreement."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorization.color.tables import lightness
from colorization.images.resize import enlarge, reduced, shrink, target_size
from colorization.inference.colorize import Colorizer

SHARES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)  # of the model's own input size
AGREEING = (0.75, 1.0, 1.25)  # of it, ascending
STEP = 8  # px; sizes are multiples of it
TILE_PX = 320  # shorter side of each picture on the sheet
COLUMNS = 3
LABEL_PX, GAP_PX = 22, 8


def sheet_sizes(own: int) -> list[int]:
    """Return the input sizes, px, that a sheet and the page offer for a model whose own is `own`; ascending."""
    return sorted({own, *(max(round(own * share / STEP) * STEP, STEP) for share in SHARES)})


def agreed_size(colorizer: Colorizer, rgb: np.ndarray, conditions: dict) -> int:
    """Return the input size, px, at which the colours lie nearest to their mean over AGREEING of the model's own size.

    What an odd size makes of a picture, such as a blotch where an edge falls between two cells, others do not make.
    rgb: uint8 (H, W, 3). conditions: what the model is asked for, by name.
    """
    sizes = [round(colorizer.input_size * share / STEP) * STEP or STEP for share in AGREEING]
    height, width = target_size(*rgb.shape[:2], sizes[-1])
    L = reduced(rgb, (height, width), of=lightness)
    grids = [colorizer.grid_ab(shrink(L, size), **conditions) for size in sizes]
    answers = np.stack([enlarge(ab, height, width) for ab in grids])
    distances = np.abs(answers - answers.mean(axis=0)).mean(axis=(1, 2, 3))
    return sizes[int(distances.argmin())]


def at_agreed_size(colorizer: Colorizer, rgb: np.ndarray, conditions: dict) -> np.ndarray:
    """Return a picture, uint8 (H, W, 3), in colour, seen at `agreed_size`."""
    size = agreed_size(colorizer, rgb, conditions)
    return dataclasses.replace(colorizer, input_size=size)(rgb, **conditions)


def contact_sheet(colorizer: Colorizer, rgb: np.ndarray, conditions: dict) -> np.ndarray:
    """Return a sheet, uint8 (H', W', 3), of a picture, uint8 (H, W, 3), as it comes out at each of `sheet_sizes`.

    A picture smaller than a size is not enlarged, so larger sizes are left out.
    """
    own = colorizer.model.card.input_size
    seen = shrink(rgb, max(TILE_PX, sheet_sizes(colorizer.input_size)[-1]), max_aspect=None)
    tiles = {}
    for size in sheet_sizes(colorizer.input_size):
        if size <= min(seen.shape[:2]) or not tiles:
            label = f"{size} px" + (", the model's own" if size == own else "")
            coloured = dataclasses.replace(colorizer, input_size=size)(seen, **conditions)
            tiles[label] = shrink(coloured, TILE_PX, max_aspect=None)
    return arranged(tiles)


def arranged(tiles: dict[str, np.ndarray]) -> np.ndarray:
    """Return a sheet, uint8 (H, W, 3), of pictures of one size, uint8 (h, w, 3), each under its label."""
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
