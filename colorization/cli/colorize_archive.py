"""`colorize` of an archive: a folder, a manifest or an address, whole or a shard of it, here or on a Ray cluster."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from colorization.cli.output_paths import check_can_be_written
from colorization.cli.program import STARTED
from colorization.cli.report import COLORIZED, FAILED, SET_ASIDE, SKIPPED, Report, summary
from colorization.cluster.deaths import Diary
from colorization.cluster.manifest import is_manifest
from colorization.cluster.shards import Shard
from colorization.cluster.work_list import Work, list_work
from colorization.errors import InputError
from colorization.images.storage import LocalFolder, called, folder_at, is_address, resolve
from colorization.inference.input_checks import TONED
from colorization.painting.job import Outcome

ONLY_FOR = {  # options that an archive cannot have
    **dict.fromkeys(("hint", "hints", "hint_radius"), "one photograph; a manifest has a column of hints"),
    **dict.fromkeys(("raw", "from_", "to", "preview", "resume"), "films"),
    "keep_time": "files on a disk",
}


def is_archive(options) -> bool:
    """Return whether the command line asks for what this file does."""
    words = (*options.pictures, options.output)
    return bool(options.engine or options.shard) or any(is_address(word) or is_manifest(word) for word in words)


def colorize_archive(options, size: int | str, console) -> int:
    """Colorize what one word of the command line names; return 0 if no picture failed, else 1.

    A picture whose files lie at the target is done: the same command again goes on.

    Raises:
        InputError: nothing can be done at all, or what is asked for does not go together.
    """
    _check(options)
    shard = Shard.parse(options.shard) if options.shard else Shard()
    target = folder_at(options.output)
    if isinstance(target, LocalFolder):
        check_can_be_written(Path(target.address))
    works, counts = list_work(options, shard), Counter()
    console.how_to_go_on = "the same command again colorizes the pictures that are not done yet"
    with console.progress("colorizing", 0, "picture") as advance, Report(options.report) as report:
        diary = Diary(target, f".colorized-{shard.index}-of-{shard.count}.json")
        todo = _todo(works, counts, report, console)
        with contextlib.closing(_outcomes(todo, diary, size, options)) as outcomes:
            for outcome in outcomes:
                _tell(outcome, counts, report, console)
                advance(1)
    if counts[TONED]:
        console.say(f"{counts[TONED]:,} pictures are {TONED}")
    console.say(summary(counts, time.monotonic() - STARTED, called(options.output)))
    return 1 if counts[FAILED] + counts[SET_ASIDE] else 0


def _check(options) -> None:
    """Raise InputError for what does not go together."""
    if len(options.pictures) > 1:
        raise InputError("--engine, --shard, manifests and addresses take one folder, manifest or address; name one")
    for name, what in ONLY_FOR.items():
        if getattr(options, name):
            flag = f"--{name.strip('_').replace('_', '-')}"
            raise InputError(f"{flag} is not for --engine, --shard, manifests and addresses, but for {what}")
    if is_address(options.report):
        raise InputError(f"--report {options.report} is an address; rows are added to a file of this machine: name one")


def _todo(works: Iterator[Work], counts: Counter, report: Report, console) -> Iterator[Work]:
    """Yield the works that can be done; the others are told of and counted."""
    for work in works:
        if not work.problem:
            yield work
            continue
        what = SKIPPED if work.done else FAILED
        counts[what] += 1
        report.add(what, Outcome(called(work.source), problem=work.problem))
        if not work.done:
            console.warn(work.problem)


def _outcomes(works: Iterator[Work], diary: Diary, size: int | str, options) -> Iterator[Outcome]:
    """Return what becomes of works, by the engine that is asked for; raises InputError as the engines do."""
    from colorization.cluster.painter import ArchivePainter  # here: the progress is seen before they are imported
    from colorization.painting.asked import picture_colorizer

    folder = str(Path.cwd())
    paint = ArchivePainter(picture_colorizer(options, [], size), folder, resolve(folder, options.output))
    if options.engine == "ray":
        from colorization.cluster.ray_engine import Cluster, colorize_on_ray

        return colorize_on_ray(paint, works, diary, Cluster(options.address, options.workers))
    from colorization.cluster.one_machine import colorize_here

    return colorize_here(paint, works, diary, options.jobs)


def _tell(outcome: Outcome, counts: Counter, report: Report, console) -> None:
    """Report one picture's result; what is noted of it only the report says, of millions."""
    what = SET_ASIDE if outcome.set_aside else FAILED if outcome.problem else COLORIZED
    counts[what] += 1
    counts[TONED] += TONED in outcome.notes
    report.add(what, outcome)
    if outcome.problem:
        console.warn(outcome.problem)
