"""The door for programs: POST /colorize takes a picture's bytes and gives a picture's bytes, or an error as JSON."""

from __future__ import annotations

import asyncio
import mimetypes
import threading
from collections.abc import Coroutine
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from colorization.errors import InputError, one_line
from colorization.inference.hints import parse_hint
from colorization.inference.presets import NUMBERS
from colorization.serving.bounded_work import BoundedWork, BusyError
from colorization.serving.service import (
    BrokenModelError,
    Service,
    TooMuchError,
    UnfitWishError,
    Wish,
    without_dashes,
)

COLORIZE, HEALTH = "/colorize", "/health"
PARAMETERS = ("model", "look", *NUMBERS, "hint")
METHODS = {COLORIZE: "POST", HEALTH: "GET"}
FORM_BYTES = 100_000  # what a form may add around its picture
STATUS = {BusyError: 503, UnfitWishError: 422, TooMuchError: 413, BrokenModelError: 500}  # any other InputError: 400
RETRY_SECONDS = 5
MEDIA_TYPES = {  # of endings that not every system knows
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".jxl": "image/jxl",
    ".jp2": "image/jp2",
}
UPLOADS_AT_ONCE, UPLOAD_SECONDS = 16, 300  # received at once, each in memory; a sender that dawdles is sent away
GONE = 499  # nginx' number for a client that hung up; nobody reads it


def create_app(service: Service, work: BoundedWork, max_upload: int) -> FastAPI:
    """The server without its page. max_upload: bytes of a picture's file."""
    uploads = threading.BoundedSemaphore(UPLOADS_AT_ONCE)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)  # its own pages would ask other hosts for scripts
    _answer_errors_as_json(app)

    @app.get(HEALTH)
    async def health():
        return {"status": "ok", "models": service.names}

    @app.post(COLORIZE)
    async def colorize(
        request: Request,
        model: str = "",
        look: str = "",
        temperature: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
        saturation: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
        vibrance: Annotated[float | None, Query(ge=0, le=1)] = None,
        hint: Annotated[list[str], Query()] = (),
    ):
        _check_names(request.query_params, PARAMETERS, "parameter")
        try:
            wish = Wish(model, look, temperature, saturation, vibrance, tuple(map(parse_hint, hint)))
        except InputError as error:
            raise UnfitWishError(without_dashes(str(error)).replace("#", "")) from error  # an address ends at a #
        if not uploads.acquire(blocking=False):
            raise BusyError(f"busy: {UPLOADS_AT_ONCE} pictures are being received; try again in some seconds")
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                name, content = await _picture(request, max_upload)
        except TimeoutError as error:
            raise HTTPException(408, f"the picture did not arrive within {UPLOAD_SECONDS} s") from error
        finally:
            uploads.release()
        encoded, ending = await _unless_gone(request, work.run(_colorized, service, content, name, wish))
        known = MEDIA_TYPES.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")
        return Response(encoded, media_type=known)

    return app


def _colorized(service: Service, content: bytes, name: str, wish: Wish) -> tuple[bytes, str]:
    result = service.colorize(content, name, wish)
    return result.encoded(), result.ending


async def _picture(request: Request, max_upload: int) -> tuple[str, bytes]:
    """Name and bytes of the picture: the field `picture` of a form, or the whole body, whatever type it claims."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return "the picture", await _body(request, max_upload, max_upload)
    body = await _body(request, max_upload, max_upload + FORM_BYTES)

    async def once():
        yield body

    try:
        parser = MultiPartParser(request.headers, once(), max_files=1, max_fields=len(PARAMETERS))
        parser.spool_max_size = len(body)  # in memory: beyond this size it would put the picture on disk
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, f"broken form: {error.message}") from error
    _check_names(form, ("picture",), "field of a form", f"; {', '.join(PARAMETERS)} stand in the address")
    picture = form.get("picture")
    if picture is None or isinstance(picture, str):
        raise HTTPException(400, "the form has no file called picture; with curl: -F picture=@old.jpg")
    content = await picture.read()
    await form.close()
    if len(content) > max_upload:
        raise _too_long(max_upload)
    return picture.filename or "the picture", content


async def _body(request: Request, max_upload: int, limit: int) -> bytes:
    """The whole body; raises TooMuchError if it is longer than limit, in bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_long(max_upload)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise _too_long(max_upload)
    return bytes(body)


async def _unless_gone(request: Request, work: Coroutine):
    """What the work gives; if the client hangs up, the work is cancelled: its place in the queue is another's."""
    job, gone = asyncio.ensure_future(work), asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            raise ClientDisconnect
        return job.result()
    finally:
        job.cancel()
        gone.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _check_names(given, known: tuple[str, ...], what: str, advice: str = "") -> None:
    """Raise UnfitWishError for an unknown name: a misspelt `tempreature` must not be ignored."""
    for name in given:
        if name not in known:
            raise UnfitWishError(f"unknown {what} {name!r}; known: {', '.join(known)}{advice}")


def _too_long(max_upload: int) -> TooMuchError:
    return TooMuchError(f"the picture's file is too large; this server takes up to {max_upload:,} bytes")


def _answer_errors_as_json(app: FastAPI) -> None:
    @app.exception_handler(InputError)
    async def told(request, error):
        status = STATUS.get(type(error), 400)
        return _error(status, str(error), {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None)

    @app.exception_handler(RequestValidationError)
    async def wrong_parameter(request, error):
        wrong = error.errors()[0]
        return _error(422, f"{wrong['loc'][-1]}: {wrong['msg']}")

    @app.exception_handler(HTTPException)
    async def refused(request, error):
        return _error(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(ClientDisconnect)
    async def hung_up(request, error):
        return Response(status_code=GONE)

    @app.exception_handler(Exception)
    async def fault(request, error):
        return _error(500, "a fault of this server; its log says more")


def _error(status: int, message: str, headers=None) -> JSONResponse:
    return JSONResponse({"error": one_line(message)}, status, headers)
