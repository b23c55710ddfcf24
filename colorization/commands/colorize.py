"""`colorize`: photographs -> the same photographs in colour."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.commands.output_paths import Job, plan
from colorization.commands.quiet_import import quiet_import
from colorization.errors import InputError
from colorization.hints import parse_hint
from colorization.looks import asked
from colorization.pictures import read_picture, write_picture


def run(request, console) -> int:
    """Colorize what the command line names; one line for each picture that fails, the others go on.

    Returns:
        0 if every picture was colorized, else 1.

    Raises:
        InputError: nothing can be done at all: no or no fitting model, a path that does not exist, outputs that clash,
            a hint or a temperature for a model that takes none.
    """
    options = request.options
    if not options.model:
        raise InputError("--model is missing: name an exported model, saved_models/<run>; `main.py train` makes one")
    started, outcomes = time.monotonic(), Counter()
    hints = [parse_hint(word) for word in options.hint]
    jobs = plan(options)
    if options.hint_radius and not hints:
        raise InputError("--hint-radius is the size of a --hint, and none is given")
    if hints and len(jobs) > 1:
        raise InputError(f"--hint is in the pixels of one photograph, and {len(jobs)} are named; name one")
    painter = _painter(options, hints) if any(not job.problem for job in jobs) else None
    with console.progress("colorizing", len(jobs), "picture") as advance:
        for job in jobs:
            outcomes[_do(job, painter, options, console)] += 1
            advance(1)
    counts = ", ".join(f"{outcomes[name]:,} {name}" for name in ("colorized", "failed", "skipped"))
    console.say(f"{counts}, {time.monotonic() - started:.1f} s, in {Path(options.output)}/")
    return 0 if outcomes["colorized"] == len(jobs) else 1


@dataclass(frozen=True)
class Painter:
    """A model with what is asked of it: `paint(rgb)`, and `chances(rgb)` to draw versions from at `temperature`."""

    paint: Callable
    chances: Callable
    temperature: float
    notes: Callable  # rgb -> what is to be said of the colours that it has


def _painter(options, hints) -> Painter:
    # TensorFlow takes seconds to import: only when what was asked for makes sense.
    model = quiet_import("colorization.inference").load_colorizer(options.model)
    model = model.asked_otherwise(options.working_size, options.upsampling, options.flips)
    conditions = asked(options, model.looks, model.path)
    model.check_conditions([*conditions, *(["hint_ab"] if hints else [])])
    if options.samples or options.confidence:
        model.check_distribution()
    temperature = (model.conditions | conditions).get("temperature", 1.0)
    if options.samples and not temperature:
        raise InputError("--samples at temperature 0 are all the same; give a higher --temperature")
    return Painter(
        paint=lambda rgb: model(rgb, hints=hints, hint_radius=options.hint_radius, **conditions),
        chances=model.chances,
        temperature=temperature,
        notes=quiet_import("colorization.tone").notes_on_colour,
    )


def _do(job: Job, painter: Painter | None, options, console) -> str:
    """Colorize one picture and say what there is to say of it. Returns "colorized", "failed" or "skipped"."""
    if job.problem:
        console.warn(job.problem)
        return "skipped" if job.exists else "failed"
    try:
        notes = _colorize(job, painter, options)
    except InputError as error:
        console.warn(str(error))
        return "failed"
    except MemoryError:
        console.warn(f"{job.source}: too large for the memory of this machine")
        return "failed"
    if notes:
        console.say(f"{job.source}: {'; '.join(notes)}")
    return "colorized"


def _colorize(job: Job, painter: Painter, options) -> tuple[str, ...]:
    """Read, colorize, put the transparency back, write. Returns the notes for the user."""
    from tensorflow.errors import ResourceExhaustedError  # loaded by now, with the model

    photograph = read_picture(job.source, options.max_pixels)
    try:
        wanted = [path for path in job.files[1:] if options.overwrite or not path.exists()]
        chances = painter.chances(photograph.rgb) if wanted else None
        for seed, path in enumerate(job.samples):
            if path in wanted:
                _write(path, chances.sample(painter.temperature, seed), photograph.alpha, job.format)
        if job.confidence in wanted:
            _write(job.confidence, np.repeat(chances.confidence()[..., None], 3, axis=-1))
        # last, because a picture whose output is there counts as done
        _write(job.output, painter.paint(photograph.rgb), photograph.alpha, job.format)
    except ResourceExhaustedError as error:
        raise MemoryError from error
    renamed = () if job.output.name == job.source.name else (f"written as {job.output.name}",)
    return (*photograph.notes, *painter.notes(photograph.rgb), *renamed)


def _write(path: Path, *picture) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, *picture)
    except OSError as error:
        raise InputError(f"{path}: not written: {error.strerror or error}") from error
