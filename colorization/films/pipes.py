"""Frames on pipes, as y4m: for those who decode and encode with programs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av

from colorization.errors import InputError
from colorization.films.colours import FilmColorizer
from colorization.films.film import Film, Frame
from colorization.films.levels import FULL, LIMITED, levels, said_or_usual
from colorization.films.reader import described
from colorization.films.writer import as_picture
from colorization.images.opening import check_size

FORMAT = "yuv4mpegpipe"  # FFmpeg's name of y4m
PIXEL_FORMAT = "yuv444p"  # nothing of the colours is lost; who encodes chooses for himself
NAME = Path("standard input")


def colorize_pipe(source: BinaryIO, sink: BinaryIO, colorize: FilmColorizer, max_pixels: int) -> Iterator[None]:
    """Read y4m from a pipe and write it in colour to another one; yield once a picture, when it is written.

    Raises:
        InputError: what comes is no y4m, has too large pictures, or breaks off; pictures before that are written.
        BrokenPipeError: who reads has ended.
    """
    pipe = _Pipe(source)
    try:
        with av.open(pipe, format=FORMAT) as container:
            yield from _colorized(container, pipe, sink, colorize, max_pixels)
    except av.FFmpegError as error:
        raise InputError(f"{NAME}: no frames as y4m, or broken ones ({error.strerror})") from error
    if pipe.read_bytes > pipe.used_bytes:
        raise InputError(f"{NAME}: breaks off in the middle of a picture; those before it are written")


class _Pipe:
    """A pipe, and how much came from it. read_bytes: of all; used_bytes: to the end of the last whole picture."""

    def __init__(self, source: BinaryIO):
        self.source, self.read_bytes, self.used_bytes = source, 0, 0

    def read(self, size: int) -> bytes:
        content = self.source.read(size)
        self.read_bytes += len(content)
        return content


def _decoded(container, pipe: _Pipe) -> Iterator[av.VideoFrame]:
    for packet in container.demux(video=0):
        pipe.used_bytes = max(pipe.used_bytes, (packet.pos or 0) + packet.size)
        yield from packet.decode()


def _colorized(container, pipe: _Pipe, sink: BinaryIO, colorize: FilmColorizer, max_pixels: int) -> Iterator[None]:
    decoded = _decoded(container, pipe)
    first = next(decoded, None)
    if first is None:
        raise InputError(f"{NAME}: zero frames")
    check_size(NAME, (first.width, first.height), max_pixels)
    film = described(NAME, container, container.streams.video[0], first)
    frames = (Frame(levels(each), i, float(i / film.rate)) for i, each in enumerate(chain([first], decoded)))
    matrix, color_range = said_or_usual(film.matrix, first.height), FULL if film.is_full else LIMITED
    sink.write(_header(film, container.streams.video[0].sample_aspect_ratio or Fraction(1)))
    for _, rgb in colorize(film, frames):
        sink.write(b"FRAME\n" + as_picture(rgb, PIXEL_FORMAT, matrix, color_range).to_ndarray().tobytes())
        sink.flush()
        yield


def _header(film: Film, aspect: Fraction) -> bytes:
    """Return the first line of a y4m stream (yuv4mpeg(5); what begins with X is FFmpeg's)."""
    height, width = film.pixels.shape[:2]
    rate = f"{film.rate.numerator}:{film.rate.denominator}"
    pixels = f"A{aspect.numerator}:{aspect.denominator} C444 XYSCSS=444"
    color_range = "FULL" if film.is_full else "LIMITED"
    return f"YUV4MPEG2 W{width} H{height} F{rate} Ip {pixels} XCOLORRANGE={color_range}\n".encode()
