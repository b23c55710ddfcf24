"""`colorize --report FILE`: a table of what became of each picture, written as they are done."""

from __future__ import annotations

import csv
import errno
import io
import os
from pathlib import Path

from colorization.cli.file_lock import locked
from colorization.errors import InputError, one_line

COLORIZED, FAILED, SKIPPED = "colorized", "failed", "skipped"  # outcomes
HEADING = ("file", "outcome", "seconds", "reason")


class Report:
    """CSV, one row a picture; a call that goes on where one was interrupted adds its rows. Without a path: nothing.

    What a row says already is not said again, nor that a picture of an earlier row is done.
    seconds: of reading, painting and writing this picture; others may have been worked on meanwhile.
    """

    def __init__(self, path: str):
        """Raises InputError if the file cannot be written, or holds something else."""
        self.path, self.file = Path(path), None
        self.said: dict[str, tuple[str, str]] = {}  # file: outcome and reason of its last row
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

    def add(self, source: Path, outcome: str, seconds: float = 0.0, reason: str = "") -> None:
        """Add a row; raises InputError if there is no room for it. reason: may begin with the source, as on screen."""
        file, reason = one_line(str(source)), one_line(reason.removeprefix(f"{source}: "))
        if not self.file or (outcome, reason) == self.said.get(file) or (outcome == SKIPPED and file in self.said):
            return
        self.said[file] = outcome, reason
        self._write((file, outcome, f"{seconds:.3f}", reason))

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *error) -> None:
        if self.file:
            self.file.close()

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
