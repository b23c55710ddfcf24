"""`colorize --report FILE`: a table of what became of each picture, written as they are done; and what all came to."""

from __future__ import annotations

import csv
import errno
import io
import os
from collections import Counter
from pathlib import Path

from colorization.cli.console import speed
from colorization.cli.file_lock import locked
from colorization.errors import InputError, one_line
from colorization.images.storage import pyarrow_module, replacing
from colorization.painting.job import Outcome

COLORIZED, FAILED, SKIPPED, SET_ASIDE = "colorized", "failed", "skipped", "set aside"  # outcomes
HEADING = ("source", "outcome", "seconds", "reason", "source_bytes", "output_bytes", "width", "height")


class Report:
    """CSV, one row a picture; a call that goes on where one was interrupted adds its rows. Without a path: nothing.

    Where the path ends in .parquet the rows go to a .csv beside it, which becomes that table when all is done: Parquet
    cannot be added to, and what a killed process leaves of it cannot be read.

    What a row says already is not said again, nor that a picture of an earlier row is done.
    seconds: of reading, painting and writing this picture; others may have been worked on meanwhile.
    """

    def __init__(self, path: str):
        """Raises InputError if the file cannot be written, or holds something else."""
        self.path, self.file, self.parquet = Path(path), None, None
        if self.path.suffix.lower() == ".parquet":
            self.path, self.parquet = self.path.with_suffix(".csv"), self.path
            pyarrow_module("pyarrow.parquet", f"--report {path}")
        self.said: dict[str, tuple[str, str]] = {}  # source: outcome and reason of its last row in earlier calls
        if not path:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size:
                self.said = self._earlier_rows()
            self.file = self.path.open("ab", buffering=0)
        except OSError as error:
            raise InputError(f"--report {path} cannot be written: {error.strerror or error}") from error
        with locked(self.file):  # another call may begin the same table now
            if not self.path.stat().st_size:
                self._write(HEADING)

    def add(self, what: str, outcome: Outcome) -> None:
        """Add a row; raises InputError if there is no room for it. what: one of the outcomes above."""
        reason = outcome.problem.removeprefix(f"{outcome.source}: ") or "; ".join(outcome.notes)
        source, reason = one_line(outcome.source), one_line(reason)
        if not self.file or (what, reason) == self.said.get(source) or (what == SKIPPED and source in self.said):
            return
        sizes = (outcome.source_bytes, outcome.output_bytes, outcome.width, outcome.height)
        self._write((source, what, f"{outcome.seconds:.3f}", reason, *map(str, sizes)))

    def __enter__(self) -> Report:
        return self

    def __exit__(self, error, *_) -> None:
        if self.file:
            self.file.close()
        if self.parquet and not error:
            _write_parquet(self.parquet, self.path)

    def _write(self, row: tuple[str, ...]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        row = line.getvalue().encode()
        try:
            written = self.file.write(row)  # at once: it is right, too, when the process is killed
            if written < len(row):  # a disk that is nearly full; the next call's rows would follow half a one
                self.file.truncate(self.file.tell() - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise InputError(f"--report {self.path}: not written: {error.strerror or error}") from error

    def _earlier_rows(self) -> dict[str, tuple[str, str]]:
        """Return what the file says already; raises InputError if it is no report."""
        with self.path.open(encoding="utf-8", errors="replace", newline="") as file:
            if file.readline(100).strip() != ",".join(HEADING):
                raise InputError(f"--report {self.path} is there and no report of this command; name another file")
            return {row[0]: (row[1], row[3]) for row in csv.reader(file) if len(row) == len(HEADING)}


def _write_parquet(path: Path, rows: Path) -> None:
    """Write the table of a CSV as Parquet, whole or not at all, block by block; raises InputError."""
    names = ("pyarrow", "pyarrow.csv", "pyarrow.parquet")
    arrow, tables, parquet = (pyarrow_module(name, f"--report {path}") for name in names)
    kinds = {"seconds": arrow.float64(), **dict.fromkeys(HEADING[4:], arrow.int64())}
    kinds = {name: kinds.get(name, arrow.string()) for name in HEADING}
    try:
        table = tables.open_csv(rows, convert_options=tables.ConvertOptions(column_types=kinds))
        with replacing(path) as unfinished, table, parquet.ParquetWriter(unfinished, table.schema) as writer:
            for block in table:
                writer.write_batch(block)
    except (OSError, ValueError) as error:
        raise InputError(f"--report {path}: not written: {error}; the rows are in {rows}") from error


def summary(counts: Counter, seconds: float, output: str) -> str:
    """Return the last line; seconds: since the program was started. output: the folder that was written into."""
    parts = [f"{counts[COLORIZED]:,} colorized, {counts[FAILED]:,} failed"]
    if counts[SET_ASIDE]:
        parts.append(f"{counts[SET_ASIDE]:,} set aside")
    if counts[SKIPPED]:
        parts.append(
            f"{counts[SKIPPED]:,} skipped because their outputs exist (--overwrite makes them anew, another --output "
            "keeps them)"
        )
    rate = f", {speed(counts[COLORIZED], seconds)}" if counts[COLORIZED] > 1 else ""
    return f"{', '.join(parts)}, {seconds:.1f} s{rate}, in {output}/"
