"""Commands as a user gives them: as processes, or in this one, where what they import is imported already."""

import contextlib
import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

from colorization.cli.main import main

MAIN = Path(__file__).resolve().parents[2] / "main.py"
PATIENCE_S = 900  # only so that a fault ends


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
    """Run a command as a process of its own; return what it said."""
    process = start(words, folder)
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()  # one that did not end must not go on behind the other tests
    assert process.returncode == status, f"{out}\n{err}"
    assert "Traceback" not in err
    return out, err


def run_here(*words, folder, status=0):
    """Run a command in this process, as if it had been started in `folder`; return what it said."""
    out, err = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(folder), process_as_it_was(), streams[0], streams[1]:
        ended = main([str(word) for word in words])
    assert ended == status, f"{out.getvalue()}\n{err.getvalue()}"
    return out.getvalue(), err.getvalue()


@contextlib.contextmanager
def process_as_it_was():
    """A command says what Ctrl-C does, and how TensorFlow calculates; after it pytest says so again."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if "tensorflow" in sys.modules:  # `train` asks for the same bits; other tests draw without a seed
            sys.modules["tensorflow.python.framework.config"].disable_op_determinism()


def history(folder, name):
    """Return history.csv but for the processor time, which is another for every call."""
    with (folder / "logs" / name / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [{key: value for key, value in row.items() if key != "processor_seconds"} for row in rows]
