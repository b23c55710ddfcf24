"""Pictures decoded once: one memory-mapped file of raw uint8, and an index of where each picture lies in it.

    <cache_dir>/<source>-<key>/pictures.bin   the pictures, one after another, row by row
    <cache_dir>/<source>-<key>/index.json     written last: a folder without it is half-written and built anew

The key is a hash of everything that the pictures depend on, so other options or other files make another cache.
A cache is built in a private folder and renamed when it is complete: two runs may build the same one at once, the
second to finish takes what the first one left.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.errors import InputError
from colorization.progress import Progress, silent
from data_pipelines import Skipped

FORMAT = 2  # raise when the files, or the way pictures are decoded, change
CHUNK = 64  # pictures decoded ahead of the writing: bounds the memory
BUILDING = ".building"  # ending of the private folders
ABANDONED_S = 24 * 3600  # a private folder untouched for so long belongs to a run that was killed


@dataclass(frozen=True)
class Source:
    """A picture to be decoded. stamp: changes when its file changes (`stamp_of`, or a checksum)."""

    name: str
    stamp: tuple
    path: Path
    member: str = ""  # its name inside `path`, if that is a zip archive


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file is written or another takes its place, even of the same size and time.

    Any program can set the time of modification; that of the last change is the operating system's own.
    """
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


@dataclass(frozen=True, eq=False)
class CachedPictures(Sequence):
    """Pictures in one memory-mapped file: rows[i] is a view, uint8 (height, width, 3)."""

    data: np.ndarray
    offsets: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> np.ndarray:
        start, (height, width) = self.offsets[index], self.sizes[index]
        return self.data[start : start + height * width * 3].reshape(height, width, 3)

    def take(self, chosen: Sequence[int]) -> CachedPictures:
        """Return the pictures at these places, in this order; nothing is copied."""
        chosen = np.asarray(chosen, np.int64)
        return CachedPictures(self.data, self.offsets[chosen], self.sizes[chosen])


@dataclass(frozen=True)
class Cache:
    """What was decoded, the names in the same order, and what was left out."""

    rows: CachedPictures
    names: tuple[str, ...]
    skipped: tuple[Skipped, ...]


Decode = Callable[[Source], np.ndarray | None]


def load_or_build(
    folder: Path,
    settings: dict,
    sources: Sequence[Source],
    decode: Decode,
    picture_bytes: int,
    progress: Progress = silent,
) -> Cache:
    """Return the cache of these sources under these settings, from `folder` or built there.

    Args:
        folder: holds all caches; made if it is not there.
        settings: all that `decode` depends on beside the files; becomes part of the key. Holds "dataset".
        decode: gives uint8 (H, W, 3), None for what is no picture, or raises InputError with the reason to skip it.
            Called by several threads at once.
        picture_bytes: about how much one picture takes, to find out beforehand that the disk is too small.

    Raises:
        InputError: the disk is too small or the folder cannot be written to.
    """
    place = folder / f"{settings['dataset']}-{_key(settings, sources)}"
    cache = _load(place)
    if cache is not None:
        return cache
    needed = len(sources) * picture_bytes
    try:
        return _build(place, sources, decode, needed, progress)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _too_small(folder, needed) from error
        raise InputError(f"{folder} cannot hold the cache ({error.strerror}); give another --cache-dir") from error


def _key(settings: dict, sources: Sequence[Source]) -> str:
    everything = [FORMAT, settings, [(source.name, source.stamp) for source in sources]]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:16]


def _load(place: Path) -> Cache | None:
    """The cache, or None where there is none, or one that is not complete."""
    try:
        index = json.loads((place / "index.json").read_text(encoding="utf-8"))
        if (place / "pictures.bin").stat().st_size != index["bytes"]:
            return None
        sizes = np.array(index["sizes"], np.int64).reshape(-1, 2)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    ends = np.cumsum(3 * sizes.prod(axis=1))
    data = np.empty(0, np.uint8)
    if index["bytes"]:  # an empty file cannot be mapped
        # As a plain array: slicing a memmap makes a new Python object of its own kind each time, which is slow.
        data = np.asarray(np.memmap(place / "pictures.bin", np.uint8, mode="r"))
    return Cache(
        rows=CachedPictures(data, ends - 3 * sizes.prod(axis=1), sizes),
        names=tuple(index["names"]),
        skipped=tuple(Skipped(path, reason) for path, reason in index["skipped"]),
    )


def _build(place: Path, sources: Sequence[Source], decode: Decode, needed: int, progress: Progress) -> Cache:
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(place.parent)
    if shutil.disk_usage(place.parent).free < needed:
        raise _too_small(place.parent, needed)
    private = Path(tempfile.mkdtemp(prefix=f"{place.name}.", suffix=BUILDING, dir=place.parent))
    try:
        _fill(private, sources, decode, progress)
        own = _load(private)
        if _load(place) is None:
            shutil.rmtree(place, ignore_errors=True)  # what lies there is half-written
            with suppress(OSError):  # another run was faster: the key is the same, so its pictures are, too
                private.rename(place)
        # A mapped file stays readable when its folder is renamed or removed, so `own` holds in any case.
        return _load(place) or own
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _fill(folder: Path, sources: Sequence[Source], decode: Decode, progress: Progress) -> None:
    index = {"bytes": 0, "names": [], "sizes": [], "skipped": []}
    with (folder / "pictures.bin").open("wb") as file, progress("decoding", len(sources), "picture") as advance:
        for source, result in decoded(sources, decode):
            advance(1)
            if isinstance(result, InputError):
                index["skipped"].append((source.name, str(result)))
            elif result is not None:
                file.write(np.ascontiguousarray(result))
                index["bytes"] += result.nbytes
                index["names"].append(source.name)
                index["sizes"].append(result.shape[:2])
        _flush(file)
    with (folder / "index.json").open("w", encoding="utf-8") as file:
        json.dump(index, file)
        _flush(file)


def decoded(sources: Sequence[Source], decode: Decode) -> Iterator[tuple[Source, np.ndarray | InputError | None]]:
    """Every source with its picture or the reason why there is none, in order."""

    def attempt(source: Source):
        try:
            return decode(source)
        except InputError as error:
            return InputError(str(error).removeprefix(f"{source.path}: "))  # the list of skipped files names it already
        except MemoryError:
            return InputError("does not fit into the memory")

    # Threads, not processes: Pillow and NumPy release the interpreter's lock while they decode and resize.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(sources), CHUNK):
            chunk = sources[start : start + CHUNK]
            yield from zip(chunk, pool.map(attempt, chunk), strict=True)


def _flush(file) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove_abandoned(folder: Path) -> None:
    for private in folder.glob(f"*{BUILDING}"):
        with suppress(OSError):  # its owner is just done with it
            touched = max(path.stat().st_mtime for path in (private, *private.iterdir()))
            if time.time() - touched > ABANDONED_S:
                shutil.rmtree(private)


def _too_small(folder: Path, needed: int) -> InputError:
    free = shutil.disk_usage(folder).free
    return InputError(
        f"the cache in {folder} needs about {needed:,} bytes, but {free:,} are free; "
        "make room or give another --cache-dir"
    )
