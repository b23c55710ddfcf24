"""The server: endpoint and page on a socket, until a signal ends it at once. It keeps no file of anyone's."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from colorization.errors import InputError, Terminated
from colorization.serving.bounded_work import BoundedWork
from colorization.serving.endpoint import ERRORS, Endpoint
from colorization.serving.service import Service
from colorization.serving.uploads import ReadAway

MEGABYTE = 1_000_000
MAX_ADDRESS = 1_000_000  # bytes of an address and its headers; too many hints are told, not cut off
PAGE = Path(__file__).parent / "page"
HEADERS = {  # the browser asks no other host, and keeps nothing, whatever a picture's name may hold
    b"content-security-policy": b"default-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self' blob:; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
}


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
    service = Service(models, options.max_pixels)
    service.warm_up()
    work = BoundedWork(options.at_once, options.waiting)
    app = build_app(service, work, options.max_upload * MEGABYTE, options.root_path)
    limits = {"http": "h11", "h11_max_incomplete_event_size": MAX_ADDRESS}
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off", **limits))
    server.ready = ready
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        thread.join()
    except (KeyboardInterrupt, Terminated) as stop:
        # a picture on its way cannot be stopped, and Python would wait for its thread
        atexit.register(os._exit, 130 if isinstance(stop, KeyboardInterrupt) else 143)
        raise
    finally:  # whoever is impatient sends a second signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise InputError("the server has ended; the lines above say why")


def build_app(service: Service, work: BoundedWork, max_upload: int, root_path: str = "") -> Starlette:
    """Return everything that answers at the address. max_upload: bytes of a picture's file."""
    endpoint = Endpoint(service, work, max_upload)
    page = [Route("/", lambda request: FileResponse(PAGE / "index.html")), Mount("/page", StaticFiles(directory=PAGE))]
    routes = [*endpoint.routes(), *page]
    return Starlette(
        routes=[Mount(prefix(root_path), routes=routes)] if prefix(root_path) else routes,
        middleware=[Middleware(WithHeaders), Middleware(ReadAway, most=10 * max_upload)],
        exception_handlers=ERRORS,
    )


def prefix(root_path: str) -> str:
    """Return "/path" of a --root-path, however it is written; "" of none."""
    return f"/{root_path.strip('/')}".rstrip("/")


class WithHeaders:
    """ASGI middleware that adds HEADERS to every answer."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def answer(message):
            if message["type"] == "http.response.start":
                message = message | {"headers": [*message["headers"], *HEADERS.items()]}
            await send(message)

        await self.app(scope, receive, answer)


class Server(uvicorn.Server):
    """A uvicorn server that says when it answers."""

    ready: Callable[[], None]

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()
