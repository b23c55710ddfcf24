"""A film file out: encoded pictures, and the sound, subtitles and chapters of the film that they come from.

It is written under another name, NAME.part.ENDING, and renamed when it is whole.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from colorization.errors import InputError
from colorization.films.formats import CODECS
from colorization.films.levels import FULL, LIMITED, SWSCALE, said_or_usual
from colorization.films.reader import Frame, Reader
from colorization.images.metadata import MARK

CONTAINERS = {".mkv": "matroska", ".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".avi": "avi"}
INDEX_FIRST = {"movflags": "+faststart"}  # a browser can begin before the whole file is there


def part_of(path: Path) -> Path:
    """Return the name under which a film lies while it is written: a player can open it if the call was interrupted."""
    return path.with_name(f"{path.stem}.part{path.suffix}")


class Writer:
    """A film that is being written: `write` each picture, `copy` each packet of the others, then `finish`.

    notes: what of the film it cannot hold.
    """

    def __init__(self, path: Path, reader: Reader, codec: str, is_marked: bool = True, seconds_cut: float = 0.0):
        """Open the file that `path` will be.

        Args:
            codec: a key of CODECS. is_marked: whether it says that software added the colours. seconds_cut: by how much
            everything is shown earlier than in the film.

        Raises:
            InputError: it cannot be written.
        """
        self.path, self.part, self.film = path, part_of(path), reader.film
        self.notes: list[str] = []
        self.steps_cut = round(seconds_cut / self.film.time_base)
        self.seconds_cut = seconds_cut
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            options = INDEX_FIRST if CONTAINERS[path.suffix.lower()] in ("mp4", "mov") else {}
            self.container = av.open(
                str(self.part.absolute()), "w", format=CONTAINERS[path.suffix.lower()], container_options=options
            )
        except OSError as error:
            raise InputError(f"{path}: not written: {error.strerror or error}") from error
        self.stream = self._picture_stream(reader, codec)
        self.others = {each.index: copy for each in reader.other_streams if (copy := self._other_stream(each))}
        self._describe(reader, is_marked)

    def write(self, frame: Frame, rgb: np.ndarray) -> None:
        """Encode a picture, uint8 RGB (H, W, 3), at the time of a frame of the film; raises InputError."""
        picture = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
            format=self.stream.pix_fmt,
            dst_colorspace=SWSCALE.get(self.matrix, "ITU601"),
            dst_color_range=self.stream.color_range,
            threads=1,
        )
        picture.pts, picture.time_base = frame.pts - self.steps_cut, self.film.time_base
        self._mux(lambda: self.stream.encode(picture))

    def copy(self, packet: av.Packet) -> None:
        """Write a packet of another stream as it is; raises InputError."""
        if packet.stream.index not in self.others:
            return
        cut = round(self.seconds_cut / packet.time_base)
        packet.pts = packet.pts - cut
        packet.dts = None if packet.dts is None else packet.dts - cut
        packet.stream = self.others[packet.stream.index]
        self._mux(lambda: [packet])

    def finish(self) -> Path:
        """End the file, give it its name, and return that; raises InputError."""
        self.stop()
        self.part.replace(self.path)
        return self.path

    def stop(self) -> Path:
        """End the file as it is, and return the name that it has until it is finished; raises InputError."""
        self._mux(lambda: self.stream.encode(None))
        try:
            self.container.close()
        except av.FFmpegError as error:
            raise self._not_written(error) from error
        return self.part

    def abandon(self) -> None:
        """Leave nothing behind."""
        self.part.unlink(missing_ok=True)

    def _picture_stream(self, reader: Reader, codec: str):
        film, how = self.film, CODECS[codec]
        height, width = film.pixels.shape[:2]
        stream = self.container.add_stream(how.encoder, rate=film.rate, options=dict(how.options))
        stream.width, stream.height, stream.pix_fmt = width, height, how.pixel_format
        if how.pixel_format == "yuv420p" and (height % 2 or width % 2):
            stream.pix_fmt = "yuv444p"
            self.notes.append(f"{width} x {height} px is odd: written without chroma subsampling (yuv444p)")
        context, source = stream.codec_context, reader.stream.codec_context
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
        if not self.seconds_cut:
            self.container.set_chapters(reader.container.chapters())

    def _mux(self, packets) -> None:
        try:
            for packet in packets():
                self.container.mux(packet)
        except av.FFmpegError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: av.FFmpegError) -> InputError:
        return InputError(f"{self.path}: not written: {error.strerror or error}")
