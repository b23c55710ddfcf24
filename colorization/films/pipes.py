"""Frames on pipes, as y4m: for those who decode and encode with programs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av

from colorization.errors import InputError
from colorization.films.colours import FilmColorizer
from colorization.films.film import Frame
from colorization.films.levels import FULL, LIMITED, levels, said_or_usual
from colorization.films.reader import described
from colorization.films.writer import as_picture
from colorization.images.opening import check_size

FORMAT = "yuv4mpegpipe"
PIXEL_FORMAT = "yuv444p"  # nothing of the colours is lost; who encodes chooses for himself
NAME = Path("standard input")


def colorize_pipe(source: BinaryIO, sink: BinaryIO, colorize: FilmColorizer, max_pixels: int) -> Iterator[None]:
    """Read y4m from a pipe and write it in colour to another one; yield once a picture, when it is written.

    Raises:
        InputError: what comes is no y4m, has too large pictures, or breaks off.
        BrokenPipeError: who reads has ended.
    """
    try:
        with av.open(source, format=FORMAT) as container:
            yield from _colorized(container, sink, colorize, max_pixels)
    except av.FFmpegError as error:
        raise InputError(f"{NAME}: no frames as y4m, or broken ones ({error.strerror})") from error


def _colorized(container, sink: BinaryIO, colorize: FilmColorizer, max_pixels: int) -> Iterator[None]:
    decoded = container.decode(video=0)
    first = next(decoded, None)
    if first is None:
        raise InputError(f"{NAME}: zero frames")
    check_size(NAME, (first.width, first.height), max_pixels)
    film = described(NAME, container, container.streams.video[0], first)
    frames = (Frame(levels(each), i, float(i / film.rate)) for i, each in enumerate(chain([first], decoded)))
    matrix, range = said_or_usual(film.matrix, first.height), FULL if film.is_full else LIMITED
    with av.open(sink, "w", format=FORMAT) as output:
        stream = output.add_stream("wrapped_avframe", rate=film.rate)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, PIXEL_FORMAT
        context = stream.codec_context
        context.color_range, context.sample_aspect_ratio = range, container.streams.video[0].sample_aspect_ratio or 1
        for frame, rgb in colorize(film, frames):
            picture = as_picture(rgb, PIXEL_FORMAT, matrix, range)
            picture.pts, picture.time_base = frame.pts, 1 / film.rate
            output.mux(stream.encode(picture))
            yield
        output.mux(stream.encode(None))
