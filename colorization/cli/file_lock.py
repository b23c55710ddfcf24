"""A file that one process holds at a time, where the system has such locks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def locked(file: BinaryIO) -> Iterator[None]:
    """Hold the file for this process; others wait. Windows has no such lock: there two may write at once."""
    if fcntl is None:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
