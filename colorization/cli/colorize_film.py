"""What `colorize` does with one film: read it, paint its pictures, write it with its sound."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from colorization.cli.colorize_picture import TOO_LARGE, Outcome, PictureColorizer
from colorization.cli.output_paths import Job, output_folder
from colorization.cli.record import remember
from colorization.errors import InputError, Terminated
from colorization.inference.input_checks import notes_on_colour

try:
    from colorization.films.colours import FilmColorizer
    from colorization.films.reader import Film, Reader, read_film
    from colorization.films.writer import Writer
except ModuleNotFoundError as error:
    raise InputError("films need PyAV, which is not installed: `pip install '.[film]'` in the clone") from error


def colorize_film(job: Job, colorize: PictureColorizer, console) -> Outcome:
    """Colorize the film of a job that has no problem yet, and return what became of it.

    Ctrl-C and SIGTERM end the file where it is, under its unfinished name, and are raised again.
    """
    started = time.monotonic()
    try:
        notes, problem = _colorize(job, colorize, console)
    except InputError as error:
        notes, problem = (), str(error)
    except MemoryError:
        notes, problem = (), f"{job.source}: {TOO_LARGE}"
    return Outcome(job, notes, problem, time.monotonic() - started)


def _colorize(job: Job, colorize: PictureColorizer, console) -> tuple[tuple[str, ...], str]:
    """Return notes on the film, and the problem that it has all the same."""
    options = colorize.options
    film = read_film(job.source, options.max_pixels)
    with Reader(film) as reader:
        writer = Writer(job.output, reader, options.codec, not options.no_mark)
        _write(film, reader, writer, colorize, console)
    if job.output != Path(options.output):  # no hidden file beside a film that the user gave its name
        with contextlib.suppress(OSError):  # the film is there; without the note the next call goes by its name
            remember(output_folder(options), job.output, job.source)
    notes = (*notes_on_colour(film.pixels), *(["deinterlaced"] if film.interlaced else []), *writer.notes)
    problem = f"{job.source}: {reader.problem}; what could be read is in {job.output}" if reader.problem else ""
    return notes, problem


def _write(film: Film, reader: Reader, writer: Writer, colorize: PictureColorizer, console) -> None:
    """Write the whole film, or leave its unfinished part, which can be played, if a signal comes."""
    options = colorize.options
    paint = FilmColorizer(colorize.colorizer, colorize.conditions, options.steady, options.jobs)
    try:
        with console.progress(f"colorizing {film.path.name}", film.pictures, "picture") as advance:
            for frame, rgb in paint(film, reader.frames(pass_on=writer.copy)):
                writer.write(frame, rgb)
                advance(1)
        writer.finish()
    except (KeyboardInterrupt, Terminated):
        console.how_to_go_on = f"{writer.stop()} has what is done"
        raise
    except InputError:
        writer.abandon()
        raise
