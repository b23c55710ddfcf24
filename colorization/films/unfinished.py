"""What an interrupted call leaves beside the place of a film, and what `--resume` goes on from.

NAME.part.ENDING     the film as far as it is written
NAME.part.json       what was asked for; only a call that asks for the same may go on
NAME.earlier.ENDING  while a call resumes: the part that it goes on from
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av

from colorization.errors import InputError


@dataclass(frozen=True)
class Unfinished:
    """The files of a film that is not finished. output: the film's name when it will be."""

    output: Path

    @property
    def part(self) -> Path:
        """Return the name under which the film lies while it is written."""
        return self.output.with_name(f"{self.output.stem}.part{self.output.suffix}")

    @property
    def earlier(self) -> Path:
        """Return the name of the part that a call goes on from."""
        return self.output.with_name(f"{self.output.stem}.earlier{self.output.suffix}")

    @property
    def settings(self) -> Path:
        """Return the name of the file that says what was asked for."""
        return self.output.with_name(f"{self.output.stem}.part.json")

    def begin(self, settings: dict) -> None:
        """Delete what an earlier call has left, and note what is asked for; raises InputError."""
        try:
            self.output.parent.mkdir(parents=True, exist_ok=True)
            self.clear()
            self.settings.write_text(json.dumps(settings))
        except OSError as error:
            raise InputError(f"{self.output}: not written: {error.strerror or error}") from error

    def resume(self, settings: dict) -> Path | None:
        """Return the part to go on from; None, and as after `begin`, if no picture is left of an earlier call.

        Raises:
            InputError: the part was begun with other settings.
        """
        if not self.settle():
            self.begin(settings)
            return None
        self._check(settings)
        self.part.replace(self.earlier)
        return self.earlier

    def settle(self) -> Path | None:
        """Keep the part with more pictures and return its name; None, and nothing is left, if none has a picture."""
        pictures = {path: _count_pictures(path) for path in (self.part, self.earlier)}
        longest = max(pictures, key=pictures.get)
        if not pictures[longest]:
            self.clear()
            return None
        if longest != self.part:
            longest.replace(self.part)
        self.earlier.unlink(missing_ok=True)
        return self.part

    def clear(self) -> None:
        """Delete all of it."""
        for path in (self.part, self.earlier, self.settings):
            path.unlink(missing_ok=True)

    def _check(self, settings: dict) -> None:
        try:
            begun = json.loads(self.settings.read_text())
            others = [name for name, value in json.loads(json.dumps(settings)).items() if begun.get(name) != value]
        except (OSError, ValueError, AttributeError) as error:
            raise InputError(
                f"--resume: {self.settings}, which says how {self.part} was begun, cannot be read; "
                "leave --resume out to begin anew"
            ) from error
        if others:
            raise InputError(
                f"--resume: {self.part} was begun with another {', '.join(others)}; "
                "give the same, or leave --resume out to begin anew"
            )


def _count_pictures(path: Path) -> int:
    """Return how many encoded pictures can be read from a file; 0 if there is none, as where a call was killed."""
    count = 0
    try:
        with av.open(str(path.absolute())) as container:
            for packet in container.demux(container.streams.video):
                count += packet.pts is not None
    except (av.FFmpegError, ValueError):  # ValueError: no such stream
        pass
    return count
