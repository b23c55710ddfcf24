"""Which file each output was made from: kept in the output folder, so that a namesake is not taken for done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

NAME = ".colorized.jsonl"  # hidden, so that a folder's reader passes it over
ENDS = 65_536  # bytes at each end of a file that tell it from another of its size


@dataclass(frozen=True)
class Origin:
    """source: the file that an output was made from, as it was named. fingerprint: of its content then."""

    source: str
    fingerprint: str


def fingerprint(path: Path) -> str:
    """Return what tells a file's content from another's, without reading all of it; raises OSError."""
    with path.open("rb") as file:
        head, size = file.read(ENDS), file.seek(0, 2)
        file.seek(max(size - ENDS, 0))
        return f"{size}-{hashlib.sha256(head + file.read()).hexdigest()[:16]}"


def remember(folder: Path, output: Path, source: Path) -> None:
    """Note that an output in a folder was made from a source; raises OSError."""
    row = [str(output.relative_to(folder)), str(source), fingerprint(source)]
    with (folder / NAME).open("ab", buffering=0) as file:
        file.write(json.dumps(row).encode() + b"\n")  # one write: rows of two calls do not mix


def origins(folder: Path) -> dict[Path, Origin]:
    """Return what is noted of the outputs in a folder, by their paths; the later of two rows counts.

    Of what is not noted nobody knows more than its name: half a row, or an output that was killed before its row.
    """
    try:
        lines = (folder / NAME).read_bytes().splitlines()
    except OSError:
        return {}
    known = {}
    for line in lines:
        try:
            output, *origin = json.loads(line)
            known[folder / output] = Origin(*origin)
        except (ValueError, TypeError):
            continue
    return known
