"""What `colorize` does with one picture on this machine's disk: its outcome in the folder that is written into."""

from __future__ import annotations

import contextlib
import functools
import os
from dataclasses import replace
from pathlib import Path

from colorization.cli.record import remember
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.images.writer import write_encoded
from colorization.painting.job import Job, Outcome
from colorization.painting.picture import PictureColorizer


def colorize_picture(colorize: PictureColorizer, job: Job) -> Outcome:
    """Colorize the picture of a job that has no problem yet, and write what it wants; return what became of it."""
    outcome = colorize(job, functools.partial(_write, job, colorize.options))
    with contextlib.suppress(OSError):
        return replace(outcome, source_bytes=job.source.stat().st_size)
    return outcome


def _write(job: Job, options: ColorizeOptions, path: Path, encoded: bytes) -> None:
    """Write a file, and note what it was made from; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_encoded(path, encoded)
    with contextlib.suppress(OSError):  # the picture is there; without the note the next call goes by its name
        remember(Path(options.output), path, job.source)
    if options.keep_time:
        _take_time(path, job.source)


def _take_time(path: Path, source: Path) -> None:
    """Give a file the times of another, so that albums sorted by time keep their order."""
    try:
        times = source.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError as error:
        raise InputError(f"{path}: written, but not with the time of {source}: {error.strerror or error}") from error
