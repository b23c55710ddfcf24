"""Short films of visitors: from memory into memory, nothing on disk. Needs PyAV."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from colorization.films.colours import FilmColorizer
from colorization.films.film import Film
from colorization.films.reader import Reader, read_film
from colorization.films.writer import Writer
from colorization.images.opening import TooLargeError
from colorization.inference.colorize import Colorizer

LONGEST = 30  # s


def read_short_film(name: str, content: bytes, max_pixels: int) -> Film:
    """Return what is known of a film; raises InputError as read_film does, TooLargeError if it is too long."""
    film = read_film(Path(name), max_pixels, content)
    if film.seconds > LONGEST:
        raise TooLargeError(Path(name), f"it lasts {film.seconds:.0f} s", LONGEST)
    return film


def colorized_film(film: Film, colorizer: Colorizer, conditions: Mapping) -> bytes:
    """Return a film in colour, as the bytes of an MP4."""
    encoded = io.BytesIO()
    with Reader(film) as reader:
        writer = Writer(Path("film.mp4"), reader, "h264", memory=encoded)
        for frame, rgb in FilmColorizer(colorizer, conditions, threads=1)(film, reader.frames(pass_on=writer.copy)):
            writer.write(frame, rgb)
        writer.end()
    return encoded.getvalue()
