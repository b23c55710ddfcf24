"""What `colorize` does with one film: read it, paint its pictures, write it with its sound."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from colorization.cli.film_paths import output_folder, span_of
from colorization.cli.held_signals import HeldSignals
from colorization.cli.record import fingerprint, remember
from colorization.errors import InputError, Terminated
from colorization.images.writer import write_picture
from colorization.inference.clock import as_clock
from colorization.inference.hints import notes_on_hints
from colorization.inference.input_checks import notes_on_colour
from colorization.painting.job import Job, Outcome
from colorization.painting.picture import PictureColorizer, problem_of

try:
    from colorization.films.begin import begun_at
    from colorization.films.colours import FilmColorizer
    from colorization.films.film import Film, Frame, Span
    from colorization.films.pipes import colorize_pipe
    from colorization.films.preview import preview
    from colorization.films.reader import Reader, first_frame, read_film
    from colorization.films.unfinished import Unfinished
    from colorization.films.writer import ROUNDING, Writer
except ModuleNotFoundError as error:
    raise InputError("films need PyAV, which is not installed: `pip install '.[film]'` in the clone") from error

SETTINGS = ("model", "look", "temperature", "saturation", "vibrance", "input_size", "upsampling", "flips", "reference")
SETTINGS += ("palette", "hint_radius", "no_mark", "steady", "codec", "from_", "to")  # what a film looks like by
ENDED_BY_READER = 141  # 128 + SIGPIPE, as of other programs between pipes
RUN_UP = 1.0  # s of the film before the place where --resume goes on: what was steadied there is steadied again


def colorize_film(job: Job, colorize: PictureColorizer, console) -> Outcome:
    """Colorize the film of a job that has no problem yet, and return what became of it.

    Ctrl-C and SIGTERM end the file where it is, under its unfinished name, and are raised again.
    """
    started = time.monotonic()
    try:
        notes, problem = _colorize(job, colorize, console)
    except (InputError, MemoryError) as error:
        notes, problem = (), problem_of(job.source, error)
    return Outcome(str(job.source), (*notes, *job.renamed), problem, seconds=time.monotonic() - started)


def colorize_frames(colorize: PictureColorizer, console) -> int:
    """Colorize frames from standard input to standard output, both y4m; return the exit status."""
    count, painter = 0, _painter(colorize)
    with console.progress("colorizing standard input", 0, "picture") as advance:
        try:
            for _ in colorize_pipe(sys.stdin.buffer, sys.stdout.buffer, painter, colorize.options.max_pixels):
                advance(1)
                count += 1
        except BrokenPipeError:  # who reads has enough: no fault, and nobody to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left when it ends
            return ENDED_BY_READER
    console.warn(f"{count:,} frames colorized")
    return 0


def _painter(colorize: PictureColorizer, begin: float = 0.0) -> FilmColorizer:
    """Return what paints a film; begin: time of its first picture, at which hints without a time begin."""
    options = colorize.options
    hints = [replace(hint, seconds=begin) if hint.seconds is None else hint for hint in colorize.hints]
    return FilmColorizer(
        colorize.colorizer, colorize.conditions, hints, options.hint_radius, options.steady, options.jobs
    )


def _colorize(job: Job, colorize: PictureColorizer, console) -> tuple[tuple[str, ...], str]:
    """Return notes on the film, and the problem that it has all the same."""
    options, span = colorize.options, span_of(colorize.options)
    film = read_film(job.source, options.max_pixels)
    if film.seconds and span.first >= film.seconds:
        raise InputError(f"--from {options.from_}: {job.source} ends at {as_clock(film.seconds)}")
    first = first_frame(film, span)
    notes = [*notes_on_colour(film.pixels), *notes_on_hints(colorize.hints, options.hint_radius, film.upright_size)]
    if options.preview:
        notes.append(_write_preview(job, film, _painter(colorize, first.seconds), options.preview, span, console))
    with HeldSignals() as signals, Reader(film) as reader:
        notes += _write(job, reader, span, first, colorize, console, signals)
        if job.output != Path(options.output):  # no hidden file beside a film that the user gave its name
            with contextlib.suppress(OSError):  # the film is there; without the note the next call goes by its name
                remember(output_folder(options), job.output, job.source)
    notes += ["deinterlaced"] if film.interlaced else []
    problem = f"{job.source}: {reader.problem}; what could be read is in {job.output}" if reader.problem else ""
    return tuple(notes), problem


def _settings(job: Job, colorize: PictureColorizer) -> dict:
    """Return what decides on a film's colours, by the names that the user knows."""
    asked = {f"--{name.strip('_').replace('_', '-')}": getattr(colorize.options, name) for name in SETTINGS}
    return {"film": fingerprint(job.source), "hint": [asdict(hint) for hint in colorize.hints], **asked}


def _write_preview(job: Job, film: Film, painter: FilmColorizer, count: int, span: Span, console) -> str:
    """Write the sheet, say so at once, and return a note on it; raises InputError if there is no room for it."""
    path = job.output.with_name(f"{job.output.name}-preview.png")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, preview(film, painter, count, span))
    except OSError as error:
        raise InputError(f"{path}: not written: {error.strerror or error}") from error
    console.say(f"{path}: {count} pictures of {job.source}")
    return f"preview in {path.name}"


def _write(job: Job, reader: Reader, span: Span, first: Frame, colorize, console, signals: HeldSignals) -> list[str]:
    """Write a span of a film, and return what of it the file cannot hold.

    A signal, a full disk, and whatever else ends it leave a part, if it can be read, that --resume goes on from.
    """
    options, unfinished = colorize.options, Unfinished(job.output)
    settings = _settings(job, colorize)
    earlier = unfinished.resume(settings) if options.resume else unfinished.begin(settings)
    writer = None
    try:
        writer = Writer(job.output, reader, options.codec, not options.no_mark, span)
        done_until = writer.take_over(earlier, first) if earlier else -math.inf
        rest = Span(max(span.first, done_until - RUN_UP), span.end)
        painter = begun_at(_painter(colorize, first.seconds), reader.film, first_frame(reader.film, rest))
        _write_pictures(writer, reader, rest, done_until, painter, console, signals)
        writer.finish()
    except (KeyboardInterrupt, Terminated):
        console.how_to_go_on = _what_is_done(writer, unfinished) or "nothing is done yet; the same command starts it"
        raise
    except (InputError, MemoryError) as error:
        reason = problem_of(job.source, error)
        done = _what_is_done(writer, unfinished)
        raise InputError(f"{reason}; {done}" if done else reason) from error
    unfinished.clear()
    return writer.notes


def _what_is_done(writer: Writer | None, unfinished: Unfinished) -> str:
    """End the file as it is, and return a sentence about it; "" if no picture can be read from it."""
    if writer:
        with contextlib.suppress(InputError):  # on a full disk; what can be read counts
            writer.end()
    part = unfinished.settle()
    return f"{part} has what is done; the same command with --resume goes on from there" if part else ""


def _write_pictures(
    writer: Writer, reader: Reader, span: Span, done_until: float, painter: FilmColorizer, console, signals
) -> None:
    """Write the pictures of a span that come after `done_until`, seconds; between two of them a signal is heard."""
    film = reader.film
    total = round((min(span.end, film.seconds) - span.first) * film.rate)
    with console.progress(f"colorizing {film.path.name}", max(total, 0), "picture") as advance:
        signals.check()
        for frame, rgb in painter(film, reader.frames(span, writer.copy)):
            if frame.seconds > done_until + ROUNDING:
                writer.write(frame, rgb)
            advance(1)
            signals.check()
