"""Folders on a disk of this machine, or at an address that pyarrow reads: names, bytes in, bytes out.

Files are written whole or not at all. Errors are OSErrors, and InputErrors for an address that cannot be reached.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from colorization.errors import InputError

OBJECT_STORES = ("s3", "gs", "gcs", "abfs", "abfss")  # an object is there when all of it is, and needs no folder
ADDRESS = re.compile(  # scheme, host or bucket, path, and options of pyarrow such as ?region=eu-west-1
    rf"({'|'.join(OBJECT_STORES)}|hdfs|viewfs|file)://([^/?]*)/?(.*?)(\?[a-z_]+=[^/?]*)?", re.DOTALL
)
UNFINISHED = ".part"  # ending of what is being written, or was when its process was killed
READ_AHEAD = 2**22  # bytes of a stream


@dataclass(frozen=True)
class LocalFolder:
    """A folder on a disk. A path is that of a file or folder in it, relative, with slashes."""

    address: str

    def entries(self, path: str = "") -> tuple[list[str], list[str]]:
        """Return the names of the files, and of the folders, in a folder of it, sorted; none where it is not there."""
        files, folders = [], []
        with contextlib.suppress(FileNotFoundError), os.scandir(Path(self.address, path)) as found:
            for entry in found:
                (folders if entry.is_dir() else files).append(entry.name)
        return sorted(files), sorted(folders)

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of each file in it, by name; none where it is not there."""
        sizes = {}
        for name in self.entries()[0]:
            with contextlib.suppress(FileNotFoundError):  # another process may just have renamed it
                sizes[name] = Path(self.address, name).stat().st_size
        return sizes

    def identity(self, path: str) -> str:
        """Return the same for paths that lead to one folder."""
        return os.path.realpath(Path(self.address, path))

    def is_file(self) -> bool:
        """Return whether it is a file, and no folder."""
        return Path(self.address).is_file()

    def is_there(self) -> bool:
        """Return whether anything is there."""
        return Path(self.address).exists()

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading, at any place; raises OSError."""
        file = Path(self.address, path)
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError("not a file")  # to open a pipe would be to wait for ever
        return file.open("rb")

    def stream(self, path: str) -> BinaryIO:
        """Open a file for reading from its begin to its end; raises OSError."""
        return self.open(path)

    def read(self, path: str) -> bytes:
        """Return what is in a file; raises OSError."""
        with self.open(path) as file:
            return file.read()

    def read_piece(self, path: str, offset: int, size: int) -> bytes:
        """Return `size` bytes of a file from `offset` on, or fewer where it ends before; raises OSError."""
        with self.open(path) as file:
            file.seek(offset)
            return file.read(size)

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole or not at all; raises OSError."""
        with self.writing(path) as unfinished:
            unfinished.write_bytes(content)

    @contextlib.contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """Yield where to write a large file on this machine, which takes its place when all went well."""
        file = Path(self.address, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as unfinished:
            yield unfinished

    def delete(self, path: str) -> None:
        """Delete a file, if it is there; raises OSError."""
        Path(self.address, path).unlink(missing_ok=True)


@dataclass(frozen=True)
class RemoteFolder:
    """A folder at an address, such as s3://bucket/scans?region=eu-west-1; its methods are those of LocalFolder."""

    address: str
    _opened: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def entries(self, path: str = "") -> tuple[list[str], list[str]]:
        found = self._list(path)
        return tuple(
            sorted(info.base_name for info in found if info.type.name == kind) for kind in ("File", "Directory")
        )

    def sizes(self) -> dict[str, int]:
        return {info.base_name: info.size for info in self._list("") if info.is_file}

    def identity(self, path: str) -> str:
        return called(resolve(self.address, path)).rstrip("/")

    def is_file(self) -> bool:
        return self._kind("").name == "File"

    def is_there(self) -> bool:
        return self._kind("").name != "NotFound"

    def check(self) -> None:
        """Raise InputError if the address cannot be reached."""
        _file_system(self._parts[0])

    def open(self, path: str) -> BinaryIO:
        return self._system.open_input_file(self._path(path))

    def stream(self, path: str) -> BinaryIO:
        return self._system.open_input_stream(self._path(path), compression=None, buffer_size=READ_AHEAD)

    def read(self, path: str) -> bytes:
        with self.open(path) as file:
            return file.read()

    def read_piece(self, path: str, offset: int, size: int) -> bytes:
        if path not in self._opened:  # kept open: to open a file asks for its size, a way to the server and back
            self._opened[path] = self.open(path)
        return self._opened[path].read_at(size, offset)

    def write(self, path: str, content: bytes) -> None:
        whole = self._path(path)
        self._opened.pop(path, None)
        if self.address.startswith(OBJECT_STORES):
            self._put(whole, content)
            return
        folder = whole.rpartition("/")[0]
        unfinished = f"{folder}/{_unfinished_name()}"
        self._system.create_dir(folder, recursive=True)
        try:
            self._put(unfinished, content)
            self._system.move(unfinished, whole)
        except OSError:
            with contextlib.suppress(OSError):
                self._system.delete_file(unfinished)
            raise

    @contextlib.contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as scratch:
            unfinished = Path(scratch, "unfinished")
            yield unfinished
            with pyarrow_module("pyarrow", self.address).memory_map(str(unfinished)) as file:
                self.write(path, file.read_buffer())

    def delete(self, path: str) -> None:
        self._opened.pop(path, None)
        if self._kind(path).name == "File":
            self._system.delete_file(self._path(path))

    def _list(self, path: str) -> list:
        fs = pyarrow_module("pyarrow.fs", self.address)
        return self._system.get_file_info(fs.FileSelector(self._path(path), allow_not_found=True))

    def _kind(self, path: str):
        return self._system.get_file_info(self._path(path)).type

    def _put(self, path: str, content: bytes) -> None:
        """Write a file in one call: what is closed counts as whole in an object store, also after an error of ours."""
        with self._system.open_output_stream(path) as stream:
            stream.write(content)

    @property
    def _system(self):
        return _file_system(self._parts[0])[0]

    def _path(self, path: str) -> str:
        root, folder = self._parts
        return "/".join([_file_system(root)[1], *(part for part in (folder, path) if part)])

    @property
    def _parts(self) -> tuple[str, str]:
        """The address's root, such as s3://bucket/?region=eu-west-1, and the folder in it."""
        scheme, host, folder, query = ADDRESS.fullmatch(self.address).groups()
        return f"{scheme}://{host}/{query or ''}", folder.strip("/")


Folder = LocalFolder | RemoteFolder


def is_address(word: str) -> bool:
    """Return whether a word is an address that pyarrow reads."""
    return bool(ADDRESS.fullmatch(word))


def folder_at(word: str) -> Folder:
    """Return the folder that a word names; raises InputError for an address that cannot be reached."""
    if not is_address(word):
        if "://" in word:
            raise InputError(f"{word} is no address that pyarrow reads; give a path, s3://, gs://, abfs:// or hdfs://")
        return LocalFolder(word)
    folder = RemoteFolder(word)
    folder.check()
    return folder


def resolve(folder: str, path: str) -> str:
    """Return what `path` names, on a disk or at an address, where it is relative to a folder."""
    if is_address(path) or not is_address(folder):
        return path if is_address(path) else str(Path(folder, path))
    scheme, host, start, query = ADDRESS.fullmatch(folder).groups()
    whole = "/".join(part for part in (start.strip("/"), path) if part)
    return f"{scheme}://{host}/{whole}{query or ''}"


def split_file(word: str) -> tuple[Folder, str]:
    """Return the folder and the name of a file; raises InputError for an address that cannot be reached."""
    if not is_address(word):
        path = Path(word)
        return LocalFolder(str(path.parent)), path.name
    scheme, host, path, query = ADDRESS.fullmatch(word).groups()
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder_at(f"{scheme}://{host}/{folder}{query or ''}"), name


def read(word: str) -> bytes:
    """Return what is in a file; raises OSError, and InputError for an address that cannot be reached."""
    folder, name = split_file(word)
    return folder.read(name)


def called(word: str) -> str:
    """Return what a file or folder is called in messages and reports: without options of pyarrow."""
    return word.removesuffix(ADDRESS.fullmatch(word)[4] or "") if is_address(word) else word


@contextlib.contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield a new path beside a file's; what was written there is synced and takes the file's place when all went well.

    Raises OSError: disk full, folder not writable. Nothing is left behind then.
    """
    unfinished = file.with_name(_unfinished_name())
    try:
        yield unfinished
        with contextlib.suppress(OSError), unfinished.open("rb+") as written:
            os.fsync(written.fileno())  # some network disks take no such wish; the file is whole all the same
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished_name() -> str:
    """Return a name that nobody else has, no longer than a file's may be; hidden, so that readers pass it over."""
    return f".{secrets.token_hex(8)}{UNFINISHED}"


def pyarrow_module(name: str, what: str):
    """Return a module of pyarrow, such as "pyarrow.fs"; raises InputError where it is not installed.

    what: needs it, in the words of the one who asked.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{what} needs pyarrow, which is not installed: `pip install '.[cluster]'` in the clone"
        ) from error


@functools.lru_cache(maxsize=256)
def _file_system(root: str):
    """Return pyarrow's file system for the root of an address, and what paths in it begin with.

    Of the root alone, because a file's name may hold what means something else in an address.
    """
    fs = pyarrow_module("pyarrow.fs", root)
    try:
        system, start = fs.FileSystem.from_uri(root)
    except (OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{root}: {' '.join(str(error).split())}") from error
    return system, start.rstrip("/")
