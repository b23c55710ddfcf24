"""`colorize`: photographs -> the same photographs in colour."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from colorization.commands.output_paths import Job, plan
from colorization.commands.quiet_import import quiet_import
from colorization.errors import InputError
from colorization.pictures import read_picture, write_picture


def run(request, console) -> int:
    """Colorize what the command line names; one line for each picture that fails, the others go on.

    Returns:
        0 if every picture was colorized, else 1.

    Raises:
        InputError: nothing can be done at all: no or no fitting model, a path that does not exist, outputs that clash.
    """
    options = request.options
    if not options.model:
        raise InputError("--model is missing: name an exported model, saved_models/<run>; `main.py train` makes one")
    started, outcomes = time.monotonic(), Counter()
    jobs = plan(options)
    colorizer = _load(options.model) if any(not job.problem for job in jobs) else None
    with console.progress("colorizing", len(jobs), "picture") as advance:
        for job in jobs:
            outcomes[_do(job, colorizer, options.max_pixels, console)] += 1
            advance(1)
    counts = ", ".join(f"{outcomes[name]:,} {name}" for name in ("colorized", "failed", "skipped"))
    console.say(f"{counts}, {time.monotonic() - started:.1f} s, in {Path(options.output)}/")
    return 0 if outcomes["colorized"] == len(jobs) else 1


def _load(path: str) -> Callable:
    # TensorFlow takes seconds to import: only when what was asked for makes sense.
    return quiet_import("colorization.inference").load_colorizer(path)


def _do(job: Job, colorizer: Callable | None, max_pixels: int, console) -> str:
    """Colorize one picture and say what there is to say of it. Returns "colorized", "failed" or "skipped"."""
    if job.problem:
        console.warn(job.problem)
        return "skipped" if job.exists else "failed"
    try:
        notes = _colorize(job, colorizer, max_pixels)
    except InputError as error:
        console.warn(str(error))
        return "failed"
    except OSError as error:
        console.warn(f"{job.output}: not written: {error.strerror or error}")
        return "failed"
    except MemoryError:
        console.warn(f"{job.source}: too large for the memory of this machine")
        return "failed"
    if notes:
        console.say(f"{job.source}: {'; '.join(notes)}")
    return "colorized"


def _colorize(job: Job, colorizer: Callable, max_pixels: int) -> tuple[str, ...]:
    """Read, colorize, put the transparency back, write. Returns the notes for the user."""
    from tensorflow.errors import ResourceExhaustedError  # loaded by now, with the model

    photograph = read_picture(job.source, max_pixels)
    try:
        coloured = colorizer(photograph.rgb)
    except ResourceExhaustedError as error:
        raise MemoryError from error
    job.output.parent.mkdir(parents=True, exist_ok=True)
    write_picture(job.output, coloured, photograph.alpha, job.format)
    renamed = () if job.output.name == job.source.name else (f"written as {job.output.name}",)
    return (*photograph.notes, *renamed)
