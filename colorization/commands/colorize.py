"""`colorize`: photographs -> the same photographs in colour."""

import os
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from colorization.commands.colorize_report import Report
from colorization.commands.output_paths import Job, plan
from colorization.commands.painting_line import Painter, colorize_jobs
from colorization.commands.quiet_import import quiet_import
from colorization.errors import InputError, Terminated
from colorization.hints import parse_hint
from colorization.images.reader import Photograph
from colorization.looks import NUMBERS, asked
from colorization.pretrained import pretrained

AUTO = "auto"
SMALLEST_WORKING_SIZE, LARGEST_WORKING_SIZE = 8, 4096  # px
COLORIZED, FAILED, SKIPPED = "colorized", "failed", "skipped"


def run(request, console) -> int:
    """Colorize what the command line names; one line for each picture that fails, the others go on.

    Pictures whose outputs exist are done: they are skipped, so that an interrupted call can be repeated.

    Returns:
        0 if no picture failed, else 1.

    Raises:
        InputError: nothing can be done at all: no or no fitting model, a path that does not exist, outputs that clash,
            a hint or a temperature for a model that takes none.
    """
    options = request.options
    hints = [parse_hint(word) for word in options.hint]
    size = _working_size(options.working_size)
    if hints and size == AUTO:
        raise InputError("--working-size auto compares what the model thinks without hints; give a size, or no --hint")
    jobs = plan(options)
    if options.hint_radius and not hints:
        raise InputError("--hint-radius is the size of a --hint, and none is given")
    if hints and options.contact_sheet:
        raise InputError("--contact-sheet shows what the model thinks without hints; leave --hint out")
    if hints and len(jobs) > 1:
        raise InputError(f"--hint is in the pixels of one photograph, and {len(jobs)} are named; name one")
    _check_report(options.report, jobs)
    with Report(options.report) as report:
        try:
            counts, seconds = _colorize(jobs, hints, size, options, report, console)
        except (KeyboardInterrupt, Terminated):
            console.say("stopped; the same line goes on, with the pictures that are not done yet")
            raise
    console.say(_summary(counts, seconds, options.output))
    return 1 if counts[FAILED] else 0


def _colorize(jobs: list[Job], hints, size: int | str, options, report: Report, console) -> tuple[Counter, float]:
    """How many of the jobs had which outcome, and the seconds that it took without the loading of the model."""
    counts: Counter = Counter()
    for job in jobs:
        if job.done:
            counts[SKIPPED] += 1
            report.add(job.source, SKIPPED, reason=job.problem)
        elif job.problem:
            counts[FAILED] += 1
            console.warn(job.problem)
            report.add(job.source, FAILED, reason=job.problem)
    todo = [job for job in jobs if not job.problem]
    painter = _painter(options, hints, size) if todo else None
    started = time.monotonic()
    with console.progress("colorizing", len(todo), "picture") as advance:
        for work in colorize_jobs(todo, painter, options) if todo else ():
            counts[FAILED if work.problem else COLORIZED] += 1
            _tell(work, report, console)
            advance(1)
    return counts, time.monotonic() - started


def _check_report(report: str, jobs: list[Job]) -> None:
    """Raises InputError if the report would be written over a picture, or by one."""
    pictures = {os.path.realpath(path) for job in jobs for path in (job.source, *job.files)}
    if report and os.path.realpath(report) in pictures:
        raise InputError(f"--report {report} is a picture that is read or written; name another file")


def _tell(work, report: Report, console) -> None:
    """Say what there is to say of one picture."""
    job = work.job
    if work.problem:
        console.warn(work.problem)
        report.add(job.source, FAILED, work.seconds, work.problem)
        return
    renamed = () if job.output.name == job.source.name else (f"written as {job.output.name}",)
    notes = "; ".join((*work.notes, *renamed))
    if notes:
        console.say(f"{job.source}: {notes}")
    report.add(job.source, COLORIZED, work.seconds, notes)


