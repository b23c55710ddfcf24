"""How this program was called, for the lines that say what to type next."""

import sys
import time
from pathlib import Path

STARTED = time.monotonic()  # this file is among the first that are imported


def _called() -> str:
    script, python = Path(sys.argv[0]), Path(sys.executable)
    if script.suffix != ".py":
        return "colorization"  # the command that `pip install .` makes
    inside = python.is_relative_to(Path.cwd())
    return f"{python.relative_to(Path.cwd()) if inside else 'python'} {script}"


PROGRAM = _called()
