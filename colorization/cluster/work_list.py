"""What is to be done: the pictures of a folder or a manifest, and which of their files lie at the target already."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from colorization.cluster.manifest import is_manifest, read_rows
from colorization.cluster.shards import Shard
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.films.formats import ends_like_film, is_film
from colorization.images.formats import claims_to_be_unread, picture_endings
from colorization.images.reader import looks_like_picture
from colorization.images.storage import Folder, LocalFolder, called, folder_at, is_address, resolve, split_file
from colorization.painting.folders import is_not_entered, is_passed_over
from colorization.painting.job import name_key, namesakes, path_key, possible_endings, possible_files


@dataclass(frozen=True, slots=True)
class Work:
    """One picture of an archive.

    Args:
        source: the file that is read, on a disk or at an address.
        name: its path at the target, before an ending is changed to fit.
        keeps_ending: whether a new ending comes after its own, see painting.job.namesakes.
        existing: those of its files that lie at the target already, and stay as they are.
        hints, reference, look: of this picture alone; hints and reference are files like source.
        problem: why nothing will be done, "<source>: <reason>". done: whether that is because all of it is there.
    """

    source: str
    name: str
    keeps_ending: bool = False
    existing: tuple[str, ...] = ()
    hints: str = ""
    reference: str = ""
    look: str = ""
    problem: str = ""
    done: bool = False


def list_work(options: ColorizeOptions, shard: Shard) -> Iterator[Work]:
    """Return the pictures of a shard of what `options.pictures`, one word, names: a folder, a manifest or a picture.

    A folder is listed when the pictures of those before it have been taken: no more than one folder's names are kept.
    Of a manifest all rows are. What lies at the target is listed once for each of its folders, not asked for one by
    one.

    Raises:
        InputError: there is nothing of that name, it cannot be read, or it lies at the target; also while the work is
            taken.
    """
    [word] = options.pictures
    target = folder_at(options.output)
    if is_manifest(word):
        rows = (Work(r.source, r.target, False, (), r.hints, r.reference, r.look) for r in read_rows(word))
        groups, kept = iter([[_outside(work, target) for work in rows]]), None
    else:
        groups, kept = _groups_of_folder(word, target), 1
    there = functools.lru_cache(maxsize=kept)(lambda folder: frozenset(target.entries(folder)[0]))
    return (
        work if work.problem or options.overwrite else _with_existing(work, options, there)
        for group in groups
        for work in _without_clashes(group)
        if shard.holds(work.name)
    )


def _groups_of_folder(word: str, target: Folder) -> Iterator[list[Work]]:
    """Return the pictures of each folder in the folder of that name; or the one picture of that name."""
    folder = folder_at(word)
    if folder.is_file():
        return iter([[_outside(Work(word, split_file(word)[1]), target)]])
    if not folder.is_there():
        raise InputError(f"{called(word)}: does not exist")
    if _lies_in(folder.identity(""), target):
        raise InputError(f"{called(word)} lies in --output {called(target.address)}; name another folder to write into")
    return _walk(folder, target)


def _walk(folder: Folder, target: Folder) -> Iterator[list[Work]]:
    """Yield the pictures of each folder in a folder; raises InputError if it cannot be read.

    An inner folder that cannot be read is a problem among the pictures. Hidden files, unfinished ones, those that
    programs keep for themselves, and the target in it are left out.
    """
    inner, seen = [""], {target.identity("")}
    while inner:
        path = inner.pop()
        if folder.identity(path) in seen:  # the target, or a link back to where we were, which would never end
            continue
        seen.add(folder.identity(path))
        try:
            files, folders = folder.entries(path)
        except OSError as error:
            source = resolve(folder.address, path) if path else folder.address
            problem = f"{called(source)}: {error.strerror or error}"
            if not path:
                raise InputError(problem) from error
            yield [Work(source, path, problem=problem)]
            continue
        works = [
            Work(resolve(folder.address, _join(path, name)), _join(path, name))
            for name in files
            if not is_passed_over(name)
        ]
        yield [work for work in works if _is_picture(work.source, isinstance(folder, LocalFolder))]
        inner += [_join(path, name) for name in reversed(folders) if not is_not_entered(name)]


def _is_picture(source: str, on_disk: bool) -> bool:
    """By its name; on a disk, where it costs little, also by its content."""
    name = Path(called(source))
    if name.suffix.lower() in picture_endings() or claims_to_be_unread(name) or ends_like_film(name):
        return True
    return on_disk and (looks_like_picture(name) or is_film(name))


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _lies_in(path: str, folder: Folder) -> bool:
    return f"{path}/".startswith(f"{folder.identity('')}/")


def _outside(work: Work, target: Folder) -> Work:
    """Return the work, with a problem if its source lies at the target."""
    source = called(work.source)
    if _lies_in(source if is_address(source) else os.path.realpath(source), target):
        return replace(work, problem=f"{source}: lies in the folder that is written to")
    return work


# --- names at the target ---


def _without_clashes(works: list[Work]) -> Iterator[Work]:
    """Yield works whose names are all there are in their folders; a problem for those whose files could be another's.

    Names that differ in case only are one file on many disks: there the later one is not made.
    """
    alike = namesakes(PurePosixPath(work.name) for work in works)
    names = {path_key(work.name) for work in works}
    first: dict[str, Work] = {}
    for work in works:
        keeps_ending = name_key(PurePosixPath(work.name)) in alike
        other = first.setdefault(path_key(work.name), work)
        problem = work.problem
        if not problem and ends_like_film(PurePosixPath(work.name)):
            problem = f"{called(work.source)}: a film; colorize it on its own"
        if not problem and other is not work:
            problem = f"{called(work.source)}: its result could not be told from that of {called(other.source)}"
        if not problem and keeps_ending:
            clash = next((e for e in possible_endings() if path_key(work.name + e) in names), "")
            problem = f"{called(work.source)}: its result could be that of {work.name}{clash}" if clash else ""
        yield replace(work, keeps_ending=keeps_ending, problem=problem)


def _with_existing(work: Work, options: ColorizeOptions, there: Callable[[str], frozenset[str]]) -> Work:
    """Return the work with what lies at the target already; a picture of which everything is there is done."""
    path = Path(work.name)
    names = there("" if path.parent == Path() else path.parent.as_posix())
    if not names:
        return work
    existing: set[str] = set()
    for files in possible_files(path, options, work.keeps_ending):
        here = [file.as_posix() for file in files if file.name in names]
        existing.update(here)
        if len(here) == len(files):
            return replace(work, problem=f"{here[0]}: exists already; --overwrite replaces it", done=True)
    return replace(work, existing=tuple(sorted(existing)))
