"""The server: endpoint and page behind one gate, on a socket, until a signal ends it at once."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import uvicorn
from starlette.exceptions import HTTPException

from colorization.errors import InputError, Terminated
from colorization.serving.bounded_work import BoundedWork
from colorization.serving.endpoint import METHODS, create_app
from colorization.serving.gate import Gate
from colorization.serving.service import Service
from colorization.serving.visits import SWEEP_SECONDS, Visits

try:
    import fcntl
except ImportError:  # Windows, which has no such locks
    fcntl = None

MEGABYTE = 1_000_000
DELETIONS = 50  # tries, where another thread writes there, or holds a file open
PREFIX, LOCK = "colorization-", "lock"  # of private folders, and of the file that says whether their server lives


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only this user may enter, for all that this process puts aside; gone in the end.

    It is locked as long as the process lives, so that the next server can tell, and delete, what a killed one left.
    """
    _delete_what_killed_servers_left()
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder,
        Path(folder, LOCK).open("w") as lock,
    ):
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        tempfile.tempdir = str(Path(folder).resolve())  # what the web's libraries put aside goes there, too
        try:
            yield Path(tempfile.tempdir)
        finally:
            tempfile.tempdir = None


def _delete_what_killed_servers_left() -> None:
    if fcntl is None:  # nothing says whether their server lives
        return
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open() as file:  # it is another user's, or its server lives
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def serve(models: Mapping[str, Path], options, bound: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal raises something here, in the main thread.

    The server runs in a thread of its own that nobody waits for: uvicorn would let what is on its way come to an end,
    however long that takes, and an interrupted upload can be started again.

    Args:
        models: exported models by the names that visitors choose from.
        options: a ServeOptions.
        ready: called as soon as the address answers.

    Raises:
        InputError: the first model cannot be loaded, or the server cannot start.
    """
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # of a broken form its sender is told, nobody else
    with private_folder() as folder:
        service = Service(models, options.max_pixels)
        service.warm_up()
        app = build_app(service, options, folder)
        server = Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="on"))
        server.ready = ready
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            thread.join()
        except (KeyboardInterrupt, Terminated) as stop:
            atexit.register(_leave, folder, 130 if isinstance(stop, KeyboardInterrupt) else 143)
            raise
        finally:  # a second Ctrl-C must not end the deletion of what lies in the folder
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise InputError("the server has ended; the lines above say why")


def _leave(folder: Path, status: int) -> None:
    """End the process without waiting for its threads: neither a picture on its way nor an import can be stopped.

    The page's library, if it is still being imported, makes its folder again after the deletion.
    """
    for _ in range(DELETIONS):
        if not folder.exists():
            break
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.01)
    os._exit(status)


def build_app(service: Service, options, folder: Path):
    """Return everything that answers at the address: programs at once, the page when its library is there."""
    max_upload = options.max_upload * MEGABYTE
    work, visits = BoundedWork(options.at_once, options.waiting), Visits(folder / "visits")

    def build_page():
        os.environ["GRADIO_TEMP_DIR"] = str(visits.folder)  # before the import, which makes that folder
        from colorization.serving.page import page_app

        return page_app(service, work, visits, max_upload)

    app, page = create_app(service, work, max_upload), LatePage(build_page)
    app.router.lifespan_context = lambda _: _together(visits, page)
    app.mount("/", page)
    app.add_middleware(Gate, visits=visits, max_upload=max_upload, programs=METHODS)
    return app


class LatePage:
    """The page's ASGI app, which takes seconds to import; requests that come earlier wait for it."""

    def __init__(self, build: Callable):
        self._build, self._built, self._app = build, asyncio.Event(), None

    async def __call__(self, scope, receive, send):
        await self._built.wait()
        if self._app is None:
            raise HTTPException(503, "the page could not be started; the server's log says why")
        await self._app(scope, receive, send)

    async def run(self):
        """Build the page and keep it running until the task is cancelled."""
        try:
            app = await asyncio.to_thread(self._build)
            async with app.router.lifespan_context(app):
                self._app = app
                self._built.set()
                await asyncio.Event().wait()
        finally:
            self._built.set()  # also where it failed: nobody waits for ever


@contextlib.asynccontextmanager
async def _together(visits: Visits, page: LatePage):
    async def sweep_forever():
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await asyncio.to_thread(visits.sweep)

    def log_failure(task: asyncio.Task) -> None:
        if not task.cancelled() and task.exception():
            logging.getLogger(__name__).error("a task of the server failed", exc_info=task.exception())

    tasks = [asyncio.create_task(each) for each in (sweep_forever(), page.run())]
    for task in tasks:
        task.add_done_callback(log_failure)
    yield
    for task in tasks:
        task.cancel()


class Server(uvicorn.Server):
    """A uvicorn server that says when it answers."""

    ready: Callable[[], None]

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()
