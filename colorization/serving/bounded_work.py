"""Work that a server does for many: only so many jobs at once, only so many waiting, the next one is refused."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from colorization.errors import InputError


class BusyError(InputError):
    """As many jobs as may wait are waiting."""


class BoundedWork:
    """A queue with threads of its own, which die with the process: a server that is told to end does not wait for them.

    at_once: jobs that run at the same time. waiting: jobs that may wait for them.
    """

    def __init__(self, at_once: int, waiting: int):
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._jobs: queue.SimpleQueue[tuple[Future, Callable]] = queue.SimpleQueue()
        self._most = at_once + waiting
        for _ in range(at_once):
            threading.Thread(target=self._work, daemon=True).start()

    async def run(self, job: Callable, *args):
        """Return what job(*args) gives; what it raises is raised here. A cancelled waiter frees its slot.

        Raises:
            BusyError: there is no place.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError(f"busy: {self._most} pictures are being colorized or waiting; try again in some seconds")
        future = Future()
        future.add_done_callback(lambda _: self._places.release())
        self._jobs.put((future, lambda: job(*args)))
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        while True:
            self._do(*self._jobs.get())

    @staticmethod
    def _do(future: Future, job: Callable) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = job()
        except BaseException as error:  # handed to who asked; the thread lives on
            future.set_exception(error)
        else:
            future.set_result(result)
