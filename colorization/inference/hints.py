"""Colours that a user gives at places of a photograph, for a network that takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError

WORD = re.compile(r"([0-9]{1,6}),([0-9]{1,6}),#?([0-9a-fA-F]{6})")
USUAL_SHARE = 0.01  # radius of a hint, of the photograph's shorter side


@dataclass(frozen=True)
class Hint:
    """A colour, sRGB 0..255, at a pixel: x from the left, y from the top, both from 0."""

    x: int
    y: int
    rgb: tuple[int, int, int]


def parse_hint(word: str) -> Hint:
    """Return the hint that "120,80,#c03020" stands for; raises InputError for anything else."""
    match = WORD.fullmatch(word.strip())
    if not match:
        raise InputError(f"--hint {word} is no hint; write x,y,#rrggbb, such as 120,80,#c03020")
    return Hint(int(match[1]), int(match[2]), tuple(bytes.fromhex(match[3])))


def hint_planes(hints: Sequence[Hint], radius: int, size: tuple[int, int], grid: tuple[int, int]) -> dict:
    """Return hint_ab (h, w, 2) in Lab units and hint_mask (h, w, 1) of 0 and 1, float32, on a smaller grid.

    A hint is a square from `radius` px before its pixel to `radius` px behind it, or a hundredth of the shorter side if
    that is 0; at least one pixel of the grid. Of two that overlap the later one counts. The colour's own lightness does
    not matter: the photograph has its own.

    Args:
        size: height and width of the photograph, px. grid: height and width that the network sees it at, px.

    Raises:
        InputError: a hint lies outside the photograph.
    """
    ab = np.zeros((*grid, 2), np.float32)
    mask = np.zeros((*grid, 1), np.float32)
    radius = radius or USUAL_SHARE * min(size)
    for hint in hints:
        if hint.x >= size[1] or hint.y >= size[0]:
            raise InputError(f"the hint at {hint.x},{hint.y} lies outside the photograph of {size[1]} x {size[0]} px")
        middle = np.array([hint.y, hint.x]) + 0.5
        scale = np.array(grid) / size
        top, left = np.floor((middle - radius) * scale).clip(0).astype(int)
        bottom, right = np.ceil((middle + radius) * scale).astype(int)
        square = (slice(top, bottom), slice(left, right))
        ab[square] = rgb_to_lab(np.uint8(hint.rgb))[1:]
        mask[square] = 1
    return {"hint_ab": ab, "hint_mask": mask}
