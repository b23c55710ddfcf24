"""Folders by their address: a path of this machine, or s3://, gs://, hdfs:// by pyarrow, imported for those alone.

Files are written whole or not at all. Errors are OSErrors, or InputErrors where the address itself is wrong.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from colorization.errors import InputError

COPIED = 2**22  # bytes sent or read at once
UNFINISHED = ".tmp"  # ending of what is being written, or was when its process was killed


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, path: Path):
        self.path = path

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of each file, by name; nothing where there is no such folder."""
        if not self.path.is_dir():
            return {}
        return {file.name: file.stat().st_size for file in self.path.iterdir() if file.is_file()}

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Return `size` bytes of a file from `offset` on, or fewer where it ends before; -1: all of it."""
        with (self.path / name).open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def stream(self, name: str) -> BinaryIO:
        """Open a file to be read from its begin to its end."""
        return (self.path / name).open("rb")

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """Yield where to write a file of this machine, which takes its place in the folder when all went well."""
        self.path.mkdir(parents=True, exist_ok=True)
        temporary = self.path / f".{name}.{os.getpid()}{UNFINISHED}"  # workers may make one index at once
        try:
            yield temporary
            temporary.replace(self.path / name)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


class RemoteFolder:
    """A folder of one of pyarrow's file systems; the same as LocalFolder."""

    def __init__(self, address: str):
        fs = _pyarrow(address)
        try:
            self.filesystem, self.path = fs.FileSystem.from_uri(address)
        except (ValueError, NotImplementedError, OSError) as error:
            raise InputError(f"{address} is no address that pyarrow reads ({str(error).splitlines()[0]})") from error
        self.selector = fs.FileSelector(self.path, allow_not_found=True)
        self.opened: dict = {}  # to open a file asks for its size: a way to the server and back

    def sizes(self) -> dict[str, int]:
        return {info.base_name: info.size for info in self.filesystem.get_file_info(self.selector) if info.is_file}

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        if name not in self.opened:
            self.opened[name] = self.filesystem.open_input_file(f"{self.path}/{name}")
        file = self.opened[name]
        return file.read_at(file.size() - offset if size < 0 else size, offset)

    def stream(self, name: str) -> BinaryIO:
        return self.filesystem.open_input_stream(f"{self.path}/{name}", buffer_size=COPIED)

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as scratch:
            temporary = Path(scratch) / name
            yield temporary
            self.filesystem.create_dir(self.path)
            sent = self.filesystem.open_output_stream(f"{self.path}/{name}")
            with temporary.open("rb") as file:
                shutil.copyfileobj(file, sent, COPIED)
            sent.close()  # not by `with`: an object store takes what is closed as complete, also after an error
            self.opened.pop(name, None)

    def remove(self, name: str) -> None:
        self.filesystem.delete_file(f"{self.path}/{name}")


def open_folder(address: str) -> LocalFolder | RemoteFolder:
    """Return the folder of an address. Raises InputError for one that cannot be reached."""
    return RemoteFolder(address) if "://" in address else LocalFolder(Path(address))


def _pyarrow(address: str):
    try:
        from pyarrow import fs
    except ModuleNotFoundError as error:
        raise InputError(
            f"{address} is read by pyarrow, which is missing; pip install 'colorization[cluster]'"
        ) from error
    return fs
