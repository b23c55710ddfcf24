"""Several working sizes for one picture: on a sheet with labels, for a user to choose from, or chosen by agreement."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

from colorization.inference import lightness
from colorization.resize import shrink

SHARES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)  # of the model's own working size
AGREEING = (0.75, 1.0, 1.25)  # of it, ascending
STEP = 8  # px; sizes are multiples of it
TILE_PX = 320  # shorter side of each picture on the sheet
COLUMNS = 3
LABEL_PX, GAP_PX = 22, 8


def sheet_sizes(own: int) -> list[int]:
    """The working sizes, px, that a sheet shows for a model whose own is `own`; ascending, each once."""
    return sorted({own, *(max(round(own * share / STEP) * STEP, STEP) for share in SHARES)})


def agreed_size(model, rgb: np.ndarray, ask: dict) -> int:
    """The working size, px, at which a model's colours lie nearest to their mean over AGREEING of its own size.

    What an odd size makes of a picture, such as a blotch where an edge falls between two cells, others do not make.
    model, ask: as for contact_sheet. rgb: uint8 (H, W, 3).
    """
    sizes = [round(model.working_size * share / STEP) * STEP or STEP for share in AGREEING]
    L = shrink(lightness(tf.constant(rgb[None])), sizes[-1])
    answers = [model.asked_otherwise(size, "bilinear", model.flips).predict_ab(L, **ask) for size in sizes]
    distances = tf.reduce_mean(tf.abs(answers - tf.reduce_mean(answers, axis=0)), axis=(1, 2, 3, 4))
    return sizes[int(tf.argmin(distances))]


def at_agreed_size(model, rgb: np.ndarray, ask: dict) -> np.ndarray:
    """uint8 (H, W, 3) -> the same in colour, seen at `agreed_size`."""
    return model.asked_otherwise(agreed_size(model, rgb, ask), model.upsampling, model.flips)(rgb, **ask)


def contact_sheet(model, rgb: np.ndarray, ask: dict) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 sheet (H', W', 3) of it, `model` asked at each of `sheet_sizes` with what `ask` holds.

    model: inference.ExportedColorizer. A picture smaller than a size is not enlarged, so larger sizes are left out.
    """
    seen = np.asarray(shrink(rgb, max(TILE_PX, sheet_sizes(model.working_size)[-1]), max_aspect=None))
    tiles = {}
    for size in sheet_sizes(model.working_size):
        if size <= min(seen.shape[:2]) or not tiles:
            label = f"{size} px" + (", the model's own" if size == model.card["working_size"] else "")
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
