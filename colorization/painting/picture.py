"""What `colorize` does with one picture, wherever it lies: read it, paint what is asked for, hand out whole files."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from colorization.color.tables import without_colour
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.films.colours import FilmColorizer
from colorization.films.film import Film, Frame
from colorization.images.deep import DEEP_FORMATS
from colorization.images.reader import Photograph, read_picture
from colorization.images.several import read_pictures
from colorization.images.writer import encode_picture, encode_pictures
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint, notes_on_hints
from colorization.inference.input_checks import notes_on_colour
from colorization.inference.input_size import at_agreed_size, contact_sheet
from colorization.inference.model import NonFiniteError
from colorization.painting.job import Job, Outcome

TOO_LARGE = "too large for the memory of this machine"

Write = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class PictureColorizer:
    """A model with all that is asked of it; may be called by several threads, and pickled for other processes.

    conditions: what differs from the model's own. agreed_size: whether each picture gets the input size that agrees
    most with others.
    """

    colorizer: Colorizer
    conditions: dict[str, float]
    hints: Sequence[Hint]
    agreed_size: bool
    options: ColorizeOptions

    def __call__(self, job: Job, write: Write, content: bytes | None = None) -> Outcome:
        """Colorize the picture of a job that has no problem yet; return what became of it.

        Args:
            write: is given the path and the bytes of each file that the job wants, the picture itself last: where it
                lies, all of them do. Its InputError and OSError are the picture's problem.
            content: the source's bytes where they are not on disk; job.source is then only what it is called.
        """
        started = time.monotonic()
        try:
            outcome = self._colorize_all(job, write, content) if job.frames > 1 else self._colorize(job, write, content)
        except (InputError, MemoryError) as error:
            outcome = Outcome(str(job.source), problem=problem_of(job.source, error))
        return dataclasses.replace(outcome, seconds=time.monotonic() - started)

    def _colorize(self, job: Job, write: Write, content: bytes | None) -> Outcome:
        depth = self.options.depth if job.format in DEEP_FORMATS else 8
        photograph = read_picture(job.source, self.options.max_pixels, content, depth)
        height, width = photograph.rgb.shape[:2]
        left_out = photograph.metadata.said.left_out_of(job.format)
        on_hints = notes_on_hints(self.hints, self.options.hint_radius, (height, width))
        notes = (*photograph.notes, *left_out, *notes_on_colour(photograph.rgb), *on_hints, *job.renamed)
        self._write_variants(job, photograph, write)
        if job.sheet in job.wanted:
            sheet = contact_sheet(self.colorizer, photograph.rgb, self.conditions)
            _write_encoded(write, job.sheet, encode_picture, sheet)
        size = 0
        if job.output in job.wanted:
            rgb = self._paint(photograph.seen)
            photograph = dataclasses.replace(photograph, rgb=rgb, deep=None)  # the grey pixels make room for the file's
            size = self._write_photograph(job, job.output, rgb, photograph, write)
        return Outcome(str(job.source), notes, output_bytes=size, width=width, height=height)

    def _colorize_all(self, job: Job, write: Write, content: bytes | None) -> Outcome:
        """Colorize the pictures of a moving one, or the pages of a TIFF, as steadily as a film."""
        pictures = read_pictures(job.source, self.options.max_pixels, content)
        height, width = pictures.rgb[0].shape[:2]
        notes = (f"{job.frames} pictures", *notes_on_colour(pictures.rgb[0]), *job.renamed)
        seconds = max(sum(pictures.milliseconds) / 1000, 0.001)
        film = Film.of_pictures(job.source, pictures.rgb[0], Fraction(job.frames / seconds))
        frames = (Frame(without_colour(rgb), i, i / float(film.rate)) for i, rgb in enumerate(pictures.rgb))
        paint = FilmColorizer(self.colorizer, self.conditions, steady=self.options.steady, threads=1)
        rgb = [coloured for _, coloured in paint(film, frames)]
        metadata = pictures.metadata if self.options.no_mark else pictures.metadata.marked()
        coloured = dataclasses.replace(pictures, rgb=rgb, metadata=metadata)
        size = _write_encoded(write, job.output, encode_pictures, coloured, job.format)
        return Outcome(str(job.source), notes, output_bytes=size, width=width, height=height)

    def _paint(self, pixels: np.ndarray) -> np.ndarray:
        if self.agreed_size:
            return at_agreed_size(self.colorizer, pixels, self.conditions)
        return self.colorizer(pixels, self.hints, self.options.hint_radius, **self.conditions)

    def _write_variants(self, job: Job, photograph: Photograph, write: Write) -> None:
        """Write the wanted ones of the samples, and the map of confidence."""
        wanted = set(job.wanted)
        if not wanted & {*job.samples, job.confidence}:
            return
        variants = self.colorizer.variants(photograph.seen)
        numbers = {**self.colorizer.model.card.numbers, **self.conditions}
        strength = {name: numbers[name] for name in ("saturation", "vibrance")}
        for seed, path in enumerate(job.samples):
            if path in wanted:
                rgb = variants.sample(numbers["temperature"], seed, **strength)
                self._write_photograph(job, path, rgb, photograph, write)
        if job.confidence in wanted:
            white_where_sure = np.repeat(variants.confidence()[..., None], 3, axis=-1)
            _write_encoded(write, job.confidence, encode_picture, white_where_sure)

    def _write_photograph(self, job: Job, path: Path, rgb: np.ndarray, photograph: Photograph, write: Write) -> int:
        metadata = photograph.metadata if self.options.no_mark else photograph.metadata.marked()
        return _write_encoded(write, path, encode_picture, rgb, photograph.alpha, job.format, metadata)


def problem_of(source: Path, error: InputError | MemoryError) -> str:
    """Return the line about a picture or a film that an error ended; most errors name the file themselves."""
    if isinstance(error, MemoryError):
        return f"{source}: {TOO_LARGE}"
    return f"{source}: {error}" if isinstance(error, NonFiniteError) else str(error)


def _write_encoded(write: Write, path: Path, encode: Callable[..., bytes], *what) -> int:
    """Encode what a file is to hold, write it, and return its size in bytes; raises InputError where it cannot be."""
    try:
        encoded = encode(*what)
        write(path, encoded)
    except OSError as error:
        raise InputError(f"{path}: not written: {error.strerror or error}") from error
    return len(encoded)
