"""Hints of a film: colours at places from a time on, which go along with what they lie on until the next cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from colorization.films.motion import Motion, Step
from colorization.images.resize import reduced
from colorization.inference.colorize import Colorizer
from colorization.inference.hint_propagation import with_hints
from colorization.inference.hints import Hint, hint_planes
from colorization.inference.upsampling import enlarge_colours


@dataclass
class FollowedHints:
    """Hints as the pictures of a film go by, in shares of its pictures.

    Args:
        waiting: hints whose time is still to come; those without a time begin with the first picture.
        placed: hints of the present shot, where they are by now.
    """

    waiting: Sequence[Hint]
    placed: list[Hint] = field(default_factory=list)

    def follow(self, step: Step) -> None:
        """Go on to the next picture: a cut ends what is placed, and each hint begins with the picture of its time."""
        due = [hint for hint in self.waiting if hint.seconds is None or hint.seconds <= step.seconds]
        self.waiting = [hint for hint in self.waiting if hint not in due]
        self.placed = [*(moved(hint, step.motion) for hint in self.placed if step.motion), *due]


@dataclass
class HintedAnswers:
    """What a model answers about the pictures of one film, in their order, with hints.

    Args:
        conditions: as of Colorizer.
        size: height and width of the upright pictures, px.
        radius: as of hint_planes.
    """

    colorizer: Colorizer
    conditions: Mapping
    size: tuple[int, int]
    hints: FollowedHints
    radius: int = 0

    def __call__(self, L: np.ndarray, since: Sequence[Step]) -> np.ndarray:
        """Return ab (h', w', 2) of an upright picture L (h, w, 1); since: steps since the last call, up to it."""
        for step in since:
            self.hints.follow(step)
        if not self.hints.placed:
            return self.colorizer.grid_ab(L, **self.conditions)
        planes = hint_planes(self.hints.placed, self.radius, self.size, L.shape[:2])
        ab = self.colorizer.grid_ab(L, **self.conditions, **(planes if self.colorizer.takes_hints else {}))
        return reduced(with_hints(enlarge_colours(ab, L, self.colorizer.upsampling), L, **planes), ab.shape[:2])


def moved(hint: Hint, motion: Motion) -> Hint:
    """Return a hint, placed in shares of the picture, where what it lies on is in the next picture."""
    grid = np.array(motion.back.origins.shape[:2])
    place = np.array([hint.y, hint.x])
    cell = tuple(np.minimum(place * grid, grid - 1).astype(int))
    y, x = np.clip(place + (motion.back.origins[cell] - cell) / grid, 0, 1)
    return dataclasses.replace(hint, x=float(x), y=float(y))
