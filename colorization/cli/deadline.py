"""Ctrl-C and SIGTERM in a heavy command: it ends in order, and by force where that would take too long."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time

from colorization.cli.console import Console
from colorization.errors import Terminated

GRACE_S = 1.0  # that a command has after the signal, to end in order


class Deadline:
    """A context in which a signal ends the process after `GRACE_S` at the latest.

    Python raises an exception for a signal between two of its own instructions only. A training step, or what
    TensorFlow takes down at the end, may last for many seconds before the next one. To leave in the middle loses
    nothing: files are written beside their place and renamed.
    """

    def __init__(self, console: Console):
        self.console = console

    def __enter__(self) -> None:
        self.terminal = os.dup(2)  # while TensorFlow is imported, standard error leads elsewhere
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.writing, False)
        self.before = signal.set_wakeup_fd(self.writing)
        threading.Thread(target=self._wait, daemon=True).start()

    def __exit__(self, kind, error, trace) -> None:
        if kind in (KeyboardInterrupt, Terminated):
            # the thread does not run any more while Python takes itself down
            atexit.register(os._exit, 128 + (signal.SIGTERM if kind is Terminated else signal.SIGINT))
        else:
            signal.set_wakeup_fd(self.before)
            os.close(self.writing)

    def _wait(self) -> None:
        received = os.read(self.reading, 1)  # the signal's number; empty when the command has ended
        if received:
            time.sleep(GRACE_S)
            os.dup2(self.terminal, 2)
            os._exit(self.console.stopped(received[0]))
        os.close(self.reading)
        os.close(self.terminal)
