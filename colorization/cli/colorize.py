"""`colorize`: photographs -> the same photographs in colour."""

import os
import time
from collections import Counter
from pathlib import Path

import numpy as np

from colorization.cli.colorize_picture import Outcome, PictureColorizer
from colorization.cli.output_paths import Job, plan
from colorization.cli.report import Report
from colorization.errors import InputError, Terminated
from colorization.images.reader import read_picture
from colorization.inference.batch import in_order
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint, parse_hint, read_hints
from colorization.inference.model import Model
from colorization.inference.palettes import palette_shares, parse_palette
from colorization.inference.presets import asked_conditions
from colorization.inference.reference import reference_shares

AUTO = "auto"
SMALLEST_INPUT_SIZE, LARGEST_INPUT_SIZE = 8, 4096  # px
COLORIZED, FAILED, SKIPPED = "colorized", "failed", "skipped"


def run(request, console) -> int:
    """Colorize what the command line names; one line for each picture that fails, the others go on.

    Pictures whose outputs exist are done: they are skipped, so that an interrupted call can be repeated.

    Returns:
        0 if no picture failed, else 1.

    Raises:
        InputError: nothing can be done at all: no or no fitting model, a path that does not exist, outputs that clash,
            a reference or a temperature for a model that takes none.
    """
    options = request.options
    hints = [*map(parse_hint, options.hint), *(read_hints(options.hints) if options.hints else [])]
    size = _input_size(options.input_size)
    if hints and size == AUTO:
        raise InputError("--input-size auto compares what the model thinks without hints; give a size, or no hints")
    jobs = plan(options)
    if options.hint_radius and not hints:
        raise InputError("--hint-radius is the size of hints, and none is given")
    if hints and options.contact_sheet:
        raise InputError("--contact-sheet shows what the model thinks without hints; leave the hints out")
    if hints and len(jobs) > 1:
        raise InputError(f"hints are for one photograph, and {len(jobs)} are named; name one")
    _check_report(options.report, jobs)
    with Report(options.report) as report:
        try:
            counts, seconds = _colorize(jobs, hints, size, options, report, console)
        except (KeyboardInterrupt, Terminated):
            console.say("stopped; the same line goes on, with the pictures that are not done yet")
            raise
    console.say(_summary(counts, seconds, options.output))
    return 1 if counts[FAILED] else 0


def _colorize(
    jobs: list[Job], hints: list[Hint], size: int | str, options, report: Report, console
) -> tuple[Counter, float]:
    """Return the number of jobs by outcome, and the seconds that they took without loading the model."""
    counts: Counter = Counter()
    for job in jobs:
        if job.done:
            counts[SKIPPED] += 1
            report.add(job.source, SKIPPED, reason=job.problem)
        elif job.empty:
            console.warn(job.problem)
            report.add(job.source, SKIPPED, reason=job.problem)
        elif job.problem:
            counts[FAILED] += 1
            console.warn(job.problem)
            report.add(job.source, FAILED, reason=job.problem)
    todo = [job for job in jobs if not job.problem]
    if not todo:
        return counts, 0.0
    colorize = _picture_colorizer(options, hints, size)
    started = time.monotonic()
    with console.progress("colorizing", len(todo), "picture") as advance:
        for outcome in in_order(colorize, todo, lambda job: job.pixels, options.jobs):
            counts[FAILED if outcome.problem else COLORIZED] += 1
            _tell(outcome, report, console)
            advance(1)
    return counts, time.monotonic() - started


def _check_report(report: str, jobs: list[Job]) -> None:
    """Raise InputError if the report would be written over a picture, or by one."""
    pictures = {os.path.realpath(path) for job in jobs for path in (job.source, *job.files)}
    if report and os.path.realpath(report) in pictures:
        raise InputError(f"--report {report} is a picture that is read or written; name another file")


def _tell(outcome: Outcome, report: Report, console) -> None:
    """Report one picture's result."""
    job = outcome.job
    if outcome.problem:
        console.warn(outcome.problem)
        report.add(job.source, FAILED, outcome.seconds, outcome.problem)
        return
    renamed = () if job.output.name == job.source.name else (f"written as {job.output.name}",)
    notes = "; ".join((*outcome.notes, *renamed))
    if notes:
        console.say(f"{job.source}: {notes}")
    report.add(job.source, COLORIZED, outcome.seconds, notes)


def _summary(counts: Counter, seconds: float, output: str) -> str:
    parts = [f"{counts[COLORIZED]:,} colorized, {counts[FAILED]:,} failed"]
    if counts[SKIPPED]:
        parts.append(
            f"{counts[SKIPPED]:,} skipped because their outputs exist (--overwrite makes them anew, another --output "
            "keeps them)"
        )
    rate = f", {counts[COLORIZED] / seconds:.1f} a second" if counts[COLORIZED] > 1 else ""
    return f"{', '.join(parts)}, {seconds:.1f} s{rate}, in {Path(output)}/"


def _picture_colorizer(options, hints: list[Hint], size: int | str) -> PictureColorizer:
    """Return the model with the options of this call; raises InputError for one that it does not take."""
    own = 0 if size == AUTO else size
    colorizer = Colorizer(Model(options.model or bundled_model()), own, options.upsampling, options.flips)
    conditions = asked_conditions(options, colorizer.presets, colorizer.path)
    if options.reference or options.palette:
        conditions["reference"] = _reference(options)
    colorizer.check_conditions(conditions)
    if options.samples or options.confidence:
        _check_variants(colorizer, conditions, size, options)
    return PictureColorizer(colorizer, conditions, hints, size == AUTO, options)


def _reference(options) -> np.ndarray:
    """Return the shares of the colours to go by; raises InputError if they say nothing."""
    if options.palette and options.reference:
        raise InputError("--palette and --reference say the same in two ways; give one of them")
    if options.palette:
        return palette_shares(parse_palette(options.palette))
    return reference_shares(read_picture(Path(options.reference), options.max_pixels).rgb)


def _check_variants(colorizer: Colorizer, conditions: dict[str, float], size: int | str, options) -> None:
    """Raise InputError if --samples and --confidence have nothing to go by."""
    colorizer.check_distribution()
    if size == AUTO:
        raise InputError("--input-size auto chooses a size for the picture alone; give one in pixels, or no --samples")
    if options.samples and not {**colorizer.model.card.numbers, **conditions}["temperature"]:
        raise InputError("--samples at temperature 0 are all the same; give a higher --temperature")


def _input_size(word: str) -> int | str:
    """Return pixels, 0 for the model's own, or AUTO; raises InputError for anything else."""
    if word in ("", AUTO):
        return word or 0
    if not (word.isdecimal() and SMALLEST_INPUT_SIZE <= int(word) <= LARGEST_INPUT_SIZE):
        raise InputError(f"--input-size {word}: give pixels, {SMALLEST_INPUT_SIZE} to {LARGEST_INPUT_SIZE}, or auto")
    return int(word)
