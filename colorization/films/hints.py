"""Hints of a film: colours at places from a time on, which go along with what they lie on until the next cut."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from colorization.films.film import Frame
from colorization.films.motion import Motion
from colorization.images.resize import reduced
from colorization.inference.colorize import Colorizer
from colorization.inference.hint_propagation import with_hints
from colorization.inference.hints import Hint, hint_planes
from colorization.inference.upsampling import enlarge_colours


@dataclass
class HintedAnswers:
    """What a model answers about the pictures of one film, in their order, with hints.

    Args:
        conditions: as of Colorizer.
        size: height and width of the upright pictures, px.
        rate: pictures a second.
        waiting: hints whose time is still to come.
        radius: as of hint_planes.
        placed: hints of the present shot, where they are by now.
    """

    colorizer: Colorizer
    conditions: Mapping
    size: tuple[int, int]
    rate: float
    waiting: Sequence[Hint]
    radius: int = 0
    placed: list[Hint] = field(default_factory=list)

    def __post_init__(self):
        self.waiting = [hint.in_shares_of(*self.size) for hint in self.waiting]

    def __call__(self, frame: Frame, L: np.ndarray, since: Sequence[Motion]) -> np.ndarray:
        """Return ab (h', w', 2) of an upright picture L (h, w, 1); since: motions since the last call of the shot."""
        due = [hint for hint in self.waiting if hint.seconds <= frame.seconds]
        fresh = [_along(hint, since[len(since) - self._late(hint, frame, since) :]) for hint in due]
        self.placed = [*(_along(hint, since) for hint in self.placed if since), *fresh]
        self.waiting = [hint for hint in self.waiting if hint.seconds > frame.seconds]
        if not self.placed:
            return self.colorizer.grid_ab(L, **self.conditions)
        planes = hint_planes(self.placed, self.radius, self.size, L.shape[:2])
        ab = self.colorizer.grid_ab(L, **self.conditions, **(planes if self.colorizer.takes_hints else {}))
        return reduced(with_hints(enlarge_colours(ab, L, self.colorizer.upsampling), L, **planes), ab.shape[:2])

    def _late(self, hint: Hint, frame: Frame, since: Sequence[Motion]) -> int:
        """Return how many pictures ago the picture of a hint was, of those since the last call."""
        return min(math.ceil((frame.seconds - hint.seconds) * self.rate - 0.01), len(since))


def _along(hint: Hint, motions: Sequence[Motion]) -> Hint:
    for motion in motions:
        hint = moved(hint, motion)
    return hint


def moved(hint: Hint, motion: Motion) -> Hint:
    """Return a hint, placed in shares of the picture, where what it lies on is in the next picture."""
    grid = np.array(motion.back.origins.shape[:2])
    place = np.array([hint.y, hint.x])
    cell = tuple(np.minimum(place * grid, grid - 1).astype(int))
    y, x = np.clip(place + (motion.back.origins[cell] - cell) / grid, 0, 1)
    return dataclasses.replace(hint, x=float(x), y=float(y))
