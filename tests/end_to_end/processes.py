"""Commands as processes, as a user starts them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

MAIN = Path(__file__).resolve().parents[2] / "main.py"


def start(words, folder):
    """Started as its own session, so that a signal reaches it alone."""
    return subprocess.Popen(
        [sys.executable, str(MAIN), *map(str, words)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "COLUMNS": "100"},
    )


def run(*words, folder, status=0):
    process = start(words, folder)
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, f"{out}\n{err}"
    assert "Traceback" not in err
    return out, err


def history(folder, name):
    with (folder / "logs" / name / "history.csv").open() as file:
        return list(csv.DictReader(file))
