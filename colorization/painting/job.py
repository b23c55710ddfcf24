"""What is to be made of one picture file: which files, under which names, in which format."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import NamedTuple

from colorization.config import ColorizeOptions
from colorization.config.commands import AUTO
from colorization.films.formats import ends_like_film
from colorization.images.formats import picture_endings
from colorization.images.reader import Header
from colorization.images.several import SEVERAL
from colorization.images.writer import OUTPUTS, output_format

ENDINGS_OF_GREY = (".pbm", ".pgm", ".pfm")  # of PPM's kin, which hold no colours of 8 bits


@dataclass(frozen=True)
class Job:
    """One picture to colorize, or the reason why it will not be.

    Args:
        source: the file that is read.
        output: the file that is written; None where the source cannot be read.
        samples: further files, one for each other version of the picture.
        confidence: the file of the map of confidence, if one was asked for.
        sheet: the file of the contact sheet, if one was asked for.
        format: what is written, a key of writer.OUTPUTS, or output_paths.FILM.
        pixels: of the source, as its header says. frames: of its pictures, how many there are.
        problem: "<path>: <reason>", one line; "" where the work can be done.
        existing: those of its files that are there already and stay as they are.
        empty: whether the source is a folder without a picture, which is said, and is no failure beside others.
    """

    source: Path
    output: Path | None = None
    samples: tuple[Path, ...] = ()
    confidence: Path | None = None
    sheet: Path | None = None
    format: str = ""
    pixels: int = 0
    frames: int = 1
    problem: str = ""
    existing: tuple[Path, ...] = ()
    empty: bool = False

    @property
    def files(self) -> list[Path]:
        """Everything that there is to be in the end; the picture itself first."""
        return [path for path in (self.output, *self.samples, self.confidence, self.sheet) if path]

    @property
    def wanted(self) -> list[Path]:
        """What is still to be written."""
        return [path for path in self.files if path not in self.existing]

    @property
    def done(self) -> bool:
        return bool(self.files) and not self.wanted

    @property
    def renamed(self) -> tuple[str, ...]:
        """A note where the output is not called as the source is."""
        return () if self.output.name == self.source.name else (f"written as {self.output.name}",)


@dataclass(frozen=True)
class Outcome:
    """What became of a picture.

    source: as a report names it. problem: why nothing did, "<source>: <reason>". set_aside: whether it was not tried
    again because it had ended the process that worked on it. seconds: of reading to writing. source_bytes,
    output_bytes: of the file read and of the picture written; width, height: of that, px; 0 where they are not known.
    """

    source: str
    notes: tuple[str, ...] = ()
    problem: str = ""
    set_aside: bool = False
    seconds: float = 0.0
    source_bytes: int = 0
    output_bytes: int = 0
    width: int = 0
    height: int = 0


class _Versions(NamedTuple):
    samples: tuple[Path, ...]
    confidence: Path | None
    sheet: Path | None


def picture_job(
    source: Path, relative: Path, header: Header, options: ColorizeOptions, keeps_ending: bool = False
) -> Job:
    """Return the job for one picture, its files named after `relative`, with an ending that fits what will be written.

    relative: the source's path in what was named; the files get the same one, under no folder yet. keeps_ending: write
    "a.gif.png" where "a.png" would do, see `namesakes`.
    """
    format, ending = output_format(header)
    claimed = picture_endings().get(relative.suffix.lower())
    if relative.suffix.lower() in ENDINGS_OF_GREY:
        claimed = "grey"
    output = relative if claimed == format else _with_ending(relative, ending, keeps_ending)
    versions = _versions(output, options)
    return Job(source, output, *versions, format=format, pixels=header.pixels, frames=header.pictures)


def in_folder(job: Job, folder: Path) -> Job:
    """Return the job with all its files in a folder."""
    if not job.output:
        return job
    confidence, sheet = (path and folder / path for path in (job.confidence, job.sheet))
    samples = tuple(folder / path for path in job.samples)
    return replace(job, output=folder / job.output, samples=samples, confidence=confidence, sheet=sheet)


def possible_files(relative: Path, options: ColorizeOptions, keeps_ending: bool = False) -> Iterator[list[Path]]:
    """Yield the files that a picture may come to have, for each format that it may turn out to be written in.

    For who knows its name and not its content. The picture itself is the first of its files.
    """
    if _has_ending(relative):
        yield _files_beside(relative, options)
    for ending in possible_endings():
        output = _with_ending(relative, ending, keeps_ending)
        if output != relative:
            yield _files_beside(output, options)


@functools.cache
def possible_endings() -> tuple[str, ...]:
    """Return the endings that a picture may get if its own does not fit what is written."""
    return tuple(sorted({output.ending for output in OUTPUTS.values()} | set(SEVERAL.values())))


def namesakes(names: Iterable[PurePath]) -> set[str]:
    """Return the `name_key` of pictures whose names differ in the ending alone, such as a.gif and a.ico.

    Those of them that get a new ending keep the old one before it: "a.gif.png".
    """
    counts = Counter(map(name_key, names))
    return {key for key, count in counts.items() if count > 1}


def name_key(relative: PurePath) -> str:
    """Return what names of one picture in several formats share; or of one film."""
    if ends_like_film(relative):
        return path_key(relative.with_suffix(".film"))
    return path_key(relative.with_suffix("") if _has_ending(relative) else relative)


def path_key(path: PurePath | str) -> str:
    """Return the same for paths that are one file where case, and the way an accent is written, make no difference."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def takes_all_frames(options: ColorizeOptions) -> bool:
    """Return whether all pictures of a moving one are colorized: not with what is made of one picture only."""
    only_one = options.samples, options.contact_sheet, options.confidence, options.hint, options.hints
    return not (options.first_frame or any(only_one) or options.input_size == AUTO)


def _with_ending(relative: Path, ending: str, keeps_ending: bool) -> Path:
    """ "a.gif" -> "a.png", but "scan.1912" -> "scan.1912.png"."""
    if _has_ending(relative) and not keeps_ending:
        return relative.with_suffix(ending)
    return relative.with_name(relative.name + ending)


def _has_ending(relative: PurePath) -> bool:
    return relative.suffix.lower() in picture_endings()


def _files_beside(output: Path, options: ColorizeOptions) -> list[Path]:
    samples, confidence, sheet = _versions(output, options)
    return [output, *samples, *(path for path in (confidence, sheet) if path)]


def _versions(output: Path, options: ColorizeOptions) -> _Versions:
    """Beside "cat.jpg": "cat-sample1.jpg", "cat-sample2.jpg" .., "cat.jpg-confidence.png" and "cat.jpg-sizes.png"."""
    samples = tuple(output.with_name(f"{output.stem}-sample{i + 1}{output.suffix}") for i in range(options.samples))
    confidence = output.with_name(f"{output.name}-confidence.png") if options.confidence else None
    sheet = output.with_name(f"{output.name}-sizes.png") if options.contact_sheet else None
    return _Versions(samples, confidence, sheet)
