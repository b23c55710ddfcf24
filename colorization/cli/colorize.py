"""`colorize`: photographs and films -> the same in colour."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from colorization.cli.colorize_archive import colorize_archive, is_archive
from colorization.cli.film_paths import output_folder, span_of
from colorization.cli.output_paths import FILM, plan
from colorization.cli.program import STARTED
from colorization.cli.report import COLORIZED, FAILED, SKIPPED, Report, summary
from colorization.config.commands import AUTO
from colorization.errors import InputError
from colorization.inference.batch import in_order
from colorization.inference.hints import Hint, parse_hint, read_hints
from colorization.inference.input_checks import TONED
from colorization.painting.job import Job, Outcome

if TYPE_CHECKING:
    from colorization.painting.picture import PictureColorizer

PIPE = "-"
SMALLEST_INPUT_SIZE, LARGEST_INPUT_SIZE = 8, 4096  # px


def run(request, console) -> int:
    """Colorize what the command line names; one line for each picture that fails, the others go on.

    Pictures whose outputs exist are done: they are skipped, so that an interrupted call can be repeated.

    Returns:
        0 if no picture failed, else 1.

    Raises:
        InputError: nothing can be done at all: no or no fitting model, a path that does not exist, outputs that clash,
            a temperature for a model that takes none.
    """
    options = request.options
    if not options.engine and (options.address or options.workers):
        raise InputError("--address and --workers are of --engine ray; without an engine --jobs says how many at once")
    if is_archive(options):
        return colorize_archive(options, _input_size(options.input_size), console)
    if options.raw:
        return _frames_on_pipes(options, console)
    size, hints = _input_size(options.input_size), _hints(options)
    with console.progress("finding pictures", 0, "picture") as advance:
        jobs = plan(options, advance)
    if hints and len(jobs) > 1:
        raise InputError(f"hints are for one photograph, and {len(jobs)} are named; name one")
    _check_report(options.report, jobs)
    if any(job.format == FILM for job in jobs):
        _check_for_films(options)
        span_of(options)  # a time that is none is told before the model is loaded
    elif options.from_ or options.to or options.preview or options.resume:
        raise InputError("--from, --to, --preview and --resume are for films, and none is named")
    console.how_to_go_on = "the same command again colorizes the pictures that are not done yet"
    counts = _colorize(jobs, hints, size, options, console)
    if counts[TONED] > 1:
        console.say(f"{counts[TONED]:,} pictures are {TONED}")
    console.say(summary(counts, time.monotonic() - STARTED, str(output_folder(options))))
    return 1 if counts[FAILED] else 0


def _frames_on_pipes(options, console) -> int:
    """Do what --raw asks; raises InputError if files are named."""
    if options.pictures != (PIPE,):
        raise InputError(f"--raw reads frames from standard input; write {PIPE} instead of files")
    _check_for_films(options)
    from colorization.cli.colorize_film import colorize_frames
    from colorization.painting.asked import picture_colorizer

    return colorize_frames(picture_colorizer(options, _hints(options), _input_size(options.input_size)), console)


def _hints(options) -> list[Hint]:
    """Return the hints of the command line; raises InputError for what cannot be asked together with them."""
    hints = [*map(parse_hint, options.hint), *(read_hints(options.hints) if options.hints else [])]
    if hints and options.input_size == AUTO:
        raise InputError("--input-size auto compares what the model thinks without hints; give a size, or no hints")
    if options.hint_radius and not hints:
        raise InputError("--hint-radius is the size of hints, and none is given")
    if hints and options.contact_sheet:
        raise InputError("--contact-sheet shows what the model thinks without hints; leave the hints out")
    return hints


def _colorize(jobs: list[Job], hints: list[Hint], size: int | str, options, console) -> Counter:
    """Return the number of jobs by outcome, and under TONED that of toned pictures."""
    todo = [job for job in jobs if not job.problem]
    counts: Counter = Counter()
    with console.progress("colorizing", len(todo), "picture") as advance:
        from colorization.cli.colorize_picture import colorize_picture  # here: the bar is seen before they are imported
        from colorization.painting.asked import picture_colorizer

        colorize = picture_colorizer(options, hints, size)  # wrong options are told, too, where nothing is left to do
        with Report(options.report) as report:
            for job in jobs:
                if job.problem:
                    counts[SKIPPED if job.done or job.empty else FAILED] += 1
                    _tell_problem(job, report, console)
            pictures = [job for job in todo if job.format != FILM]
            outcomes = in_order(partial(colorize_picture, colorize), pictures, lambda job: job.pixels, options.jobs)
            for outcome in chain(outcomes, _films(todo, colorize, console)):
                counts[FAILED if outcome.problem else COLORIZED] += 1
                counts[TONED] += TONED in outcome.notes
                _tell(outcome, report, console, len(jobs))
                advance(1)
    return counts


def _films(jobs: list[Job], colorize: PictureColorizer, console) -> Iterator[Outcome]:
    """Colorize the films among jobs, one after the other, and yield what becomes of them."""
    films = [job for job in jobs if job.format == FILM]
    if films:
        from colorization.cli.colorize_film import colorize_film  # here: only films need PyAV

        for job in films:
            yield colorize_film(job, colorize, console)


def _check_for_films(options) -> None:
    """Raise InputError for what only photographs can have."""
    for name in ("samples", "contact_sheet", "confidence"):
        if getattr(options, name):
            raise InputError(f"--{name.replace('_', '-')} is for photographs, and a film is among what is named")
    if options.input_size == AUTO:
        raise InputError("--input-size auto is for photographs, and a film is among what is named; give a size")


def _check_report(report: str, jobs: list[Job]) -> None:
    """Raise InputError if the report would be written over a picture, or by one."""
    pictures = {os.path.realpath(path) for job in jobs for path in (job.source, *job.files)}
    if report and os.path.realpath(report) in pictures:
        raise InputError(f"--report {report} is a picture that is read or written; name another file")


def _tell_problem(job: Job, report: Report, console) -> None:
    """Report a job on which no work is done."""
    if not job.done:
        console.warn(job.problem)
    report.add(SKIPPED if job.done or job.empty else FAILED, Outcome(str(job.source), problem=job.problem))


def _tell(outcome: Outcome, report: Report, console, pictures: int) -> None:
    """Report one picture's result; of several pictures it is said at the end how many are toned."""
    report.add(FAILED if outcome.problem else COLORIZED, outcome)
    if outcome.problem:
        console.warn(outcome.problem)
    elif said := [note for note in outcome.notes if note != TONED or pictures == 1]:
        console.say(f"{outcome.source}: {'; '.join(said)}")


def _input_size(word: str) -> int | str:
    """Return pixels, 0 for the model's own, or AUTO; raises InputError for anything else."""
    if word in ("", AUTO):
        return word or 0
    if not (word.isdecimal() and SMALLEST_INPUT_SIZE <= int(word) <= LARGEST_INPUT_SIZE):
        raise InputError(f"--input-size {word}: give pixels, {SMALLEST_INPUT_SIZE} to {LARGEST_INPUT_SIZE}, or auto")
    return int(word)
