"""An archive, or a shard of it, on this machine, in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from colorization.cluster.deaths import Diary
from colorization.cluster.work_list import Work
from colorization.errors import Terminated
from colorization.inference.batch import in_order
from colorization.painting.job import Outcome

TOGETHER = 64  # pictures between two entries of the diary


def colorize_here(
    paint: Callable[[Work], Outcome], works: Iterator[Work], diary: Diary, threads: int
) -> Iterator[Outcome]:
    """Yield what became of each work, in about their order.

    No picture is blamed if the caller or a signal ends it early. Any other end counts as a death of those in hand.
    Raises OSError if the diary cannot be written.
    """
    try:
        while batch := list(islice(works, TOGETHER)):
            aside, groups = diary.deaths.divide(batch)
            yield from aside
            for group in groups:
                diary.write(group)
                yield from in_order(paint, group, lambda work: 0, threads)
                diary.deaths.forget(work.name for work in group)
    except (GeneratorExit, KeyboardInterrupt, Terminated):
        diary.close()
        raise
    diary.close()
