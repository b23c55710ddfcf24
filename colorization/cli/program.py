"""How this program was called, for the lines that say what to type next."""

import sys
import time
from pathlib import Path

STARTED = time.monotonic()  # this file is among the first that are imported


def _called() -> str:
    script = Path(sys.argv[0])
    if script.suffix != ".py":
        return "colorization"  # the command that `pip install .` makes
    return f"{installed(Path(sys.executable).name, 'python')} {script}"


def installed(program: str, otherwise: str) -> str:
    """Return how to call a program of this Python's environment: by its path in a folder below, else `otherwise`."""
    path = Path(sys.executable).with_name(program)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else otherwise


PROGRAM = _called()
