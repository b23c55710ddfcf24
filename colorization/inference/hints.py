"""Colours that a user gives at places of a photograph."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.color.hex_colour import PATTERN, parse_hex
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.inference.clock import parse_time

WORD = re.compile(rf"([0-9]{{1,6}}),([0-9]{{1,6}}),({PATTERN})")
USUAL_SHARE = 0.01  # radius of a hint, of the photograph's shorter side
MOST = 1000  # hints of one photograph
LARGEST_FILE = 10_000_000  # bytes


@dataclass(frozen=True)
class Hint:
    """A colour, sRGB 0..255, at a pixel: x from the left, y from the top, both from 0.

    in_shares: x and y are shares of the photograph's width and height, 0..1, instead. size: half the side of the hint's
    square, as a share of the photograph's shorter side; 0 = as the others. seconds: of a film, from when on it counts;
    None = from the first picture that is colorized on.
    """

    x: float
    y: float
    rgb: tuple[int, int, int]
    in_shares: bool = False
    size: float = 0.0
    seconds: float | None = None

    def at(self, height: int, width: int) -> Hint:
        """Return the same hint in pixels of a photograph; raises InputError for a place outside of it."""
        if self.in_shares:
            x, y = (min(int(share * side), side - 1) for share, side in ((self.x, width), (self.y, height)))
            return dataclasses.replace(self, x=x, y=y, in_shares=False)
        if self.x >= width or self.y >= height:
            raise InputError(f"the hint at {self.x},{self.y} lies outside the photograph of {width} x {height} px")
        return self

    def in_shares_of(self, height: int, width: int) -> Hint:
        """Return the same hint in shares of a photograph; raises InputError for a place outside of it."""
        if self.in_shares:
            return self
        placed = self.at(height, width)
        return dataclasses.replace(placed, x=(placed.x + 0.5) / width, y=(placed.y + 0.5) / height, in_shares=True)


def read_hints(path: Path | str) -> list[Hint]:
    """Return the hints of a JSON file, such as the page saves.

        {"hints": [{"x": 0.5, "y": 0.25, "colour": "#c03020", "size": 0.02}]}

    x and y are shares of width and height; with "unit": "px" beside "hints" they are pixels. size may be left out. In a
    film a hint counts from its "time" on, such as "00:01:10" or 70.5 seconds, until the next cut.

    Raises:
        InputError: the file cannot be read, is no such JSON, or has more than MOST hints.
    """
    try:
        with Path(path).open("rb") as file:
            return parse_hints(file.read(LARGEST_FILE), f"--hints {path}")
    except OSError as error:
        raise InputError(f"--hints {path}: {error.strerror or error}") from error


def parse_hints(content: bytes, where: str) -> list[Hint]:
    """Return the hints of a file's content; where: what errors call it. Raises InputError as read_hints does."""
    try:
        tree = json.loads(content)
        entries, in_shares = tree["hints"], tree.get("unit", "share") == "share"
        if not (isinstance(entries, list) and tree.get("unit", "share") in ("share", "px")):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        form = '{"hints": [{"x": 0.5, "y": 0.25, "colour": "#c03020"}]}'
        raise InputError(f"{where} has no hints; save them on the page, or write {form}") from error
    if len(entries) > MOST:
        raise InputError(f"{where} has {len(entries):,} hints; give at most {MOST:,}")
    return [_of_entry(entry, in_shares, f"{where}: hint {i}") for i, entry in enumerate(entries, 1)]


def _of_entry(entry, in_shares: bool, where: str) -> Hint:
    most, places = (1.0, "shares, 0 to 1") if in_shares else (math.inf, "pixels")
    time = entry.get("time") if isinstance(entry, dict) else None
    seconds = None if time is None else parse_time(str(time), f"{where}: time")
    try:
        x, y, size = (float(entry.get(name, 0.0 if name == "size" else math.nan)) for name in ("x", "y", "size"))
        rgb = parse_hex(entry["colour"])
    except (TypeError, ValueError, KeyError, AttributeError):
        x, y, size, rgb = math.nan, math.nan, math.nan, None
    if not (rgb and 0 <= x <= most and 0 <= y <= most and 0 <= size <= 1 and max(x, y) < math.inf):
        raise InputError(f'{where}: x and y must be {places}, colour like "#c03020", size a share if it is given')
    return Hint(x, y, rgb, True, size, seconds) if in_shares else Hint(int(x), int(y), rgb, False, size, seconds)


def parse_hint(word: str) -> Hint:
    """Return the hint that "120,80,#c03020" stands for; raises InputError for anything else."""
    match = WORD.fullmatch(word.strip())
    if not match:
        raise InputError(f"--hint {word} is no hint; write x,y,#rrggbb, such as 120,80,#c03020")
    return Hint(int(match[1]), int(match[2]), parse_hex(match[3]))


def hint_planes(hints: Sequence[Hint], radius: int, size: tuple[int, int], grid: tuple[int, int]) -> dict:
    """Return hint_ab (h, w, 2) in Lab units and hint_mask (h, w, 1) of 0 and 1, float32, on a smaller grid.

    A hint is a square from `radius` px before its pixel to `radius` px behind it, or a hundredth of the shorter side if
    that is 0, unless it has a size of its own; at least one pixel of the grid. Of two that overlap the later one
    counts. The colour's own lightness does not matter: the photograph has its own.

    Args:
        size: height and width of the photograph, px. grid: height and width that the network sees it at, px.

    Raises:
        InputError: a hint lies outside the photograph, or is none.
    """
    ab = np.zeros((*grid, 2), np.float32)
    mask = np.zeros((*grid, 1), np.float32)
    for hint in (_checked(each).at(*size) for each in hints):
        half = _half(hint, radius, size)
        middle = np.array([hint.y, hint.x]) + 0.5
        scale = np.array(grid) / size
        top, left = np.floor((middle - half) * scale).clip(0).astype(int)
        bottom, right = np.ceil((middle + half) * scale).astype(int)
        square = (slice(top, bottom), slice(left, right))
        ab[square] = rgb_to_lab(np.uint8(hint.rgb))[1:]
        mask[square] = 1
    return {"hint_ab": ab, "hint_mask": mask}


def notes_on_hints(hints: Sequence[Hint], radius: int, size: tuple[int, int]) -> tuple[str, ...]:
    """Return what a user should know of hints that do not do what they seem to; radius and size as in hint_planes."""
    notes, first = [], {}
    for number, hint in enumerate((each.at(*size) for each in hints), 1):
        place = hint.x, hint.y, hint.seconds
        if place in first:
            both = f"hints {first[place]} and {number} are both at {hint.x},{hint.y}"
            notes.append(f"{both}: the later one counts there")
        first[place] = number
        if _half(hint, radius, size) >= max(size):
            notes.append(f"hint {number} covers the whole photograph of {size[1]} x {size[0]} px")
    return tuple(notes)


def _half(hint: Hint, radius: int, size: tuple[int, int]) -> float:
    """Return half the side of a hint's square, px."""
    return hint.size * min(size) or radius or USUAL_SHARE * min(size)


def _checked(hint) -> Hint:
    if not isinstance(hint, Hint):
        raise InputError(f"a hint must be a Hint, such as Hint(120, 80, (192, 48, 32)), got {type(hint).__name__}")
    return hint
