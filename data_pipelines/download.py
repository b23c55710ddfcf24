"""Large files fetched over an unreliable line: resumed where they broke off, and named only when they are checked."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import re
import shutil
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from colorization.errors import InputError
from colorization.progress import Progress, silent

BLOCK = 1 << 20  # bytes
TIMEOUT_S = 30  # without a byte
ATTEMPTS = 5  # in a row that bring nothing
LINE_BROKE = (http.client.HTTPException, urllib.error.URLError, ssl.SSLError, TimeoutError, ConnectionError)


class UnreachableError(InputError):
    """A file could not be fetched from the net; reason: why, in a few words."""

    def __init__(self, message: str, reason: str):
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Remote:
    """A file on the net: its size in bytes and its SHA-256 as published.

    instead: what the user can do with the file when it was fetched elsewhere.
    """

    url: str
    size: int
    sha256: str
    instead: str = "put it into a folder and give that with --data-dir"

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]


def fetch(remote: Remote, folder: Path, progress: Progress = silent) -> Path:
    """Return the file in `folder`, fetched if it is not there. What an earlier call left behind is gone on with.

    Raises:
        InputError: no network, wrong length or checksum, no room, or another run is just fetching it.
    """
    target = folder / remote.name
    if target.is_file() and target.stat().st_size == remote.size:
        return target  # it got this name after its checksum was found right
    part = folder / f"{remote.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            _lock(file, part)
            _fill(file, remote, folder, progress)
            _check(part, remote, progress)
            part.replace(target)
    except OSError as error:
        raise InputError(
            f"{remote.url} cannot be written to {folder} ({error.strerror}); make room or give another --cache-dir"
        ) from error
    return target


def _lock(file: BinaryIO, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(f"another run is fetching {part}; wait until it is done") from error


def _fill(file: BinaryIO, remote: Remote, folder: Path, progress: Progress) -> None:
    """Fetch what is missing; after a cut connection go on, unless several attempts in a row bring nothing."""
    if file.tell() > remote.size:
        file.truncate(0)
        file.seek(0)
    missing = remote.size - file.tell()
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise InputError(f"{remote.name} needs {missing:,} bytes in {folder}, but {free:,} are free; make room")
    with progress(f"downloading {remote.name}", remote.size, "byte") as advance:
        advance(file.tell())
        attempts = ATTEMPTS
        while file.tell() < remote.size:
            before, reason = file.tell(), "the connection was cut"
            try:
                _fetch_rest(file, remote, advance)
            except LINE_BROKE as error:
                reason = str(getattr(error, "reason", error)) or type(error).__name__
                if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                    attempts = 1  # the server means it
            attempts = ATTEMPTS if file.tell() > before else attempts - 1
            if not attempts:
                raise _unreachable(remote, folder, reason)


def _fetch_rest(file: BinaryIO, remote: Remote, advance) -> None:
    """One request for the bytes from the end of the file on; ends early if the connection is cut."""
    start = file.tell()
    request = urllib.request.Request(remote.url, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        if start and answer.status != http.HTTPStatus.PARTIAL_CONTENT:  # the server sends all of it anew
            file.truncate(0)
            file.seek(0)
            advance(-start)
            start = 0
        _check_length(answer, start, remote)
        while block := answer.read(BLOCK):
            file.write(block)
            advance(len(block))
            if file.tell() > remote.size:
                raise InputError(f"{remote.url} sends more than its {remote.size:,} bytes; fetch it by hand")
        file.flush()


def _check_length(answer, start: int, remote: Remote) -> None:
    """What the server says about the length, before gigabytes are fetched for nothing."""
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        stated = (int(match[1]), int(match[2])) if match else (start, remote.size)
    else:
        stated = (0, int(answer.headers.get("Content-Length", remote.size)))
    if stated != (start, remote.size):
        raise InputError(
            f"{remote.url} has {stated[1]:,} bytes from {stated[0]:,} on, {remote.size:,} from {start:,} on were "
            "expected: it is not the published file any more"
        )


def _check(part: Path, remote: Remote, progress: Progress) -> None:
    digest = hashlib.sha256()
    with part.open("rb") as file, progress(f"checking {remote.name}", remote.size, "byte") as advance:
        while block := file.read(BLOCK):
            digest.update(block)
            advance(len(block))
    if digest.hexdigest() != remote.sha256:
        part.unlink()
        raise InputError(
            f"{remote.name} has the SHA-256 {digest.hexdigest()} instead of {remote.sha256}, so it was thrown away; "
            "start again to fetch it anew"
        )


def _unreachable(remote: Remote, folder: Path, reason: str) -> UnreachableError:
    return UnreachableError(
        f"{remote.url} could not be fetched ({reason}); fetch it elsewhere and {remote.instead}, "
        f"or start again to go on with {folder / remote.name}.part",
        reason,
    )
