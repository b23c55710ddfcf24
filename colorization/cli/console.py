"""The one place that prints: lines, warnings, and progress as a bar in a terminal and as plain lines elsewhere."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from colorization.errors import one_line

LINE_SECONDS = 20  # between two lines of progress where there is no terminal
SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Console:
    """Standard output for results, standard error for warnings and progress.

    how_to_go_on: the line that is said if a signal ends the command; empty = none.
    """

    def __init__(self):
        self.how_to_go_on = ""
        self._unstopped = threading.Lock()  # taken by the thread that says that the command was stopped

    def say(self, line: str = "") -> None:
        tqdm.write(one_line(line), file=sys.stdout)
        sys.stdout.flush()

    def say_block(self, text: str) -> None:
        """Say several lines of our own making, such as a table."""
        for line in text.splitlines():
            self.say(line)

    def warn(self, line: str) -> None:
        tqdm.write(one_line(line), file=sys.stderr)

    def stopped(self, number: int) -> int:
        """Say, once, that the signal `number` ended the command and how to go on; return the exit status."""
        if self._unstopped.acquire(blocking=False):
            if self.how_to_go_on:
                self.say(self.how_to_go_on)
            self.warn(f"stopped by {SIGNALS[number]}")
        return 128 + number

    @contextmanager
    def progress(self, title: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
        """Show colorization.progress.Progress; nothing is left of the bar when it is done.

        total: 0 = nobody knows it yet.
        """
        if sys.stderr.isatty():
            with tqdm(total=total or None, desc=title, unit=f" {unit}s", leave=False, dynamic_ncols=True) as bar:
                yield bar.update
        else:
            yield _Lines(self, title, total, unit).advance


def speed(done: int, seconds: float) -> str:
    """Return how fast work goes: "2.5 a second", or "12.0 s each" where that says more."""
    return f"{done / seconds:.1f} a second" if done >= seconds else f"{seconds / done:.1f} s each"


class _Lines:
    def __init__(self, console: Console, title: str, total: int, unit: str):
        self.console, self.title, self.total, self.unit = console, title, total, unit
        self.done, self.started = 0, time.monotonic()
        self.told = self.started

    def advance(self, done: int) -> None:
        self.done += done
        now = time.monotonic()
        if now - self.told < LINE_SECONDS or not self.done:
            return
        self.told = now
        seconds = now - self.started
        left = f", {(self.total - self.done) * seconds / self.done:.0f} s left" if self.total else ""
        of = f" of {self.total:,}" if self.total else ""
        self.console.warn(f"{self.title}: {self.done:,}{of} {self.unit}s, {speed(self.done, seconds)}{left}")
