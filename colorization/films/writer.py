"""A film file out: encoded pictures, and the sound, subtitles and chapters of the film that they come from.

It is written under another name, NAME.part.ENDING, and renamed when it is whole.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.bitstream import BitStreamFilterContext

from colorization.errors import InputError
from colorization.films.film import WHOLE, Frame, Span
from colorization.films.formats import CODECS
from colorization.films.levels import FULL, LIMITED, SWSCALE, said_or_usual
from colorization.films.reader import Reader
from colorization.films.unfinished import Unfinished
from colorization.images.metadata import MARK

CONTAINERS = {".mkv": "matroska", ".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".avi": "avi"}
DAMAGED = "some of its sound or subtitles is damaged, and left out"
ROUNDING = 2e-3  # s; Matroska rounds times to milliseconds
INDEX_FIRST = {"movflags": "+faststart"}  # a browser can begin before the whole file is there


def as_picture(rgb: np.ndarray, pixel_format: str, matrix: int, color_range: int) -> av.VideoFrame:
    """Return uint8 RGB (H, W, 3) as a picture to be encoded; matrix: AVCOL_SPC, color_range: AVCOL_RANGE."""
    return av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
        format=pixel_format, dst_colorspace=SWSCALE.get(matrix, "ITU601"), dst_color_range=color_range, threads=1
    )


class Writer:
    """A film that is being written: `write` each picture, `copy` each packet of the others, then `finish`.

    notes: what of the film it cannot hold. pictures: how many it has.
    """

    def __init__(
        self,
        path: Path,
        reader: Reader,
        codec: str,
        is_marked: bool = True,
        span: Span = WHOLE,
        memory: io.BytesIO | None = None,
    ):
        """Open the file that `path` will be.

        Args:
            codec: a key of CODECS.
            is_marked: whether it says that software added the colours.
            span: what is written of the film; its start is shown at 0.
            memory: what is written into instead; path is then only what it is called, and `end` ends it.

        Raises:
            InputError: it cannot be written.
        """
        self.path, self.part, self.film = path, Unfinished(path).part, reader.film
        self.notes: list[str] = []
        self.pictures = 0
        self.last_dts = Fraction(-(10**9))  # s, when the last picture is decoded: packets must come in this order
        self.offset = span.first  # s by which everything is shown earlier than in the film
        self.container = self._opened(memory)
        self.stream = self._picture_stream(reader, codec)
        self.others = {each.index: copy for each in reader.other_streams if (copy := self._other_stream(each))}
        self.copied_until = dict.fromkeys(self.others, -math.inf)  # seconds
        self._describe(reader, is_marked)
        self.container.set_chapters(_chapters_in(span, reader))

    def write(self, frame: Frame, rgb: np.ndarray) -> None:
        """Encode a picture, uint8 RGB (H, W, 3), at the time of a frame of the film; raises InputError."""
        picture = as_picture(rgb, self.stream.pix_fmt, self.matrix, self.stream.color_range)
        time_base = self.film.time_base
        picture.pts, picture.time_base = frame.pts - round(self.offset / time_base), time_base
        self._encode(picture)
        self.pictures += 1

    def copy(self, packet: av.Packet) -> None:
        """Write a packet of another stream as it is; raises InputError."""
        if packet.stream.index not in self.others:
            return
        seconds = float(packet.pts * packet.time_base)
        if seconds <= self.copied_until[packet.stream.index] + ROUNDING:
            return
        _shift(packet, -self.offset)
        packet.stream = self.others[packet.stream.index]
        try:
            self.container.mux(packet)
        except (av.ArgumentError, av.InvalidDataError):  # a broken film: times that go back, a packet that is none
            if DAMAGED not in self.notes:
                self.notes.append(DAMAGED)
        except av.FFmpegError as error:
            raise self._not_written(error) from error

    def finish(self) -> Path:
        """End the file, give it its name, and return that; raises InputError, also if no picture was written."""
        if not self.pictures:
            raise InputError(f"{self.film.path}: no picture of it could be decoded")
        self.end()
        self.part.replace(self.path)
        return self.path

    def end(self) -> None:
        """Write what is left to write; raises InputError."""
        self._encode(None)
        try:
            self.container.close()
        except av.FFmpegError as error:
            raise self._not_written(error) from error

    def take_over(self, earlier: Path, first: Frame) -> float:
        """Copy the unfinished film of an interrupted call, and return the time of its last picture, as of a Frame.

        Packets of sound that it has already are then not copied again. first: the picture of the film that it begins
        with; its times are set by it, because Matroska begins at 0 where sound begins before.

        Raises:
            InputError: it cannot be read to its end, or was encoded in another way.
        """
        outputs = [self.stream, *self.others.values()]
        last = [-math.inf] * len(outputs)
        try:
            with av.open(str(earlier.absolute())) as part:
                self._check_alike(part.streams, earlier)
                begins = float((part.streams.video[0].start_time or 0) * part.streams.video[0].time_base)
                later = float(first.pts * self.film.time_base) - self.offset - begins
                for packet in _as_encoded(part):
                    i = packet.stream.index
                    _shift(packet, later)
                    last[i] = max(last[i], float(packet.pts * packet.time_base) + self.offset)
                    if i == 0:
                        self.pictures += 1
                        if packet.dts is not None:  # Matroska does not hold it, and does not ask for it
                            self.last_dts = packet.dts * packet.time_base
                    packet.stream = outputs[i]
                    self._mux([packet])
        except av.FFmpegError as error:
            raise InputError(f"{earlier} cannot be read: {error.strerror}; leave --resume out") from error
        self.copied_until = dict(zip(self.others, last[1:], strict=True))
        return last[0] - self.film.start

    def _check_alike(self, streams, earlier: Path) -> None:
        """Raise InputError if an earlier part has other streams, or pictures of another codec or size."""

        def kind(all_streams) -> tuple:
            first = all_streams[0]
            kinds = [(each.type, each.codec_context.codec.canonical_name) for each in all_streams]
            return kinds, first.width, first.height, first.pix_fmt

        if kind(streams) != kind([self.stream, *self.others.values()]):
            raise InputError(f"{earlier} was begun in another way; give the same options, or leave --resume out")

    def _opened(self, memory: io.BytesIO | None) -> av.container.OutputContainer:
        container = CONTAINERS[self.path.suffix.lower()]
        if memory is not None:
            return av.open(memory, "w", format=container)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            options = INDEX_FIRST if container in ("mp4", "mov") else {}
            return av.open(str(self.part.absolute()), "w", format=container, container_options=options)
        except OSError as error:
            raise InputError(f"{self.path}: not written: {error.strerror or error}") from error

    def _picture_stream(self, reader: Reader, codec: str):
        film, how = self.film, CODECS[codec]
        height, width = film.pixels.shape[:2]
        stream = self.container.add_stream(how.encoder, rate=film.rate, options=dict(how.options))
        stream.width, stream.height, stream.pix_fmt = width, height, how.pixel_format
        if how.pixel_format == "yuv420p" and (height % 2 or width % 2):
            stream.pix_fmt = "yuv444p"
            self.notes.append(f"{width} x {height} px is odd: written without chroma subsampling (yuv444p)")
        context, source = stream.codec_context, reader.stream.codec_context
        self.notes += _left_out(source.format)
        context.time_base = film.time_base
        context.sample_aspect_ratio = reader.stream.sample_aspect_ratio or 1
        self.matrix = said_or_usual(film.matrix, height)
        context.colorspace, context.color_range = self.matrix, FULL if film.is_full and how.has_full_range else LIMITED
        context.color_primaries, context.color_trc = source.color_primaries, source.color_trc
        stream.metadata.update({key: text for key, text in reader.stream.metadata.items() if key == "language"})
        if film.rotation:
            stream.set_display_rotation(film.rotation)
        return stream

    def _other_stream(self, source):
        """Return the stream that takes another one's packets; None, with a note, if the container cannot hold it."""
        try:
            stream = self.container.add_stream_from_template(source)
        except (ValueError, av.FFmpegError):
            name = source.codec_context.name if source.codec_context else "unknown"
            self.notes.append(f"its {source.type} ({name}) is left out: {self.path.suffix} cannot hold it")
            return None
        stream.metadata.update(source.metadata)
        stream.disposition = source.disposition
        return stream

    def _describe(self, reader: Reader, is_marked: bool) -> None:
        said = {key: text for key, text in reader.container.metadata.items() if not key.endswith(("brand", "brands"))}
        said.pop("encoder", None)
        if is_marked and MARK not in said.get("comment", ""):
            said["comment"] = "; ".join(filter(None, (said.get("comment"), MARK)))
        self.container.metadata.update(said)

    def _encode(self, picture: av.VideoFrame | None) -> None:
        try:
            packets = self.stream.encode(picture)
        except av.FFmpegError as error:
            raise self._not_written(error) from error
        for packet in packets:  # an encoder that begins anew knows nothing of what was taken over
            packet.dts = max(packet.dts, math.floor(self.last_dts / packet.time_base) + 1)
            self.last_dts = packet.dts * packet.time_base
        self._mux(packets)

    def _mux(self, packets: list[av.Packet]) -> None:
        try:
            self.container.mux(packets)
        except av.FFmpegError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: av.FFmpegError) -> InputError:
        return InputError(f"{self.path}: not written: {error.strerror or error}")


