"""Folders on a disk of this machine, or at an address that pyarrow reads: names, bytes in, bytes out."""

from __future__ import annotations

import functools
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from colorization.errors import InputError
from colorization.images.writer import write_encoded

OBJECT_STORES = ("s3", "gs", "gcs", "abfs", "abfss")  # an object is there when all of it is, and needs no folder
ADDRESS = re.compile(  # scheme, host or bucket, path, and options of pyarrow such as ?region=eu-west-1
    rf"({'|'.join(OBJECT_STORES)}|hdfs|viewfs|file)://([^/?]*)/?(.*?)(\?[a-z_]+=[^/?]*)?", re.DOTALL
)


@dataclass(frozen=True)
class Disk:
    """A folder on a disk."""

    address: str

    def entries(self, path: str = "") -> tuple[list[str], list[str]]:
        """Return the names of the files, and of the folders, in a folder of it, sorted; none where it is not there."""
        files, folders = [], []
        try:
            with os.scandir(Path(self.address, path)) as found:
                for entry in found:
                    (folders if entry.is_dir() else files).append(entry.name)
        except FileNotFoundError:
            pass
        return sorted(files), sorted(folders)

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
        """Open a file for reading; raises OSError."""
        file = Path(self.address, path)
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError("not a file")  # to open a pipe would be to wait for ever
        return file.open("rb")

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole or not at all; raises OSError."""
        file = Path(self.address, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_encoded(file, content)

    def delete(self, path: str) -> None:
        """Delete a file, if it is there; raises OSError."""
        Path(self.address, path).unlink(missing_ok=True)


@dataclass(frozen=True)
class Remote:
    """A folder at an address, such as s3://bucket/scans?region=eu-west-1."""

    address: str

    def entries(self, path: str = "") -> tuple[list[str], list[str]]:
        """Return the names of the files, and of the folders, in a folder of it, sorted; none where it is not there."""
        from pyarrow.fs import FileSelector

        found = self._system.get_file_info(FileSelector(self._path(path), allow_not_found=True))
        kinds = {"File": [], "Directory": []}
        for info in found:
            kinds[info.type.name].append(info.base_name)
        return sorted(kinds["File"]), sorted(kinds["Directory"])

    def identity(self, path: str) -> str:
        """Return the same for paths that lead to one folder."""
        return called(resolve(self.address, path)).rstrip("/")

    def is_file(self) -> bool:
        """Return whether it is a file, and no folder."""
        return self._kind("").name == "File"

    def check(self) -> None:
        """Raise InputError if the address cannot be reached."""
        _file_system(self._parts[0])

    def is_there(self) -> bool:
        """Return whether anything is there."""
        return self._kind("").name != "NotFound"

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; raises OSError."""
        return self._system.open_input_file(self._path(path))

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole or not at all; raises OSError."""
        whole = self._path(path)
        if self.address.startswith(OBJECT_STORES):
            self._put(whole, content)
            return
        folder = whole.rpartition("/")[0]
        unfinished = f"{folder}/.{secrets.token_hex(8)}.part"  # hidden, so that a folder's reader passes it over
        self._system.create_dir(folder, recursive=True)
        self._put(unfinished, content)
        self._system.move(unfinished, whole)

    def delete(self, path: str) -> None:
        """Delete a file, if it is there; raises OSError."""
        if self._kind(path).name == "File":
            self._system.delete_file(self._path(path))

    def _kind(self, path: str):
        return self._system.get_file_info(self._path(path)).type

    def _put(self, path: str, content: bytes) -> None:
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


Folder = Disk | Remote


def is_address(word: str) -> bool:
    """Return whether a word is an address that pyarrow reads."""
    return bool(ADDRESS.fullmatch(word))


def folder_at(word: str) -> Folder:
    """Return the folder that a word names; raises InputError for an address that cannot be reached."""
    if not is_address(word):
        return Disk(word)
    folder = Remote(word)
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
        return Disk(str(path.parent)), path.name
    scheme, host, path, query = ADDRESS.fullmatch(word).groups()
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder_at(f"{scheme}://{host}/{folder}{query or ''}"), name


def read(word: str) -> bytes:
    """Return what is in a file; raises OSError, and InputError for an address that cannot be reached."""
    folder, name = split_file(word)
    with folder.open(name) as file:
        return file.read()


def called(word: str) -> str:
    """Return what a file or folder is called in messages and reports: without options of pyarrow."""
    return word.removesuffix(ADDRESS.fullmatch(word)[4] or "") if is_address(word) else word


@functools.lru_cache(maxsize=256)
def _file_system(root: str):
    """Return pyarrow's file system for the root of an address, and what paths in it begin with.

    Of the root alone, because a file's name may hold what means something else in an address.
    """
    try:
        from pyarrow.fs import FileSystem
    except ModuleNotFoundError as error:
        raise InputError(
            f"{root}: addresses need pyarrow, which is not installed: `pip install '.[cluster]'` in the clone"
        ) from error
    try:
        system, start = FileSystem.from_uri(root)
    except (OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{root}: {' '.join(str(error).split())}") from error
    return system, start.rstrip("/")
