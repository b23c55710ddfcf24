"""Many pictures through three stages at once: threads read ahead and write behind while the network paints.

What is in memory is bounded by pixels, whatever the number of pictures: each stage takes the next one only when there
is room for it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from colorization.commands.output_paths import Job
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.images.deep import DEEP_FORMATS
from colorization.images.reader import Photograph, read_picture
from colorization.images.writer import write_picture

ROOM = 50_000_000  # pixels that wait in front of the network, and as many behind it
BATCH = 8  # pictures of one size that the network is asked about at once
BATCH_PIXELS = 2_000_000  # of all of them together; larger pictures go alone, as fast as together
TOO_LARGE = "too large for the memory of this machine"


@dataclass(frozen=True)
class Painter:
    """A model with what is asked of it.

    paint: uint8 (B, H, W, 3), or uint16 (B, H, W, 1) -> RGB of that depth. further: Job, Photograph -> for each wanted
    picture beside the job's own a function that draws it. notes: uint8 rgb -> what is to be said of its colours.
    """

    paint: Callable
    further: Callable
    notes: Callable


@dataclass
class Work:
    """One picture on its way.

    problem: why it stops here, "<path>: <reason>". files: what is to be written, by path, the picture itself last; each
    as a function that gives it, so that no two versions lie in memory at once.
    """

    job: Job
    photograph: Photograph | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    files: dict[Path, Callable[[], np.ndarray]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def pixels(self) -> int:
        return 0 if self.photograph is None else self.photograph.rgb.shape[0] * self.photograph.rgb.shape[1]


def colorize_jobs(jobs: Iterable[Job], painter: Painter, options: ColorizeOptions) -> Iterator[Work]:
    """Read, colorize and write the pictures of jobs that have no problem; each comes out when it is done, in order."""
    pool = ThreadPoolExecutor(options.jobs)
    try:
        works = (Work(job) for job in jobs)
        read = _at_once(pool, partial(_read, painter, options), works, lambda work: work.job.pixels)
        painted = (work for batch in _batches(read) for work in _painted(batch, painter))
        yield from _at_once(pool, _written, painted, lambda work: work.pixels)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C only what is being written is brought to its end


def _at_once(pool: ThreadPoolExecutor, do: Callable, works: Iterable[Work], pixels: Callable) -> Iterator[Work]:
    """Each work after `do`, in their order; the next ones are begun before they are asked for, as far as ROOM goes."""
    begun, room = deque(), ROOM
    for work in works:
        size = pixels(work)
        while begun and (begun[0][0].done() or room < size or len(begun) >= 4 * BATCH):
            future, freed = begun.popleft()
            room += freed
            yield future.result()
        begun.append((pool.submit(_timed, do, work), size))
        room -= size
    while begun:
        yield begun.popleft()[0].result()


def _timed(do: Callable, work: Work) -> Work:
    started = time.monotonic()
    try:
        do(work)
    except (InputError, MemoryError) as error:
        work.problem = _problem(work, error)
    work.seconds += time.monotonic() - started
    return work


def _problem(work: Work, error: Exception) -> str:
    return f"{work.job.source}: {TOO_LARGE}" if isinstance(error, MemoryError) else str(error)


def _read(painter: Painter, options: ColorizeOptions, work: Work) -> None:
    depth = options.depth if work.job.format in DEEP_FORMATS else 8
    photograph = read_picture(work.job.source, options.max_pixels, depth=depth)
    metadata = photograph.metadata if options.no_mark else photograph.metadata.marked()
    work.photograph = replace(photograph, metadata=metadata)
    work.notes = (*work.photograph.notes, *painter.notes(work.photograph.rgb))


def _batches(works: Iterable[Work]) -> Iterator[list[Work]]:
    """Neighbours of one size together; those with a problem go along with anyone."""
    batch: list[Work] = []
    for work in works:
        together = [each for each in [*batch, work] if each.pixels]
        alike = len({(each.photograph.seen.shape, each.photograph.seen.dtype) for each in together}) <= 1
        if batch and not (alike and len(batch) < BATCH and sum(each.pixels for each in together) <= BATCH_PIXELS):
            yield batch
            batch = []
        batch.append(work)
    if batch:
        yield batch


def _painted(batch: list[Work], painter: Painter) -> list[Work]:
    """The batch with what is to be written. What stops it, such as a lack of memory, is the problem of each."""
    works = [work for work in batch if not work.problem]
    started = time.monotonic()
    try:
        if works:
            pictures = painter.paint(np.stack([work.photograph.seen for work in works]))
            for work, picture in zip(works, pictures, strict=True):
                work.files = painter.further(work.job, work.photograph)
                if work.job.output in work.job.wanted:
                    work.files[work.job.output] = partial(np.asarray, picture)
    except (InputError, MemoryError) as error:
        for work in works:
            work.problem = _problem(work, error)
    for work in works:
        work.seconds += (time.monotonic() - started) / len(works)
    return batch


def _written(work: Work) -> None:
    """Write its files; then only its outcome is kept."""
    if not work.problem:
        for path, draw in work.files.items():
            _write(path, draw(), work)
    work.photograph, work.files = None, {}


def _write(path: Path, picture: np.ndarray, work: Work) -> None:
    photograph, is_map = work.photograph, path in (work.job.confidence, work.job.sheet)
    how = () if is_map else (photograph.alpha, work.job.format, photograph.metadata)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, picture, *how)
    except OSError as error:
        raise InputError(f"{path}: not written: {error.strerror or error}") from error
