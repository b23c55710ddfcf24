"""What `colorize` does with one picture: read it, paint what was asked for, write it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from colorization.cli.output_paths import Job
from colorization.cli.record import remember
from colorization.color.tables import without_colour
from colorization.config import ColorizeOptions
from colorization.config.commands import AUTO
from colorization.errors import InputError
from colorization.films.colours import FilmColorizer
from colorization.films.film import Film, Frame
from colorization.images.deep import DEEP_FORMATS
from colorization.images.reader import Photograph, read_picture
from colorization.images.several import read_pictures
from colorization.images.writer import write_picture, write_pictures
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint, notes_on_hints
from colorization.inference.input_checks import notes_on_colour
from colorization.inference.input_size import at_agreed_size, contact_sheet
from colorization.inference.model import Model
from colorization.inference.palettes import palette_shares, parse_palette
from colorization.inference.presets import asked_conditions
from colorization.inference.reference import reference_shares

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
        if job.frames > 1:
            return self._colorize_all(job)
        depth = self.options.depth if job.format in DEEP_FORMATS else 8
        photograph = read_picture(job.source, self.options.max_pixels, depth=depth)
        left_out = photograph.metadata.said.left_out_of(job.format)
        on_hints = notes_on_hints(self.hints, self.options.hint_radius, photograph.rgb.shape[:2])
        notes = (*photograph.notes, *left_out, *notes_on_colour(photograph.rgb), *on_hints)
        self._write_variants(job, photograph)
        if job.sheet in job.wanted:
            self._write(job, job.sheet, write_picture, contact_sheet(self.colorizer, photograph.rgb, self.conditions))
        if job.output in job.wanted:  # last: where it lies, all of them do
            rgb = self._paint(photograph.seen)
            photograph = replace(photograph, rgb=rgb, deep=None)  # the grey pixels make room for those of the file
            self._write_photograph(job, job.output, rgb, photograph)
        return notes

    def _colorize_all(self, job: Job) -> tuple[str, ...]:
        """Colorize the pictures of a moving one, or the pages of a TIFF, as steadily as a film."""
        pictures = read_pictures(job.source, self.options.max_pixels)
        seconds = max(sum(pictures.milliseconds) / 1000, 0.001)
        film = Film.of_pictures(job.source, pictures.rgb[0], Fraction(job.frames / seconds))
        frames = (Frame(without_colour(rgb), i, i / float(film.rate)) for i, rgb in enumerate(pictures.rgb))
        paint = FilmColorizer(self.colorizer, self.conditions, steady=self.options.steady, threads=1)
        rgb = [coloured for _, coloured in paint(film, frames)]
        metadata = pictures.metadata if self.options.no_mark else pictures.metadata.marked()
        self._write(job, job.output, write_pictures, replace(pictures, rgb=rgb, metadata=metadata), job.format)
        if self.options.keep_time:
            _take_time(job.output, job.source)
        return (f"{job.frames} pictures", *notes_on_colour(pictures.rgb[0]))

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
                rgb = variants.sample(numbers["temperature"], seed, **strength)
                self._write_photograph(job, path, rgb, photograph)
        if job.confidence in wanted:
            self._write(job, job.confidence, write_picture, np.repeat(variants.confidence()[..., None], 3, axis=-1))

    def _write_photograph(self, job: Job, path: Path, rgb: np.ndarray, photograph: Photograph) -> None:
        metadata = photograph.metadata if self.options.no_mark else photograph.metadata.marked()
        self._write(job, path, write_picture, rgb, photograph.alpha, job.format, metadata)
        if self.options.keep_time:
            _take_time(path, job.source)

    def _write(self, job: Job, path: Path, write: Callable, *what) -> None:
        """Write a file, and note what it was made from; raises InputError where `write` raises OSError."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, *what)
        except OSError as error:
            raise InputError(f"{path}: not written: {error.strerror or error}") from error
        with contextlib.suppress(OSError):  # the picture is there; without the note the next call goes by its name
            remember(Path(self.options.output), path, job.source)


def picture_colorizer(options, hints: list[Hint], size: int | str) -> PictureColorizer:
    """Return the model with the options of this call; raises InputError for one that it does not take."""
    own = 0 if size == AUTO else size
    colorizer = Colorizer(Model(options.model or bundled_model()), own, options.upsampling, options.flips)
    conditions = asked_conditions(options, colorizer.presets, colorizer.path)
    if options.reference or options.palette:
        conditions["reference"] = _reference(options)
    colorizer.check_conditions(conditions)
    if options.samples or options.confidence:
        _check_variants(colorizer, conditions, size, options)
    return PictureColorizer(colorizer, conditions, hints, size == AUTO, options)


def _reference(options) -> np.ndarray:
    """Return the shares of the colours to go by; raises InputError if they say nothing."""
    if options.palette and options.reference:
        raise InputError("--palette and --reference say the same in two ways; give one of them")
    if options.palette:
        return palette_shares(parse_palette(options.palette))
    return reference_shares(read_picture(Path(options.reference), options.max_pixels).rgb)


def _check_variants(colorizer: Colorizer, conditions: dict[str, float], size: int | str, options) -> None:
    """Raise InputError if --samples and --confidence have nothing to go by."""
    colorizer.check_distribution()
    if size == AUTO:
        raise InputError("--input-size auto chooses a size for the picture alone; give one in pixels, or no --samples")
    if options.samples and not {**colorizer.model.card.numbers, **conditions}["temperature"]:
        raise InputError("--samples at temperature 0 are all the same; give a higher --temperature")
    if options.samples and "reference" in conditions:
        raise InputError("--samples are drawn without a reference; leave --reference and --palette out, or --samples")


def _take_time(path: Path, source: Path) -> None:
    """Give a file the times of another, so that albums sorted by time keep their order."""
    try:
        times = source.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError as error:
        raise InputError(f"{path}: written, but not with the time of {source}: {error.strerror or error}") from error
