"""What a program or the page sends: a picture as the whole body or as a file of a form, within the limits."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from colorization.serving.bounded_work import BusyError
from colorization.serving.service import TooMuchError, Upload, check_names

FILES = ("picture", "reference")  # of a form
FORM_BYTES = 100_000  # what a form may add around its files
UPLOADS_AT_ONCE, UPLOAD_SECONDS = 16, 300  # received at once, each in memory; a sender that dawdles is sent away
READ_AWAY_SECONDS = 60


class Uploads:
    """Receives pictures, only so many at once. max_upload: bytes of one file."""

    def __init__(self, max_upload: int):
        self.max_upload = max_upload
        self._places = threading.BoundedSemaphore(UPLOADS_AT_ONCE)

    async def receive(self, request: Request) -> dict[str, Upload]:
        """Return the files of a request by their names in FILES; a body that is no form is the picture.

        Raises:
            BusyError: too many are being received. TooMuchError: a file is too large.
            HTTPException: a broken form, no picture in it, or a sender that is too slow.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError(f"busy: {UPLOADS_AT_ONCE} pictures are being received; try again in some seconds")
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                if request.headers.get("content-type", "").startswith("multipart/form-data"):
                    return await self._form(request)
                return {"picture": Upload("the picture", await self._body(request, self.max_upload))}
        except TimeoutError as error:
            raise HTTPException(408, f"the picture did not arrive within {UPLOAD_SECONDS} s") from error
        finally:
            self._places.release()

    async def _form(self, request: Request) -> dict[str, Upload]:
        body = await self._body(request, len(FILES) * self.max_upload + FORM_BYTES)

        async def once():
            yield body

        try:
            parser = MultiPartParser(request.headers, once(), max_files=len(FILES), max_fields=len(FILES))
            parser.spool_max_size = len(body)  # in memory: beyond this size it would put the picture on disk
            form = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(400, f"broken form: {error.message}") from error
        check_names(form, FILES, "field of a form", "; parameters stand in the address")
        files = {name: file for name, file in form.items() if not isinstance(file, str)}
        if "picture" not in files:
            raise HTTPException(400, "the form has no file called picture; with curl: -F picture=@old.jpg")
        uploads = {name: Upload(file.filename or f"the {name}", await file.read()) for name, file in files.items()}
        await form.close()
        if any(len(upload.content) > self.max_upload for upload in uploads.values()):
            raise self._too_long()
        return uploads

    async def _body(self, request: Request, limit: int) -> bytes:
        """Return the whole body; raises TooMuchError if it is longer than limit, in bytes."""
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise self._too_long()
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > limit:
                raise self._too_long()
        return bytes(body)

    def _too_long(self) -> TooMuchError:
        return TooMuchError(f"the picture's file is too large; this server takes up to {self.max_upload:,} bytes")


class ReadAway:
    """ASGI middleware: before an error is told, what is still being sent is read to its end.

    Few programs look for an answer before they have sent everything, and would find the connection closed. Those that
    do say "Expect", and are told at once. most: bytes that are read away.
    """

    def __init__(self, app, most: int):
        self.app, self.most = app, most

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, self.most)

        async def answer(message):
            if message["type"] == "http.response.start" and message["status"] >= 400:
                await body.read_away()
            await send(message)

        await self.app(scope, body.receive, answer)


class _Body:
    def __init__(self, scope, receive, most: int):
        headers = Headers(scope=scope)
        self._receive, self._most, self._waits = receive, most, "expect" in headers
        self._more = "content-length" in headers or "transfer-encoding" in headers

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
