"""Whose file is whose, and for how long: what a visitor gave or got lies in a private folder for some minutes."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterable
from pathlib import Path

KEEP_SECONDS = 600  # after a file was last used
SWEEP_SECONDS = 30  # between two looks for what is old


class Visits:
    """Files in `folder`, which it makes, by the visitor they belong to; nobody else may see them.

    A visitor is the secret word of a cookie. Paths are compared as they are written, so no other spelling leads there.
    """

    def __init__(self, folder: Path, keep_seconds: float = KEEP_SECONDS):
        folder.mkdir()
        self.folder, self.keep_seconds = folder, keep_seconds
        self._owners: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def give(self, visitor: str, path: Path | str) -> None:
        """The file is this visitor's; if two bring the same one it is that of both."""
        with self._lock:
            self._owners.setdefault(str(path), set()).add(visitor)

    def owns(self, visitor: str, path: Path | str) -> bool:
        with self._lock:
            return visitor in self._owners.get(str(path), ())

    def keep(self, path: Path | str) -> None:
        """The file is in use: it is kept longer."""
        with contextlib.suppress(OSError):
            os.utime(path)

    def kept_bytes(self) -> int:
        """What all files take up now."""
        total = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                total += path.stat().st_size
        return total

    def write(self, visitor: str, name: str, content: bytes) -> Path:
        """A new file of this visitor's, at an address that nobody can guess."""
        path = self.folder / secrets.token_urlsafe(16) / name
        path.parent.mkdir()
        path.write_bytes(content)
        self.give(visitor, path)
        return path

    def read(self, visitor: str, path: Path | str) -> bytes:
        """The file of this visitor's, which is now kept longer; raises FileNotFoundError if there is none."""
        if not self.owns(visitor, path):
            raise FileNotFoundError(path)
        self.keep(path)
        return Path(path).read_bytes()

    def drop(self, visitor: str, paths: Iterable[Path | str]) -> None:
        """Delete files of this visitor's; what is another's, or gone, stays as it is."""
        for path in paths:
            if self.owns(visitor, path):
                Path(path).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete what was not used for keep_seconds, uploads that broke off among it."""
        old = time.time() - self.keep_seconds
        for path in sorted(self.folder.rglob("*"), reverse=True):  # files before their folders
            try:
                if path.stat().st_mtime > old:
                    continue
                path.rmdir() if path.is_dir() else path.unlink()
            except OSError:  # in use after all: a folder that has got a file, a file that is gone
                continue
        with self._lock:
            self._owners = {path: who for path, who in self._owners.items() if Path(path).exists()}
