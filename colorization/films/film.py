"""What is known of a film, its pictures, and parts of it: plain data, the same for files, pipes and moving GIFs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Film:
    """What is known of a film before it is read.

    Args:
        path: the file.
        pixels: its first picture, as in Frame.
        aspect: width of a pixel over its height.
        rotation: degrees, counter-clockwise, by which players turn the stored picture to show it upright.
        rate: pictures a second, on average. time_base: seconds of one step of pts.
        start, seconds: time of its first picture, and how long it lasts; 0 = unknown.
        is_full: whether black is level 0, not 16. matrix: AVCOL_SPC, from R, G and B to luma; 2 = unsaid.
        interlaced: whether a picture is two halves, one after the other.
        content: the file's bytes, where it is not on disk; path is then only what it is called.
        is_length_sure: whether `seconds` is of the pictures themselves, not of the whole file with its sound.
    """

    path: Path
    pixels: np.ndarray
    aspect: float
    rotation: float
    rate: Fraction
    time_base: Fraction
    start: float
    seconds: float
    is_full: bool = True
    matrix: int = 2
    interlaced: bool = False
    is_length_sure: bool = False
    content: bytes | None = None

    @classmethod
    def of_pictures(cls, path: Path, first: np.ndarray, rate: Fraction) -> Film:
        """Return what is known of pictures that are upright sRGB, such as those of a GIF."""
        return cls(path, first, 1.0, 0.0, rate, 1 / rate, 0.0, 0.0)

    @property
    def turns(self) -> int:
        """Return by how many quarter turns, counter-clockwise, a stored picture becomes upright."""
        return round(self.rotation / 90) % 4

    @property
    def upright_size(self) -> tuple[int, int]:
        """Return height and width of its pictures, upright, in px as they are stored."""
        height, width = self.pixels.shape[:2]
        return (width, height) if self.turns % 2 else (height, width)

    @property
    def pictures(self) -> int:
        """Return about how many pictures it has; 0 = unknown."""
        return round(self.seconds * self.rate)


@dataclass(frozen=True)
class Frame:
    """One picture of a film.

    pixels: uint8 (H, W, 1) grey or (H, W, 3) sRGB, as stored: not yet turned upright. pts: when it is shown, in the
    film's time base. seconds: the same, from the start of the film.
    """

    pixels: np.ndarray
    pts: int
    seconds: float


@dataclass(frozen=True)
class Span:
    """A part of a film, in seconds from its start."""

    first: float = 0.0
    end: float = math.inf

    def __contains__(self, seconds: float) -> bool:
        return self.first <= seconds < self.end


WHOLE = Span()
