"""A manifest: a table, CSV or Parquet, that names the pictures of an archive one a row."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from colorization.errors import InputError
from colorization.images.storage import ADDRESS, Folder, called, is_address, pyarrow_module, resolve, split_file

COLUMNS = ("source", "target", "hints", "reference", "look")  # the first one must be there; others are passed over
ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Row:
    """One picture: source, hints and reference are files, on a disk or at an address; target a path in the output."""

    source: str
    target: str
    hints: str = ""
    reference: str = ""
    look: str = ""


def is_manifest(word: str) -> bool:
    """Return whether a word names a manifest."""
    return called(word).lower().endswith(ENDINGS)


def read_rows(word: str) -> Iterator[Row]:
    """Yield the rows of a manifest.

    Paths in it are relative to the folder that it lies in. A picture without a target is written under its own path: a
    relative one as it is, any other under all of its folders, and at an address also under its host or bucket.

    Raises:
        InputError: the manifest cannot be read, has no column `source`, or has a row without a source or with a target
            that leads out of the output.
    """
    folder, name = split_file(word)
    is_parquet = name.lower().endswith(".parquet")
    opened, read = (folder.open, _parquet_rows) if is_parquet else (folder.stream, _csv_rows)
    try:
        with opened(name) as file:
            for number, row in enumerate(read(file, called(word)), 1):
                yield _row(row, folder, f"{called(word)}: row {number}")
    except (OSError, ValueError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InputError(f"{called(word)}: no manifest that can be read ({reason})") from error


def _csv_rows(file, word: str) -> Iterator[dict[str, str]]:
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        rows = csv.DictReader(text)
        _check_columns(rows.fieldnames or (), word)
        for row in rows:
            yield {column: row.get(column) or "" for column in COLUMNS}


def _parquet_rows(file, word: str) -> Iterator[dict[str, str]]:
    table = pyarrow_module("pyarrow.parquet", word).ParquetFile(file)
    _check_columns(table.schema_arrow.names, word)
    there = [column for column in COLUMNS if column in table.schema_arrow.names]
    for batch in table.iter_batches(columns=there):
        for row in batch.to_pylist():
            yield {column: str(row.get(column) or "") for column in COLUMNS}


def _check_columns(names, word: str) -> None:
    if COLUMNS[0] not in names:
        raise InputError(f"{word} has no column {COLUMNS[0]}; it needs one with a path or an address in each row")


def _row(row: dict[str, str], folder: Folder, where: str) -> Row:
    if not row["source"]:
        raise InputError(f"{where} names no source; give a path or an address")
    files = {column: resolve(folder.address, row[column]) for column in ("source", "hints", "reference") if row[column]}
    target = _inside(row["target"] or _own_path(row["source"]))
    if not target:
        raise InputError(f"{where}: {row['target'] or row['source']} leads out of the output folder; give a target")
    return Row(target=target, look=row["look"], **files)


def _own_path(source: str) -> str:
    if is_address(source):
        _, host, path, _ = ADDRESS.fullmatch(source).groups()
        return f"{host}/{path}"
    return os.path.splitdrive(source)[1].replace(os.sep, "/").lstrip("/")


def _inside(path: str) -> str:
    """Return a path without detours; "" for one that leads out of the folder that it is relative to."""
    parts = [part for part in PurePosixPath(path).parts if part != "."]
    return "" if path.startswith("/") or ".." in parts else "/".join(parts)
