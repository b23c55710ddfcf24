"""Which pictures `colorize` works on and where each result goes: settled before any work starts, nothing is written."""

import glob
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from colorization.cli.film_paths import film_output, output_folder, takes_all_frames
from colorization.cli.record import Origin, fingerprint, origins
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.films.formats import is_film
from colorization.images.formats import picture_endings
from colorization.images.reader import looks_like_picture, read_header
from colorization.images.writer import output_format

# What disks in a network, Windows and archives of macOS keep beside photographs: thumbnails, the bin, and the like.
FOLDERS_OF_PROGRAMS = {"@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", "__MACOSX"}
FOLDERS_OF_PROGRAMS |= {"$RECYCLE.BIN", "System Volume Information", "lost+found"}
ENDINGS_OF_GREY = (".pbm", ".pgm", ".pfm")  # of PPM's kin, which hold no colours of 8 bits
ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:(//|image/)")  # RFC 3986, 3.1; not a drive, which has one letter
UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".filepart", ".tmp")  # downloads, copies

FILM = "film"  # a Job's format


@dataclass(frozen=True)
class Job:
    """One picture to colorize, or the reason why it will not be.

    Args:
        source: the file that is read.
        output: the file that is written; None where the source cannot be read.
        samples: further files, one for each other version of the picture.
        confidence: the file of the map of confidence, if one was asked for.
        sheet: the file of the contact sheet, if one was asked for.
        format: what is written, a key of pictures.OUTPUTS, or FILM.
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


@dataclass(frozen=True)
class _Found:
    """A file, and its path relative to the folder that was named (of a file that was named: its name)."""

    source: Path
    relative: Path


def plan(options: ColorizeOptions, advance: Callable[[int], None] = lambda done: None) -> list[Job]:
    """Return one job for each picture that the words of the command line stand for, in their order, folders sorted.

    advance: is told of each picture that was looked at.

    Raises:
        InputError: the words stand for nothing at all (one of several is a job with a problem), --output is a file, two
            pictures would be written to one file, or a picture would be written over one that is read.
    """
    folder = output_folder(options)
    check_can_be_written(folder)
    found, unreadable = _find(options.pictures, folder)
    if not found and unreadable and all(job.empty or not os.path.lexists(job.source) for job in unreadable):
        raise InputError("; ".join(job.problem for job in unreadable))
    if folder != Path(options.output) and not (len(found) == 1 and is_film(found[0].source)):
        raise InputError(f"--output {options.output} names a film, and what is read is not just one; name a folder")
    jobs = []
    for item in found:
        jobs.append(_job(item, options))
        advance(1)
    jobs = _with_distinct_outputs(jobs)
    jobs = _without_clashes([_with_further_files(job, options) for job in jobs])
    if not options.overwrite:
        known = origins(folder)
        jobs = [_with_existing(job, known) for job in jobs]
    return jobs + unreadable


def check_can_be_written(folder: Path) -> None:
    """Raises InputError if a folder is not there and cannot be made, or takes no files."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputError(f"--output {folder}: {there} is a file; name a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"--output {folder}: no permission to write in {there}; name another folder")


# --- what the words stand for ---


def _find(words: tuple[str, ...], output: Path) -> tuple[list[_Found], list[Job]]:
    """Every file once, under the first word that names it; and the folders that cannot be read, or have no picture.

    What an earlier call has made is left out where the shell's `*`, or our own, stands for it beside other things.
    """
    found: dict[Path, _Found] = {}
    unreadable: list[Job] = []
    made = os.path.realpath(output)
    for word in words:
        try:
            paths = _expand(word)
        except InputError as error:
            unreadable.append(Job(Path(word), problem=str(error)))
            continue
        beside_others = len(words) > 1 or len(paths) > 1
        if beside_others:
            paths = [path for path in paths if not _lies_in(path, made) or (path.is_file() and str(path) == word)]
            paths = [path for path in paths if path.name not in FOLDERS_OF_PROGRAMS]
        for path in paths:
            is_folder = path.is_dir()
            items = _walk(path, output, unreadable, beside_others) if is_folder else [_Found(path, Path(path.name))]
            for item in items:
                found.setdefault(item.source.absolute(), item)
    return list(found.values()), unreadable


def _lies_in(path: Path, folder: str) -> bool:
    real = os.path.realpath(path)
    return real == folder or real.startswith(folder + os.sep)


def _expand(word: str) -> list[Path]:
    """The paths a word stands for: itself where it exists (brackets and all), else what it matches as a glob."""
    if os.path.lexists(word):
        return [Path(word)]
    if word == "-":
        raise InputError("-: standard input is not read; name files, folders or globs")
    if ADDRESS.match(word):
        raise InputError(f"{word}: nothing is fetched from the network; save the picture, and name its file")
    # not Path.glob: it takes no absolute patterns
    matches = sorted(glob.glob(word, recursive=True)) if glob.has_magic(word) else []  # noqa: PTH207
    if not matches:
        raise InputError(f"{word}: nothing matches" if glob.has_magic(word) else f"{word}: does not exist")
    return [Path(match) for match in matches]


