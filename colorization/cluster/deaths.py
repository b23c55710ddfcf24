"""Pictures over which a process died: tried again alone, and set aside by name after the third time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from colorization.cluster.work_list import Work
from colorization.images.storage import Folder, called
from colorization.painting.job import Outcome

MOST = 3  # processes that may die over one picture


class Deaths:
    """How often a process died while it worked on a picture, or on others together with it."""

    def __init__(self, counts: Mapping[str, int] = {}):  # noqa: B006 (is only read)
        self._counts = Counter(counts)

    def blame(self, names: Iterable[str]) -> None:
        """Count one more death for pictures that a process was working on, by their names at the target."""
        self._counts.update(names)

    def forget(self, names: Iterable[str]) -> None:
        """Note that pictures came through."""
        for name in names:
            self._counts.pop(name, None)

    def divide(self, works: list[Work], why: str = "") -> tuple[list[Outcome], list[list[Work]]]:
        """Return outcomes of works that are set aside, and the others in groups to work on: each suspect alone.

        why: what the last death was like, if somebody knows.
        """
        aside = [work for work in works if self._counts[work.name] >= MOST]
        alone = [work for work in works if 0 < self._counts[work.name] < MOST]
        together = [work for work in works if not self._counts[work.name]]
        return [_set_aside(work, why) for work in aside], [
            group for group in (together, *([each] for each in alone)) if group
        ]

    def counts(self) -> dict[str, int]:
        """Return the deaths by name, of pictures that did not come through since."""
        return dict(self._counts)


def _set_aside(work: Work, why: str) -> Outcome:
    source = called(work.source)
    because = f" ({why})" if why else ""
    return Outcome(source, problem=f"{source}: set aside: {MOST} processes died over it{because}", set_aside=True)


class Diary:
    """What this call works on, and the deaths so far, in a small file at the target.

    What the file says to be worked on when it is opened, a call worked on that was killed.
    """

    def __init__(self, target: Folder, name: str):
        """name: of the file. What cannot be read says nothing."""
        self._target, self._name, self._is_there = target, name, False
        self.deaths = Deaths()
        try:
            told = json.loads(target.read(name))
            self.deaths = Deaths({str(name): int(count) for name, count in told["deaths"].items()})
            self.deaths.blame(map(str, told["begun"]))
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return
        self._is_there = True

    def write(self, begun: list[Work]) -> None:
        """Write down the deaths, and what this process works on from now on; raises OSError."""
        told = {"begun": [work.name for work in begun], "deaths": self.deaths.counts()}
        self._target.write(self._name, json.dumps(told).encode())
        self._is_there = True

    def close(self) -> None:
        """Write down the deaths; without any, delete the file. Raises OSError."""
        if self.deaths.counts():
            self.write([])
        elif self._is_there:
            self._target.delete(self._name)