def _chapters_in(span: Span, reader: Reader) -> list[dict]:
    """Return the chapters of a film, as PyAV takes them, that a span has a part of; cut to it, from its start on."""
    chapters, start = [], reader.film.start
    for chapter in reader.container.chapters():
        seconds = (float(chapter[name] * chapter["time_base"]) for name in ("start", "end"))
        first, end = (min(max(each, span.first + start), span.end + start) - span.first for each in seconds)
        if first < end:
            steps = {name: round(each / chapter["time_base"]) for name, each in (("start", first), ("end", end))}
            chapters.append({**chapter, **steps})
    return chapters


def _left_out(pixel_format: av.VideoFormat | None) -> list[str]:
    """Return notes on what pictures of a format lose: they are read with 8 bits, without alpha."""
    components = pixel_format.components if pixel_format else ()
    bits = max((each.bits for each in components), default=8)
    notes = [f"{bits} bits a channel are reduced to 8"] if bits > 8 else []
    return notes + (["its transparency is left out"] if any(each.is_alpha for each in components) else [])


def _as_encoded(part: av.container.InputContainer) -> Iterator[av.Packet]:
    """Yield the packets of a film as encoders give them: MP4 and Matroska hold H.264 in a form of their own."""
    pictures = part.streams.video[0]
    is_h264 = pictures.codec_context.name == "h264"
    plain = BitStreamFilterContext("h264_mp4toannexb", pictures) if is_h264 else None
    for packet in part.demux():
        if packet.pts is not None:
            stream, time_base = packet.stream, packet.time_base
            for each in plain.filter(packet) if plain and stream == pictures else [packet]:
                each.stream, each.time_base = stream, time_base
                yield each


def _shift(packet: av.Packet, seconds: float) -> None:
    """Let a packet be shown so much later."""
    steps = round(seconds / packet.time_base)
    packet.pts += steps
    packet.dts = None if packet.dts is None else packet.dts + steps
