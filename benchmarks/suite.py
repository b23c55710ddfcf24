"""How long `make test` took: tests/conftest.py notes it at the end of a whole run in this clone; here it is read."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.section import Section, at_most, table

NOTE = ROOT / ".pytest_cache" / "v" / "make-test"
LIMIT = 12  # minutes, on two slow cores


def suite(note: Path = NOTE) -> Section:
    """Return the mark of the last whole run; none where there was no such run yet."""
    if not note.exists():
        return Section("The test suite", "`make test` was not run in this clone yet.")
    last = json.loads(note.read_text())
    minutes = last["seconds"] / 60
    row = (last["date"], f"{last['passed']:,}", f"{minutes:.1f}")
    text = table(("last run of `make test`", "tests passed", "minutes"), [row])
    return Section("The test suite", text, (at_most("`make test`", LIMIT, minutes, "minutes", digits=1),))
