"""What a command is given for a console."""

from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Notebook:
    """A console that remembers."""

    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    advanced: int = 0

    def say(self, line: str) -> None:
        self.said.append(line)

    def warn(self, line: str) -> None:
        self.warned.append(line)

    @contextmanager
    def progress(self, title: str, total: int, unit: str):
        self.advanced = 0

        def advance(done: int) -> None:
            self.advanced += done

        yield advance
        assert self.advanced == total or not total