def _walk(top: Path, output: Path, unreadable: list[Job], beside_others: bool) -> list[_Found]:
    """The pictures of a folder and of those in it, sorted.

    Hidden files, unfinished ones, those that programs keep for themselves, and the output folder in it are left out.
    So is what calls with other output folders have made, unless that folder is all that was named.
    """

    def tell(error: OSError) -> None:
        unreadable.append(Job(Path(error.filename), problem=f"{error.filename}: {error.strerror}"))

    told_before = len(unreadable)
    made: set[Path] = set()
    found, seen = [], {os.path.realpath(output)} - {os.path.realpath(top)}
    for folder, inner, names in os.walk(top, followlinks=True, onerror=tell):
        here = Path(folder)
        if os.path.realpath(here) in seen:  # the output folder, or a link back to where we were, which would never end
            inner.clear()
            continue
        seen.add(os.path.realpath(here))
        if beside_others or here != top:
            made |= origins(here).keys()
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in FOLDERS_OF_PROGRAMS)
        files = (here / name for name in sorted(names) if not name.startswith(".") and not _is_unfinished(name))
        files = (file for file in files if file not in made and (looks_like_picture(file) or is_film(file)))
        found += [_Found(file, file.relative_to(top)) for file in files]
    if not found and len(unreadable) == told_before:
        but = " but those that earlier calls have made" if made else ""
        unreadable.append(Job(top, problem=f"{top}: no pictures in this folder{but}", empty=True))
    return found


def _is_unfinished(name: str) -> bool:
    return name.lower().endswith(UNFINISHED)


# --- where the results go ---


def _job(item: _Found, options: ColorizeOptions) -> Job:
    """The job for one file, its output named after it, with an ending that fits what will be written."""
    if is_film(item.source):
        return Job(item.source, film_output(item.source, item.relative, options), format=FILM)
    try:
        header = read_header(item.source, options.max_pixels, first_only=not takes_all_frames(options))
    except InputError as error:
        return Job(item.source, problem=str(error))
    format, ending = output_format(header)
    output, claimed = Path(options.output) / item.relative, picture_endings().get(item.relative.suffix.lower())
    if item.relative.suffix.lower() in ENDINGS_OF_GREY:
        claimed = "grey"
    if claimed != format:  # "a.gif" -> "a.png", but "scan.1912" -> "scan.1912.png"
        output = output.with_suffix(ending) if claimed else output.with_name(output.name + ending)
    return Job(item.source, output, format=format, pixels=header.pixels, frames=header.pictures)


def _with_further_files(job: Job, options: ColorizeOptions) -> Job:
    """Beside "cat.jpg": "cat-sample1.jpg", "cat-sample2.jpg" .., "cat.jpg-confidence.png" and "cat.jpg-sizes.png"."""
    if not job.output or job.format == FILM:
        return job
    stem, ending = job.output.stem, job.output.suffix
    samples = tuple(job.output.with_name(f"{stem}-sample{i + 1}{ending}") for i in range(options.samples))
    confidence = job.output.with_name(f"{job.output.name}-confidence.png") if options.confidence else None
    sheet = job.output.with_name(f"{job.output.name}-sizes.png") if options.contact_sheet else None
    return replace(job, samples=samples, confidence=confidence, sheet=sheet)


def _with_distinct_outputs(jobs: list[Job]) -> list[Job]:
    """Where outputs would share a name, those that got a new ending keep the old one before it: "a.gif.png"."""
    taken = Counter(_key(job.output) for job in jobs if job.output)
    return [
        replace(job, output=job.output.with_name(job.source.name + job.output.suffix))
        if job.output and taken[_key(job.output)] > 1 and job.output.name != job.source.name
        else job
        for job in jobs
    ]


def _without_clashes(jobs: list[Job]) -> list[Job]:
    """Raises InputError if two outputs are one file, or an output is a file that is read.

    Outputs whose names differ in case only are one file on many disks, not on all: there the later one is not made.
    """
    inputs = {_key(os.path.realpath(job.source)) for job in jobs}
    first: dict[str, tuple[Path, Job]] = {}
    checked = []
    for job in jobs:
        clash = ""
        for path in job.files:
            if _key(os.path.realpath(path)) in inputs:
                raise InputError(f"{path} is read and would be written; name another folder with --output")
            other_path, other = first.setdefault(_key(path), (path, job))
            if other is not job and other_path == path:
                both = f"{other.source} and {job.source}"
                raise InputError(f"{both} would both be written to {path}; give each its own --output")
            if other is not job:
                clash = f"its result would differ from that of {other.source} in case only; give it another --output"
        checked.append(Job(job.source, problem=f"{job.source}: {clash}") if clash else job)
    return checked


def _key(path: Path | str) -> str:
    """Paths with one key are one file where case, and the way an accent is written, make no difference."""
    return unicodedata.normalize("NFC", os.path.normpath(path)).casefold()


def _with_existing(job: Job, known: dict[Path, Origin]) -> Job:
    """What an earlier call has made stays as it is; a picture of which everything is there is done.

    Unless it was made from another file: of two folders with an x.jpg each, only one has its picture here.
    """
    job = replace(job, existing=tuple(path for path in job.files if os.path.lexists(path)))
    for path in job.existing:
        if path in known and known[path].fingerprint != fingerprint(job.source):
            other = known[path].source
            what = "an earlier version of it" if other == str(job.source) else f"another picture, {other}"
            advice = "--overwrite replaces it, another --output keeps it"
            return Job(job.source, problem=f"{job.source}: {path} was made from {what}; {advice}")
    return replace(job, problem=f"{job.output}: exists already; --overwrite replaces it") if job.done else job
