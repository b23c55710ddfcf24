"""The pictures of a film in colour: a stream from decoded to painted ones, of flat memory whatever its length.

    frames -> L as the network sees it -> answers where asked -> steadied -> painted at full size, in threads

A picture is painted as a photograph is; only what the network answers is steadied between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from colorization.color.tables import lightness
from colorization.films.film import Film, Frame
from colorization.films.hints import FollowedHints, HintedAnswers
from colorization.films.steadiness import Seen, chosen, steadied
from colorization.images.resize import reduced, target_size
from colorization.inference.batch import in_order
from colorization.inference.colorize import Colorizer, paint
from colorization.inference.hints import Hint

HELD = 4  # times its pixels that a picture counts for while it is painted: grey and colours, the next ones wait


@dataclass(frozen=True)
class FilmColorizer:
    """A model, and how it is asked about films.

    Args:
        conditions: as of Colorizer.
        hints, hint_radius: at places of the upright picture, as in hint_planes; begin.begun_at gives those that count
            where the first picture is not that of the film.
        steady: how far answers are averaged over time: 0 = not at all, to below 1.
        threads: that paint.
    """

    colorizer: Colorizer
    conditions: Mapping = field(default_factory=dict)
    hints: Sequence[Hint] = ()
    hint_radius: int = 0
    steady: float = 0.8
    threads: int = 2

    def __call__(self, film: Film, frames: Iterable[Frame]) -> Iterator[tuple[Frame, np.ndarray]]:
        """Yield each of a film's frames with its picture in colour, uint8 RGB (H, W, 3), as stored."""

        def painted(picture: tuple[Seen, np.ndarray]) -> tuple[Frame, np.ndarray]:
            seen, ab = picture
            stored_ab, stored_L = (np.rot90(x, -film.turns) for x in (ab, seen.L))
            return seen.frame, paint(seen.frame.pixels, stored_ab, stored_L, self.colorizer.upsampling)

        hints = FollowedHints([hint.in_shares_of(*film.upright_size) for hint in self.hints])
        answers = HintedAnswers(self.colorizer, self.conditions, film.upright_size, hints, self.hint_radius)
        pictures = ((frame, self.seen(film, frame.pixels)) for frame in frames)
        steady = steadied(chosen(pictures, answers, self.steady), self.steady)
        pixels = HELD * film.pixels.shape[0] * film.pixels.shape[1]
        return in_order(painted, steady, lambda picture: pixels, self.threads)

    def seen(self, film: Film, pixels: np.ndarray) -> np.ndarray:
        """Return L (h, w, 1) of a stored picture (H, W, C) as the network sees it: upright, its pixels square."""
        height, width = pixels.shape[:2]
        size = target_size(height, round(width * film.aspect), self.colorizer.input_size)
        size = (min(size[0], height), min(size[1], width))
        return np.rot90(reduced(pixels, size, of=lightness), film.turns)
