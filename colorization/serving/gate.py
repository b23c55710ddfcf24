"""What stands before the page: only the addresses that it needs, and each file only for the visitor it belongs to.

Gradio by itself serves every file to everyone who knows its address, fetches foreign addresses that it is asked for,
and has doors for programs that the page does not need. All that is closed here, whatever Gradio adds to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import JSONResponse

from colorization.serving.visits import Visits

COOKIE = "visitor"
PUBLIC = re.compile(r"/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|(assets|static|svelte)/.+)?")
CALLS = re.compile(r"/gradio_api/(queue/(join|data)|upload(_progress)?|heartbeat/\w+|startup-events|reset|cancel)/?")
FILE, UPLOAD, JOIN = "/gradio_api/file=", "/gradio_api/upload", "/gradio_api/queue/join"
UPLOADS_KEPT = 40  # largest ones that may lie on the disk at once, with what was made of them
FORM_BYTES = 100_000  # what a browser's form adds around a picture; also the most that an event's own data may have
READ_AWAY_SECONDS = 60
POLICY = (  # the browser itself asks no other host, whatever the page may hold
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'self'; frame-ancestors 'self'"
)


class Gate:
    """ASGI middleware around the whole server.

    Args:
        max_upload: bytes of a picture's file.
        programs: addresses that are not the page's, each with its one method; nothing is kept of what comes there.
    """

    def __init__(self, app, visits: Visits, max_upload: int, programs: Mapping[str, str]):
        self.app, self.visits, self.max_upload, self.programs = app, visits, max_upload, programs

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in self.programs:
            await self._answer_program(scope, receive, send)
        else:
            await self._answer_page(scope, receive, send)

    async def _answer_program(self, scope, receive, send):
        method, body = self.programs[scope["path"]], Body(scope, receive, 10 * self.max_upload)

        async def answer(message):
            if message["type"] == "http.response.start" and message["status"] >= 400:
                await body.read_away()
            await send(message)

        if scope["method"] == method:
            await self.app(scope, body.receive, answer)
        else:
            told = {"error": f"{scope['path']} takes {method}, not {scope['method']}"}
            await JSONResponse(told, 405, {"Allow": method})(scope, body.receive, answer)

    async def _answer_page(self, scope, receive, send):
        path, visitor = scope["path"], visitor_of(Headers(scope=scope).get("cookie", ""))
        answer = self._send(path, visitor, send)
        refusal = self._refusal(path, visitor, Headers(scope=scope))
        if not refusal and path.rstrip("/") == JOIN:
            body = await _body(receive)
            refusal = self._refusal_of_event(body, visitor)
            receive = _replay(body, receive)
        if refusal:
            await JSONResponse({"error": refusal[1]}, refusal[0])(scope, receive, answer)
        else:
            await self._pass_on(scope, receive, answer)

    async def _pass_on(self, scope, receive, send):
        """The page's own answer; quiet about visitors who leave in the middle of an upload."""
        left = []

        async def heard():
            message = await receive()
            left.extend([True] if message["type"] == "http.disconnect" else [])
            return message

        try:
            await self.app(scope, heard, send)
        except (ClientDisconnect, RuntimeError):  # RuntimeError: Gradio had begun to answer that it failed
            if not left:
                raise

    def _refusal(self, path: str, visitor: str, headers: Headers) -> tuple[int, str] | None:
        """Status and reason if this address is not for this visitor."""
        if path.startswith(FILE):
            if self.visits.owns(visitor, path.removeprefix(FILE)):
                self.visits.keep(path.removeprefix(FILE))
                return None
        elif PUBLIC.fullmatch(path):
            return None
        elif CALLS.fullmatch(path):
            if not visitor:
                return 403, "this is the page's own address; open the page in a browser, or use POST /colorize"
            length = headers.get("content-length", "")
            if path.rstrip("/") == UPLOAD and not (length.isdigit() and int(length) <= self.max_upload + FORM_BYTES):
                return 413, f"too large; this server takes up to {self.max_upload:,} bytes"
            if path.rstrip("/") == UPLOAD and self.visits.kept_bytes() > UPLOADS_KEPT * self.max_upload:
                return 503, "busy: many visitors' pictures are kept now; try again in some minutes"
            return None
        return 404, "there is nothing at this address"

    def _refusal_of_event(self, body: bytes | None, visitor: str) -> tuple[int, str] | None:
        """Status and reason if an event names a file that is not this visitor's, or an address to be fetched."""
        try:
            paths = _paths(json.loads(body or b""))
        except (ValueError, RecursionError):  # RecursionError: lists in lists in lists
            return 400, "no event, or too long a one"
        if not all(isinstance(path, str) and self.visits.owns(visitor, path) for path in paths):
            return 403, "this file is not yours, or no longer there"
        return None

    def _send(self, path: str, visitor: str, send):
        """`send` that gives new visitors their cookie, and files that were uploaded to who uploaded them."""
        uploaded = bytearray()

        async def answer(message):
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["Referrer-Policy"] = "no-referrer"
                if path.startswith(FILE):
                    headers["Cache-Control"] = "no-store"  # the browser's own disk must not outlive the visit either
                if path == "/" and not visitor:
                    word = secrets.token_urlsafe(24)
                    headers.append("Set-Cookie", f"{COOKIE}={word}; Path=/; HttpOnly; SameSite=Strict")
            elif path.rstrip("/") == UPLOAD:
                uploaded.extend(message.get("body", b""))
                if not message.get("more_body"):
                    for file in _list(bytes(uploaded)):  # before the visitor hears of them
                        self.visits.give(visitor, file)
            await send(message)

        return answer


class Body:
    """What a program sends. Before an error is told it is read to its end: few programs look for an answer before they
    have sent everything, and would find the connection closed. Those that do say "Expect", and are told at once.

    most: bytes that are read away.
    """

    def __init__(self, scope, receive, most: int):
        self._receive, self._most, self._more = receive, most, True
        self._waits = "expect" in Headers(scope=scope)

    async def receive(self):
        message = await self._receive()
        self._waits = False
        self._more = message.get("more_body", False)
        return message

    async def read_away(self) -> None:
        read = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READ_AWAY_SECONDS):
                while self._more and not self._waits and read < self._most:
                    read += len((await self.receive()).get("body", b""))


def visitor_of(cookies: str) -> str:
    """The secret word in a Cookie header; "" if there is none, or one that is not ours."""
    word = cookie_parser(cookies).get(COOKIE, "")  # not Python's own, which gives up at other programs' odd cookies
    return word if re.fullmatch(r"[\w-]{32}", word) else ""


def _paths(value) -> list:
    """All that is called "path" in what came as JSON: how Gradio names a file, or what it is to fetch."""
    if isinstance(value, dict):
        return [*([value["path"]] if "path" in value else []), *_paths(list(value.values()))]
    return [path for item in value for path in _paths(item)] if isinstance(value, list) else []


def _list(body: bytes) -> list:
    try:
        answer = json.loads(body)
    except ValueError:
        return []
    return answer if isinstance(answer, list) else []


async def _body(receive) -> bytes | None:
    """The whole body of a request; None if it is too long or breaks off."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect" or len(body) > FORM_BYTES:
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _replay(body: bytes | None, receive):
    """`receive` that gives the body once more, then what comes after it."""
    told = []

    async def again():
        if told or body is None:
            return await receive()
        told.append(True)
        return {"type": "http.request", "body": body, "more_body": False}

    return again
