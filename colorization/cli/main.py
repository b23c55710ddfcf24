"""Run one command: the outermost frame, which turns every error into one line and an exit status."""

from __future__ import annotations

import importlib
import signal
import sys
import traceback

from colorization.cli.console import Console
from colorization.cli.deadline import Deadline
from colorization.cli.parser import COMMANDS, Request, parse
from colorization.cli.quiet_import import quiet_import
from colorization.errors import InputError, Terminated, carried, one_line


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM."""
    argv = sys.argv[1:] if argv is None else argv
    debug = "--debug" in argv
    try:
        request = parse(argv)
    except InputError as error:
        _tell(str(error))
        return 2
    console = Console()
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(request, console)
    except KeyboardInterrupt:
        return console.stopped(signal.SIGINT)
    except Terminated:
        return console.stopped(signal.SIGTERM)
    except ModuleNotFoundError as error:
        _tell(_how_to_get(error.name or "", COMMANDS[request.command].heavy))
        return 1
    except (InputError, OSError, MemoryError) as error:
        if debug:
            traceback.print_exc()
        _tell(str(error) or type(error).__name__)
        return 1
    except Exception as error:  # the very top: a fault of ours, told in one line
        if debug:
            traceback.print_exc()
        fault = f"{type(error).__name__}: {error} (a fault of this program; --debug shows where)"
        _tell(carried(error) or fault)
        return 1


def _run(request: Request, console: Console) -> int:
    command = COMMANDS[request.command]
    name = f"colorization.cli.{command.module}"
    if not command.heavy:
        return importlib.import_module(name).run(request, console)
    console.how_to_go_on = "the same command starts it again"
    with Deadline(console):
        return quiet_import(name).run(request, console)


def _how_to_get(module: str, heavy: bool) -> str:
    extra = "[train]" if heavy else ""
    return f"{sys.executable} has no {module}: in the clone, run `{sys.executable} -m pip install '.{extra}'`"


def _tell(message: str) -> None:
    print(f"error: {one_line(message)}", file=sys.stderr)


def _interrupt(number, frame):
    """The first Ctrl-C or SIGTERM ends what runs in order; a second one ends it at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated
