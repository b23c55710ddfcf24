"""A film file in: what is known of it, and its pictures one after the other."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av

from colorization.errors import InputError
from colorization.films.film import WHOLE, Film, Frame, Span
from colorization.films.interlacing import Deinterlacer
from colorization.films.levels import is_full, levels
from colorization.images.opening import check_size
from colorization.inference.clock import CLOCK, parse_time

STILL = ("image2", "gif", "apng", "webp")  # FFmpeg's formats of pictures, beside png_pipe and the like
EARLY = 1.0  # s; a film that ends so long before the end that its header names is broken


def read_film(path: Path, max_pixels: int, content: bytes | None = None) -> Film:
    """Return what is known of a film; decodes its first picture.

    content: the file's bytes where it is not on disk; path is then only what it is called.

    Raises:
        InputError: "<path>: <reason>" if it cannot be opened, shows no picture, or has too many pixels a picture.
    """
    with _opened(path, content) as container:
        stream = _pictures_of(container, path)
        check_size(path, (stream.codec_context.width, stream.codec_context.height), max_pixels)
        frame = _first_picture(container, stream, path)
        check_size(path, (frame.width, frame.height), max_pixels)
        return replace(described(path, container, stream, frame), content=content)


def described(path: Path, container, stream, frame: av.VideoFrame) -> Film:
    """Return what is known of an open film; frame: its first picture."""
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    time_base = stream.time_base or 1 / rate
    lasts = stream.duration * time_base if stream.duration else _matroska_duration(stream)
    return Film(
        path=path,
        pixels=levels(frame),
        aspect=float(stream.sample_aspect_ratio or 1),
        rotation=frame.rotation,
        rate=rate,
        time_base=time_base,
        start=float((stream.start_time or 0) * time_base),
        seconds=float(lasts or Fraction(container.duration or 0, av.time_base)),
        is_length_sure=bool(lasts),
        is_full=is_full(frame),
        matrix=frame.colorspace,
        interlaced=frame.interlaced_frame,
    )


class Reader:
    """An open film; `frames` decodes it once.

    container: PyAV's; the writer takes the other streams, and what is said of the film, from it. problem: why the film
    could not be read to its end; "" if it could.
    """

    def __init__(self, film: Film):
        """Open the film; raises InputError as `read_film` does."""
        self.film, self.problem, self.damaged = film, "", 0
        self.container = _opened(film.path, film.content)
        self.stream = _pictures_of(self.container, film.path)
        self.stream.thread_type = "AUTO"

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error) -> None:
        self.container.close()

    @property
    def other_streams(self) -> list:
        """Return its sound and subtitles."""
        return [each for each in self.container.streams if each.type in ("audio", "subtitle")]

    def frames(self, span: Span = WHOLE, pass_on: Callable = lambda packet: None) -> Iterator[Frame]:
        """Yield the pictures of a span, in the order of time; pass_on is given the packets of the other streams in it.

        What cannot be decoded is left out; `problem` then says so.
        """
        film, last = self.film, None
        if span.first > 0:
            self.container.seek(int((film.start + span.first) / film.time_base), stream=self.stream)
        for frame in self._decoded(span, pass_on):
            pts = _pts(frame, film, last)
            seconds = float(pts * film.time_base) - film.start
            if seconds >= span.end:
                self._pass_on_rest(span, pass_on)
                break
            if (last is None or pts > last) and seconds in span:
                last = pts
                yield Frame(levels(frame), pts, seconds)
        self._judge(last, span)

    def _decoded(self, span: Span, pass_on: Callable) -> Iterator[av.VideoFrame]:
        """Yield whole pictures, some of them before the span; count those that cannot be decoded."""
        deinterlace = Deinterlacer(self.stream) if self.film.interlaced else None
        missing = 0  # pictures, so far; more than errors where those that follow need one that is broken
        for packet in self._packets(span, pass_on):
            missing += packet.size > 0
            try:
                for frame in packet.decode():
                    missing -= 1
                    yield from deinterlace(frame) if deinterlace else [frame]
            except av.FFmpegError:
                self.damaged += 1
        if deinterlace:
            yield from deinterlace(None)
        if self.damaged and not span.first:
            self.damaged = max(self.damaged, missing)

    def _packets(self, span: Span, pass_on: Callable) -> Iterator:
        """Yield the packets of the pictures, and pass the others on; a broken container ends it."""
        try:
            for packet in self.container.demux([self.stream, *self.other_streams]):
                if packet.stream == self.stream:
                    yield packet
                elif packet.pts is not None and (self._seconds(packet) in span or span == WHOLE):
                    pass_on(packet)
        except av.FFmpegError as error:
            self.problem = f"broken in the middle ({error.strerror})"

    def _pass_on_rest(self, span: Span, pass_on: Callable) -> None:
        """Pass on the sound of a span whose pictures have all come: in a file it may lie behind them."""
        waiting = {each.index for each in self.container.streams.audio}
        with contextlib.suppress(av.FFmpegError):
            for packet in self.container.demux(list(self.container.streams.audio)) if waiting else ():
                if packet.pts is not None and self._seconds(packet) in span:
                    pass_on(packet)
                elif packet.pts is not None and self._seconds(packet) >= span.end:
                    waiting.discard(packet.stream.index)
                    if not waiting:
                        return

    def _seconds(self, packet: av.Packet) -> float:
        return float(packet.pts * packet.time_base) - self.film.start

    def _judge(self, last: int | None, span: Span) -> None:
        """Set `problem`, by the time of the last picture that came, and the number of those that did not."""
        if last is None:
            self.problem = "no picture of it can be decoded"
            return
        reached = float(last * self.film.time_base) - self.film.start
        if self.damaged:
            self.problem = f"broken in the middle: {self.damaged:,} pictures could not be decoded"
            return
        sure_until = min(self.film.seconds, span.end) if self.film.is_length_sure else 0.0
        if not self.problem and sure_until - reached > EARLY + 2 / self.film.rate:
            self.problem = f"it ends after {reached:.1f} of {self.film.seconds:.1f} s"


def first_frame(film: Film, span: Span = WHOLE) -> Frame:
    """Return the first picture of a span; raises InputError if there is none."""
    with Reader(film) as reader:
        for frame in reader.frames(span):
            return frame
    until = f"between {span.first:g} and {span.end:g} s" if span.end < math.inf else f"from {span.first:g} s on"
    raise InputError(f"{film.path}: no picture of it can be decoded {until}")


def _opened(path: Path, content: bytes | None) -> av.container.InputContainer:
    try:
        return av.open(str(path.absolute()) if content is None else io.BytesIO(content), metadata_errors="replace")
    except av.FFmpegError as error:
        raise InputError(f"{path}: no film that can be read ({error.strerror})") from error


def _pictures_of(container: av.container.InputContainer, path: Path):
    """Return the stream of pictures; raises InputError for a file that has none: a picture, sound or its cover."""
    streams = [each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic]
    if container.format.name.endswith("_pipe") or container.format.name in STILL:
        raise InputError(f"{path}: a picture, not a film; give its name the ending of what it is")
    if not streams:
        raise InputError(f"{path}: no moving pictures in it")
    if streams[0].codec_context is None:
        raise InputError(f"{path}: its codec is not known to this program, or it is protected; convert it to H.264")
    return streams[0]


def _matroska_duration(stream) -> float:
    """Return how long a stream of a Matroska file lasts, seconds; 0 if it does not say so."""
    said = stream.metadata.get("DURATION", "")
    return parse_time(said, "DURATION") if CLOCK.fullmatch(said) else 0.0


def _first_picture(container: av.container.InputContainer, stream, path: Path) -> av.VideoFrame:
    reason = "zero pictures in it"
    try:
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    return frame
            except av.FFmpegError as error:
                reason = f"its pictures cannot be decoded, they are broken or protected ({error.strerror})"
    except av.FFmpegError as error:
        reason = f"broken ({error.strerror})"
    raise InputError(f"{path}: {reason}")


def _pts(frame: av.VideoFrame, film: Film, last: int | None) -> int:
    """Return a picture's time in the film's time base; one that says none follows the last one."""
    if frame.pts is None:
        return 0 if last is None else last + round(1 / film.rate / film.time_base)
    return round(frame.pts * frame.time_base / film.time_base)
