"""Ctrl-C and SIGTERM while a file is written: they wait for a moment at which nothing of it is lost."""

from __future__ import annotations

import signal

from colorization.errors import Terminated


class HeldSignals:
    """A context in which the first Ctrl-C or SIGTERM waits until `check` or the end; a second one ends the process.

    Raised at any moment, it would lose a picture that is encoded and not yet written.
    """

    def __init__(self):
        self.received = 0

    def __enter__(self) -> HeldSignals:
        self.before = {number: signal.signal(number, self._hold) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind, error, trace) -> None:
        if not self.received:
            for number, handler in self.before.items():
                signal.signal(number, handler)
        elif kind not in (KeyboardInterrupt, Terminated):
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt or Terminated if the signal has come."""
        if self.received:
            raise KeyboardInterrupt if self.received == signal.SIGINT else Terminated

    def _hold(self, number: int, frame) -> None:
        self.received = number
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
