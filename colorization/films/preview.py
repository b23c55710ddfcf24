"""A sheet of some pictures of a film in colour, to see before hours are spent on it."""

from __future__ import annotations

import math

import numpy as np

from colorization.errors import InputError
from colorization.films.begin import begun_at
from colorization.films.colours import FilmColorizer
from colorization.films.film import WHOLE, Film, Span
from colorization.films.reader import first_frame
from colorization.images.resize import shrink
from colorization.inference.clock import as_clock
from colorization.inference.input_size import TILE_PX, arranged


def preview(film: Film, colorize: FilmColorizer, count: int, span: Span = WHOLE) -> np.ndarray:
    """Return a sheet, uint8 (H, W, 3), of `count` pictures at even distances in a span, each under its time.

    Raises:
        InputError: nobody knows how long the film lasts, or there is no picture.
    """
    end = min(span.end, film.seconds or math.inf)
    if end == math.inf:
        raise InputError(f"--preview: {film.path} does not say how long it lasts; give --to as well")
    tiles = {}
    for i in range(count):
        try:
            frame = first_frame(film, Span(span.first + (end - span.first) * i / count))
        except InputError:
            if not tiles:
                raise
            break  # the sound lasts longer than the pictures
        for _, rgb in begun_at(colorize, film, frame)(film, [frame]):
            tiles[f"{i + 1}: {as_clock(frame.seconds)}"] = shrink(np.rot90(rgb, film.turns), TILE_PX, max_aspect=None)
    return arranged(tiles)
