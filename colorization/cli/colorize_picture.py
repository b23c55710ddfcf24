"""What `colorize` does with one picture: read it, paint what was asked for, write it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from colorization.cli.output_paths import Job
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.images.deep import DEEP_FORMATS
from colorization.images.reader import Photograph, read_picture
from colorization.images.writer import write_picture
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint
from colorization.inference.input_checks import notes_on_colour
from colorization.inference.input_size import at_agreed_size, contact_sheet

TOO_LARGE = "too large for the memory of this machine"


@dataclass(frozen=True)
class Outcome:
    """What became of a picture. problem: why nothing did, "<path>: <reason>"; seconds: of reading to writing."""

    job: Job
    notes: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class PictureColorizer:
    """A model with all that the command line asks of it; may be called by several threads.

    conditions: what differs from the model's own. agreed_size: whether each picture gets the input size that agrees
    most with others.
    """

    colorizer: Colorizer
    conditions: dict[str, float]
    hints: Sequence[Hint]
    agreed_size: bool
    options: ColorizeOptions

    def __call__(self, job: Job) -> Outcome:
        """Colorize the picture of a job that has no problem yet, and write what it wants; return what became of it."""
        started = time.monotonic()
        try:
            notes, problem = self._colorize(job), ""
        except InputError as error:
            notes, problem = (), str(error)
        except MemoryError:
            notes, problem = (), f"{job.source}: {TOO_LARGE}"
        return Outcome(job, notes, problem, time.monotonic() - started)

    def _colorize(self, job: Job) -> tuple[str, ...]:
        depth = self.options.depth if job.format in DEEP_FORMATS else 8
        photograph = read_picture(job.source, self.options.max_pixels, depth=depth)
        left_out = photograph.metadata.said.left_out_of(job.format)
        notes = (*photograph.notes, *left_out, *notes_on_colour(photograph.rgb))
        self._write_variants(job, photograph)
        if job.sheet in job.wanted:
            _write(job.sheet, contact_sheet(self.colorizer, photograph.rgb, self.conditions))
        if job.output in job.wanted:  # last: where it lies, all of them do
            rgb = self._paint(photograph.seen)
            photograph = replace(photograph, rgb=rgb, deep=None)  # the grey pixels make room for those of the file
            self._write(job, job.output, rgb, photograph)
        return notes

    def _paint(self, pixels: np.ndarray) -> np.ndarray:
        if self.agreed_size:
            return at_agreed_size(self.colorizer, pixels, self.conditions)
        return self.colorizer(pixels, self.hints, self.options.hint_radius, **self.conditions)

    def _write_variants(self, job: Job, photograph: Photograph) -> None:
        """Write the wanted ones of the samples, and the map of confidence."""
        wanted = set(job.wanted)
        if not wanted & {*job.samples, job.confidence}:
            return
        variants = self.colorizer.variants(photograph.seen)
        numbers = {**self.colorizer.model.card.numbers, **self.conditions}
        strength = {name: numbers[name] for name in ("saturation", "vibrance")}
        for seed, path in enumerate(job.samples):
            if path in wanted:
                self._write(job, path, variants.sample(numbers["temperature"], seed, **strength), photograph)
        if job.confidence in wanted:
            _write(job.confidence, np.repeat(variants.confidence()[..., None], 3, axis=-1))

    def _write(self, job: Job, path: Path, rgb: np.ndarray, photograph: Photograph) -> None:
        metadata = photograph.metadata if self.options.no_mark else photograph.metadata.marked()
        _write(path, rgb, photograph.alpha, job.format, metadata)
        if self.options.keep_time:
            _take_time(path, job.source)


def _take_time(path: Path, source: Path) -> None:
    """Give a file the times of another, so that albums sorted by time keep their order."""
    try:
        times = source.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError as error:
        raise InputError(f"{path}: written, but not with the time of {source}: {error.strerror or error}") from error


def _write(path: Path, rgb: np.ndarray, *how) -> None:
    """Write a picture as images.writer.write_picture does; raises InputError where that raises OSError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, rgb, *how)
    except OSError as error:
        raise InputError(f"{path}: not written: {error.strerror or error}") from error
