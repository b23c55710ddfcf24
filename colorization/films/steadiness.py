"""Colours of a film that stay from picture to picture: the network's answers, averaged over time along the motion.

What flickers is the answer on the network's small grid. Each picture's colours become a mean of the answers around it,
before and after, carried along the motion; an answer d pictures away counts decay^d, and less where what moved does not
match. Nothing is carried across a cut. Both sides are recursions (a two-sided exponential filter):

    before(t) = answer(t) + decay * forth(before(t - 1))
    after(t) = answer(t) + decay * back(after(t + 1))      begun some pictures ahead, or at the next cut
    colours(t) = before(t) + decay * back(after(t + 1))    divided by the weights, which are summed alike

A picture that the network did not see adds nothing of its own: its colours are those carried from its neighbours.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from colorization.films.film import Frame
from colorization.films.motion import Motion, Step, motion_between

EVERY = 3  # pictures; the network sees one in so many at least
CHANGED = 0.3  # mean distrust in the motion, summed since the network saw a picture; with more, it sees the next one
FORGOTTEN = 0.1  # weight of an answer so far ahead that it is not waited for
MOST_AHEAD = 12  # pictures
NOTHING = 1e-20  # weight


@dataclass(frozen=True)
class Seen:
    """A picture on its way.

    frame: the picture. L: (h, w, 1), upright, as the network sees it. sums: (h', w', 3), the network's answer ab and
    its weight, 1; zeros where it was not asked. motion: from the picture before; None at a cut, and for the first one.
    """

    frame: Frame
    L: np.ndarray
    sums: np.ndarray
    motion: Motion | None


Answer = Callable[[np.ndarray, Sequence[Step]], np.ndarray]


def chosen(pictures: Iterable[tuple[Frame, np.ndarray]], answer: Answer, decay: float) -> Iterator[Seen]:
    """Yield each picture, with the network's answer where it is asked: at a shot's start, and when enough has changed.

    Args:
        pictures: each with its L (h, w, 1).
        answer: (L, steps since the last answer, the last of them to this picture) -> ab (h', w', 2).
        decay: with 0 it is asked about every picture.
    """
    before, sums, since = None, np.empty(0), []
    for frame, L in pictures:
        is_alike = before is not None and before.shape == L.shape  # pages of a TIFF may not be
        motion = motion_between(before, L, sums.shape[:2]) if is_alike else None
        if motion and motion.is_cut:
            motion = None
        since.append(Step(frame.seconds, motion))
        if motion is None or len(since) >= EVERY or not decay or _distrust(since) > CHANGED:
            ab = answer(L, since)
            sums, since = np.concatenate([ab, np.ones_like(ab[..., :1])], axis=-1), []
            yield Seen(frame, L, sums, motion)
        else:
            yield Seen(frame, L, np.zeros_like(sums), motion)
        before = L


def _distrust(steps: Sequence[Step]) -> float:
    return sum(1 - float(step.motion.forth.trust.mean()) for step in steps)


def steadied(pictures: Iterable[Seen], decay: float) -> Iterator[tuple[Seen, np.ndarray]]:
    """Yield each picture with its colours ab (h', w', 2). decay: 0 = the answers as they are, to below 1."""
    window: deque[Seen] = deque()
    before, ahead = np.empty(0), _ahead(decay)
    for picture in chain(pictures, [None]):
        is_end = picture is None or picture.motion is None  # what waits gets nothing from another shot
        while window and (is_end or len(window) > ahead):
            first = window.popleft()
            before = first.sums if first.motion is None else first.sums + decay * first.motion.forth(before)
            sums = before + decay * _carried_back(window, decay)
            yield first, sums[..., :2] / np.maximum(sums[..., 2:], NOTHING)
        if picture is not None:
            window.append(picture)


def _ahead(decay: float) -> int:
    """Return how many pictures ahead answers are waited for."""
    return min(math.ceil(math.log(FORGOTTEN) / math.log(decay)), MOST_AHEAD) if decay else 0


def _carried_back(later: Iterable[Seen], decay: float) -> np.ndarray | float:
    """Return the sums (h', w', 3) of pictures of one shot, carried to the one before them; 0 if there is none."""
    carried: np.ndarray | float = 0.0
    for picture in reversed(later):
        carried = picture.motion.back(picture.sums + decay * carried)
    return carried
