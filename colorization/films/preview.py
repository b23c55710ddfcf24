"""A sheet of some pictures of a film in colour, to see before hours are spent on it."""

from __future__ import annotations

import numpy as np

from colorization.films.begin import begun_at
from colorization.films.colours import FilmColorizer
from colorization.films.film import WHOLE, Film, Span
from colorization.films.reader import first_frame
from colorization.images.resize import shrink
from colorization.inference.clock import as_clock
from colorization.inference.input_size import TILE_PX, arranged


def preview(film: Film, colorize: FilmColorizer, count: int, span: Span = WHOLE) -> np.ndarray:
    """Return a sheet, uint8 (H, W, 3), of `count` pictures at even distances in a span, each under its time."""
    end = min(span.end, film.seconds)
    tiles = {}
    for i in range(count):
        frame = first_frame(film, Span(span.first + (end - span.first) * i / count))
        for _, rgb in begun_at(colorize, film, frame)(film, [frame]):
            tiles[f"{i + 1}: {as_clock(frame.seconds)}"] = shrink(np.rot90(rgb, film.turns), TILE_PX, max_aspect=None)
    return arranged(tiles)
