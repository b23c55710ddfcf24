"""The HTTP endpoint: POST /colorize takes a picture's bytes and gives a picture's bytes, or an error as JSON.

The page asks the same addresses as every program does; /preview and /likely are what it needs beside them.
"""

from __future__ import annotations

import asyncio
import json
import math
import mimetypes
from collections.abc import Callable, Mapping

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from colorization.config.commands import RANGES
from colorization.errors import InputError, one_line
from colorization.inference.hints import MOST as MOST_HINTS
from colorization.inference.hints import parse_hint
from colorization.inference.palettes import palette_shares, parse_palette
from colorization.inference.presets import NUMBERS
from colorization.serving.bounded_work import BoundedWork, BusyError
from colorization.serving.service import (
    LEAST_INPUT_SIZE,
    MOST_INPUT_SIZE,
    BrokenModelError,
    ColorizationRequest,
    Service,
    TooMuchError,
    UnfitRequestError,
    Upload,
    check_names,
    without_dashes,
)
from colorization.serving.uploads import Uploads

PARAMETERS = ("model", "look", *NUMBERS, "hint", "palette", "input_size")
STATUS = {BusyError: 503, UnfitRequestError: 422, TooMuchError: 413, BrokenModelError: 500}  # any other InputError: 400
RETRY_SECONDS = 5
LARGEST_PREVIEW = 4096  # px, longer side
MEDIA_TYPES = {  # of endings that not every system knows
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".jxl": "image/jxl",
    ".jp2": "image/jp2",
}
GONE = 499  # nginx' number for a client that hung up; nobody reads it


