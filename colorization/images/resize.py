"""The one resizing of the project, by Pillow: caches, training crops and `colorize` shrink and enlarge by it.

Pillow's bilinear filter on floats is a triangle as wide as a new pixel: linear interpolation where a picture is
enlarged, and an average over what becomes one pixel (antialiasing) where it is reduced.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

MAX_ASPECT = 4  # longest shape that a network sees: longer side over shorter side
BAND_PIXELS = 2**21  # of the picture that is reduced, worked on at once: large ones never lie in memory as floats


def target_size(height: int, width: int, shorter_side: int, max_aspect: float | None = MAX_ASPECT) -> tuple[int, int]:
    """Return the height and width that `shrink` gives: the shorter side becomes `shorter_side`, the aspect is kept.

    A panorama is bounded by its longer side, `max_aspect` times shorter_side, so that it cannot fill the memory; its
    shorter side is then smaller. None lifts the bound. A picture is never enlarged, and no side falls below 1.
    """
    scale = min(1.0, shorter_side / min(height, width))
    if max_aspect is not None:
        scale = min(scale, max_aspect * shorter_side / max(height, width))
    return max(round(height * scale), 1), max(round(width * scale), 1)


def shrink(picture: np.ndarray, shorter_side: int, max_aspect: float | None = MAX_ASPECT) -> np.ndarray:
    """Return a picture (H, W, C) reduced to `target_size`; a small one comes back unchanged.

    uint8 and uint16 are rounded; floats keep their range, and come back as float32.
    """
    return reduced(picture, target_size(*picture.shape[:2], shorter_side, max_aspect))


def reduced(picture: np.ndarray, size: tuple[int, int], of: Callable = np.asarray) -> np.ndarray:
    """Return a picture (H, W, C) at a smaller size (height, width).

    of: what is averaged, as a function of some rows of the picture, such as their lightness.
    """
    if picture.shape[:2] == size:
        return of(picture)
    height, width = picture.shape[:2]
    scale = height / size[0]  # rows that become one; a new row looks at one such height above and below its middle
    step = max(int(BAND_PIXELS / width / scale), 1)
    bands = []
    for first in range(0, size[0], step):
        end = min(first + step, size[0])
        top, bottom = max(math.floor((first - 1) * scale), 0), min(math.ceil((end + 1) * scale), height)
        box = (0, first * scale - top, width, min(end * scale - top, bottom - top))
        bands.append(_resized(of(picture[top:bottom]), (end - first, size[1]), box))
    return np.concatenate(bands)


def enlarge(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a small picture (h, w, C) enlarged to float32 (height, width, C), bilinear between pixels' centres."""
    return _resized(np.float32(picture), (height, width), (0, 0, picture.shape[1], picture.shape[0]))


def _resized(picture: np.ndarray, size: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """Resize what lies in the box (left, top, right, bottom); the filter may look beyond it."""
    channels = [
        np.asarray(Image.fromarray(np.float32(picture[..., i])).resize(size[::-1], Image.Resampling.BILINEAR, box))
        for i in range(picture.shape[-1])
    ]
    small = np.stack(channels, axis=-1)
    if picture.dtype.kind != "u":
        return small
    return np.clip(np.rint(small), 0, np.iinfo(picture.dtype).max).astype(picture.dtype)
