"""Which pictures `colorize` works on and where each result goes: settled before any work starts, nothing is written."""

import glob
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from colorization.cli.film_paths import film_output, output_folder
from colorization.cli.record import Origin, fingerprint, origins
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.films.formats import is_film
from colorization.images.reader import looks_like_picture, read_header
from colorization.painting.folders import FOLDERS_OF_PROGRAMS, is_not_entered, is_passed_over
from colorization.painting.job import Job, in_folder, name_key, namesakes, path_key, picture_job, takes_all_frames

ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:(//|image/)")  # RFC 3986, 3.1; not a drive, which has one letter

FILM = "film"  # a Job's format


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
    jobs, alike = [], namesakes(item.relative for item in found)
    for item in found:
        jobs.append(_job(item, options, name_key(item.relative) in alike))
        advance(1)
    jobs = _without_clashes(jobs)
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
        inner[:] = sorted(name for name in inner if not is_not_entered(name))
        files = (here / name for name in sorted(names) if not is_passed_over(name))
        files = (file for file in files if file not in made and (looks_like_picture(file) or is_film(file)))
        found += [_Found(file, file.relative_to(top)) for file in files]
    if not found and len(unreadable) == told_before:
        but = " but those that earlier calls have made" if made else ""
        unreadable.append(Job(top, problem=f"{top}: no pictures in this folder{but}", empty=True))
    return found


# --- where the results go ---


def _job(item: _Found, options: ColorizeOptions, keeps_ending: bool) -> Job:
    """The job for one file; keeps_ending: see namesakes."""
    if is_film(item.source):
        return Job(item.source, film_output(item.source, item.relative, options, keeps_ending), format=FILM)
    try:
        header = read_header(item.source, options.max_pixels, first_only=not takes_all_frames(options))
    except InputError as error:
        return Job(item.source, problem=str(error))
    return in_folder(picture_job(item.source, item.relative, header, options, keeps_ending), Path(options.output))


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
    return path_key(os.path.normpath(path))


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
