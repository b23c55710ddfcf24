"""The server: endpoint and page behind one gate, on a socket, until a signal ends it at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import uvicorn

from colorization.errors import InputError
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
    however long that takes, and whoever is in the middle of an upload can start it again.

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
        finally:  # a second Ctrl-C must not end the deletion of what lies in the folder
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise InputError("the server has ended; the lines above say why")


def build_app(service: Service, options, folder: Path):
    """Everything that answers at the address."""
    max_upload = options.max_upload * MEGABYTE
    work, visits = BoundedWork(options.at_once, options.waiting), Visits(folder / "visits")
    os.environ["GRADIO_TEMP_DIR"] = str(visits.folder)
    # not before: Gradio makes its folder when it is imported
    from colorization.serving.page import build_page, mount_page

    app = create_app(service, work, max_upload)
    app.router.lifespan_context = lambda _: _swept(visits)
    mount_page(app, build_page(service, work, visits), max_upload)
    app.add_middleware(Gate, visits=visits, max_upload=max_upload, programs=METHODS)
    return app


@contextlib.asynccontextmanager
async def _swept(visits: Visits):
    async def forever():
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await asyncio.to_thread(visits.sweep)

    task = asyncio.create_task(forever())
    yield
    task.cancel()


class Server(uvicorn.Server):
    """A uvicorn server that says when it answers."""

    ready: Callable[[], None]

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()
