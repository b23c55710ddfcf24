"""Begin within a film as if the pictures before had been seen: hints go along from there until the next cut."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

from colorization.films.colours import FilmColorizer
from colorization.films.film import Film, Frame, Span
from colorization.films.hints import FollowedHints
from colorization.films.motion import Step, cells_of, motion_between
from colorization.films.reader import Reader
from colorization.inference.hints import Hint

BACK = 2.0  # s before a picture where its shot's start is searched first; then twice as far


def begun_at(colorize: FilmColorizer, film: Film, first: Frame) -> FilmColorizer:
    """Return a colorizer for the pictures of a film from one on, with the hints that then count.

    Those of its shot lie where what they lie on has come to; those of earlier shots are left out.
    """
    hints = [hint.in_shares_of(*film.upright_size) for hint in colorize.hints]
    earlier = [hint for hint in hints if hint.seconds is not None and hint.seconds < first.seconds]
    later = [hint for hint in hints if hint not in earlier]
    placed = _followed(colorize, film, first.seconds, earlier) if earlier else []
    return dataclasses.replace(colorize, hints=[*placed, *later])


def _followed(colorize: FilmColorizer, film: Film, until: float, hints: Sequence[Hint]) -> list[Hint]:
    """Return where hints have come to at a time, seconds; those of earlier shots are not among them."""
    earliest, back = min(hint.seconds for hint in hints), BACK
    while True:
        begin, followed, shots = max(until - back, earliest), FollowedHints(hints), 0
        for step in _steps(colorize, film, Span(begin, math.nextafter(until, math.inf))):
            followed.follow(step)
            shots += step.motion is None
        if shots > 1 or begin == earliest:
            return [dataclasses.replace(hint, seconds=until) for hint in followed.placed]
        back *= 2


def _steps(colorize: FilmColorizer, film: Film, span: Span) -> Iterator[Step]:
    """Yield the steps to the pictures of a span; the first one begins a shot."""
    before = None
    with Reader(film) as reader:
        for frame in reader.frames(span):
            L = colorize.seen(film, frame.pixels)
            motion = None if before is None else motion_between(before, L, cells_of(L))
            yield Step(frame.seconds, None if motion is None or motion.is_cut else motion)
            before = L