class Endpoint:
    """What answers programs: routes of a Starlette app."""

    def __init__(self, service: Service, work: BoundedWork, max_upload: int):
        self.service, self.work, self.uploads = service, work, Uploads(max_upload)

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health),
            Route("/models", self.models),
            Route("/colorize", self.colorize, methods=["POST"]),
            Route("/film", self.film, methods=["POST"]),
            Route("/preview", self.preview, methods=["POST"]),
            Route("/likely", self.likely, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """Answer that the server lives, and which models it has."""
        return JSONResponse({"status": "ok", "models": self.service.names})

    async def models(self, request: Request) -> Response:
        """Answer what each model takes."""
        return JSONResponse([await self.work.run(self.service.described, name) for name in self.service.names])

    async def colorize(self, request: Request) -> Response:
        """Answer a picture in colour, in its own format where that can hold it."""
        asked = asked_of(request.query_params, PARAMETERS)
        self.service.check_model(asked.model)  # before the picture is received
        files = await self.uploads.receive(request)
        return await self._done(request, _colorized, self.service, files, asked)

    async def film(self, request: Request) -> Response:
        """Answer a short film in colour, as an MP4."""
        asked = asked_of(request.query_params, PARAMETERS)
        self.service.check_model(asked.model)
        files = await self.uploads.receive(request)
        return await self._done(request, _film, self.service, files, asked)

    async def preview(self, request: Request) -> Response:
        """Answer a picture as it is, not larger than `side` px, as a browser can show it.

        The header X-Picture says of the picture itself, as JSON: width, height, format, ending, grey, notes.
        """
        check_names(request.query_params, ("side",), "parameter")
        side = _number(request.query_params, "side", 16, LARGEST_PREVIEW) or LARGEST_PREVIEW
        files = await self.uploads.receive(request)
        return await self._done(request, _previewed, self.service, files, int(side))

    async def likely(self, request: Request) -> Response:
        """Answer the colours that the network finds likely at the pixel x, y, as JSON."""
        query = request.query_params
        asked = asked_of(query, (*PARAMETERS, "x", "y"))
        x, y = (_number(query, name, 0, math.inf) for name in ("x", "y"))
        if x is None or y is None:
            raise UnfitRequestError("say at which pixel: x=120&y=80")
        self.service.check_model(asked.model)
        files = await self.uploads.receive(request)
        return await self._done(request, _likely, self.service, files, asked, (int(x), int(y)))

    async def _done(self, request: Request, job: Callable, *args) -> Response:
        """Return the job's response; if the client hangs up, the job's place in the queue is another's."""
        work, gone = asyncio.ensure_future(self.work.run(job, *args)), asyncio.ensure_future(_hung_up(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            return work.result()
        finally:
            work.cancel()
            gone.cancel()


def asked_of(query: QueryParams, known: tuple[str, ...]) -> ColorizationRequest:
    """Return what the parameters of an address ask for; raises UnfitRequestError for what is wrong or unknown."""
    check_names(query, known, "parameter")
    words = query.getlist("hint")
    if len(words) > MOST_HINTS:
        raise UnfitRequestError(f"{len(words):,} hints; give at most {MOST_HINTS:,}")
    try:
        return ColorizationRequest(
            model=query.get("model", ""),
            look=query.get("look", ""),
            hints=tuple(map(parse_hint, words)),
            reference=palette_shares(parse_palette(query["palette"])) if query.get("palette") else None,
            input_size=int(_number(query, "input_size", LEAST_INPUT_SIZE, MOST_INPUT_SIZE) or 0),
            **{name: _number(query, name, *RANGES[name]) for name in NUMBERS},
        )
    except UnfitRequestError:
        raise
    except InputError as error:
        raise UnfitRequestError(without_dashes(str(error)).replace("#", "")) from error  # an address ends at a #


def _number(query: QueryParams, name: str, least: float, most: float) -> float | None:
    """Return the number that a parameter is, None where it is not given."""
    word = query.get(name)
    if word is None:
        return None
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and least <= number <= most):
        limits = f"of {least:g} or more" if most == math.inf else f"from {least:g} to {most:g}"
        raise UnfitRequestError(f"{name}={word}: give a number {limits}")
    return number


def _colorized(service: Service, files: Mapping[str, Upload], asked: ColorizationRequest) -> Response:
    result = service.colorize(files["picture"], asked, files.get("reference"))
    return Response(result.encoded(), media_type=_media_type(result.ending))


def _film(service: Service, files: Mapping[str, Upload], asked: ColorizationRequest) -> Response:
    content = service.colorize_film(files["picture"], asked, files.get("reference"))
    return Response(content, media_type="video/mp4")


def _previewed(service: Service, files: Mapping[str, Upload], side: int) -> Response:
    preview = service.preview(files["picture"], side)
    about = {"X-Picture": json.dumps(preview.about)}  # ASCII, as a header must be
    return Response(preview.encoded, media_type=_media_type(preview.ending), headers=about)


def _likely(service: Service, files: Mapping[str, Upload], asked: ColorizationRequest, place) -> Response:
    return JSONResponse({"colours": service.likely(files["picture"], asked, place, files.get("reference"))})


def _media_type(ending: str) -> str:
    return MEDIA_TYPES.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def told(request: Request, error: InputError) -> Response:
    """Answer a request that cannot be met, in one line."""
    status = STATUS.get(type(error), 400)
    return _error(status, str(error), {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None)


async def refused(request: Request, error: HTTPException) -> Response:
    message, headers = str(error.detail), error.headers or {}
    if error.status_code == 405:
        message = f"{request.url.path} takes {headers['Allow']}, not {request.method}"
    elif error.status_code == 404:
        message = "there is nothing at this address"
    return _error(error.status_code, message, headers)


async def hung_up(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=GONE)


async def fault(request: Request, error: Exception) -> Response:
    return _error(500, "a fault of this server; its log says more")


ERRORS = {InputError: told, HTTPException: refused, ClientDisconnect: hung_up, Exception: fault}


def _error(status: int, message: str, headers=None) -> JSONResponse:
    return JSONResponse({"error": one_line(message)}, status, headers)