def _summary(counts: Counter, seconds: float, output: str) -> str:
    parts = [f"{counts[COLORIZED]:,} colorized, {counts[FAILED]:,} failed"]
    if counts[SKIPPED]:
        parts.append(
            f"{counts[SKIPPED]:,} skipped because their outputs exist (--overwrite makes them anew, another --output "
            "keeps them)"
        )
    rate = f", {counts[COLORIZED] / seconds:.1f} a second" if counts[COLORIZED] > 1 else ""
    return f"{', '.join(parts)}, {seconds:.1f} s{rate}, in {Path(output)}/"


def _painter(options, hints, size: int | str) -> Painter:
    # TensorFlow takes seconds to import: only when what was asked for makes sense.
    model = quiet_import("colorization.inference").load_colorizer(options.model or pretrained())
    model = model.asked_otherwise(0 if size == AUTO else size, options.upsampling, options.flips)
    conditions = asked(options, model.looks, model.path)
    model.check_conditions([*conditions, *(["hint_ab"] if hints else [])])
    numbers = {name: value for name, value in (model.conditions | conditions).items() if name in NUMBERS}
    temperature = numbers.pop("temperature", 1.0)
    if options.samples or options.confidence:
        _check_versions(model, temperature, size, options)
    sizes = quiet_import("colorization.working_sizes")
    notes_on_colour = quiet_import("colorization.tone").notes_on_colour

    def paint(pictures: np.ndarray) -> np.ndarray:
        if size == AUTO:
            return np.stack([sizes.at_agreed_size(model, picture, conditions) for picture in pictures])
        return model(pictures, hints=hints, hint_radius=options.hint_radius, **conditions)

    def further(job: Job, photograph: Photograph) -> dict[Path, Callable]:
        return _further(model, temperature, numbers, job, photograph) | (
            {job.sheet: _within_memory(partial(sizes.contact_sheet, model, photograph.rgb, conditions))}
            if job.sheet in job.wanted
            else {}
        )

    return Painter(*map(_within_memory, (paint, further, notes_on_colour)))


def _check_versions(model, temperature: float, size: int | str, options) -> None:
    """Raises InputError if --samples and --confidence have nothing to go by."""
    model.check_distribution()
    if size == AUTO:
        raise InputError(
            "--working-size auto chooses a size for the picture alone; give one in pixels, or no --samples"
        )
    if options.samples and not temperature:
        raise InputError("--samples at temperature 0 are all the same; give a higher --temperature")


def _further(model, temperature: float, how_strong: dict, job: Job, photograph: Photograph) -> dict[Path, Callable]:
    """What draws the wanted ones of a picture's versions, and its map of confidence."""
    if not set(job.wanted) & {*job.samples, job.confidence}:
        return {}
    chances = model.chances(photograph.seen)
    drawings = {path: partial(chances.sample, temperature, seed, **how_strong) for seed, path in enumerate(job.samples)}
    drawings[job.confidence] = lambda: np.repeat(chances.confidence()[..., None], 3, axis=-1)
    return {path: _within_memory(draw) for path, draw in drawings.items() if path in job.wanted}


def _working_size(word: str) -> int | str:
    """Pixels, 0 for the model's own, or AUTO; InputError for anything else."""
    if word in ("", AUTO):
        return word or 0
    if not (word.isdecimal() and SMALLEST_WORKING_SIZE <= int(word) <= LARGEST_WORKING_SIZE):
        raise InputError(
            f"--working-size {word}: give pixels, {SMALLEST_WORKING_SIZE} to {LARGEST_WORKING_SIZE}, or auto"
        )
    return int(word)


def _within_memory(function: Callable) -> Callable:
    """The same, but TensorFlow's lack of memory is Python's own."""

    def called(*args):
        from tensorflow.errors import ResourceExhaustedError  # loaded by now, with the model

        try:
            return function(*args)
        except ResourceExhaustedError as error:
            raise MemoryError from error

    return called
