"""Run every benchmark and write docs/benchmarks.md: under 15 minutes on two slow cores. `make bench` calls it.

python -m benchmarks [--output FILE] [--model FOLDER] [--only WORD] [--before CHECKOUT] [--tiny]
"""

from __future__ import annotations

import argparse
import functools
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.colorize_marks import running_process, start_to_file, whole_folder
from benchmarks.film_marks import films
from benchmarks.growth import growth, where_time_goes
from benchmarks.machine import describe_machine
from benchmarks.measure import ROOT
from benchmarks.older import older_benchmarks
from benchmarks.scale import FULL, TINY
from benchmarks.section import Section, table
from benchmarks.serve_marks import serve_marks
from benchmarks.suite import suite

PAGE = ROOT / "docs" / "benchmarks.md"
MODEL = ROOT / "saved_models" / "pretrained" / "photo"
INTRODUCTION = """# Benchmarks

`make bench` (`python -m benchmarks`) writes this page; do not edit it. The pictures are scikit-image's photographs:
grey, enlarged, with film grain. The plain script ([plain_script.py](../benchmarks/plain_script.py)) does what published
demos do with the same network: Pillow, scikit-image, ONNX Runtime, bilinear enlarging. Both are measured in turn
(A B A B) in one run. Figures are medians, with the least and the most in brackets. Peak memory is the whole process's.
"""


def main(words: list[str] | None = None) -> None:
    options = _options(words)
    scale = TINY if options.tiny else FULL
    parts: dict[str, Callable[[Path, Path], Section]] = {
        "start": functools.partial(start_to_file, scale=scale),
        "running": functools.partial(running_process, scale=scale),
        "folder": functools.partial(whole_folder, scale=scale),
        "growth": functools.partial(growth, scale=scale),
        "parts": functools.partial(where_time_goes, scale=scale),
        "serve": functools.partial(serve_marks, scale=scale, before=options.before),
        "films": functools.partial(films, scale=scale),
        "older": functools.partial(older_benchmarks, scale=scale),
        "suite": lambda model, folder: suite(),
    }
    machine, sections = describe_machine(), []
    for name in [options.only] if options.only else parts:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            sections.append(parts[name](options.model.resolve(), Path(folder)))
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    if options.only and not options.output:
        print(page(machine, sections))
        return
    output = options.output or PAGE
    output.write_text(page(machine, sections), encoding="utf-8")
    print(f"written: {output}")


def page(machine: Iterable[tuple[str, str]], sections: list[Section]) -> str:
    """Return docs/benchmarks.md: the machine, all marks, then the sections."""
    marks = [
        (mark.what, mark.goal, mark.measured, "yes" if mark.met else "**no**") for s in sections for mark in s.marks
    ]
    blocks = [INTRODUCTION, "## Machine\n", table(("", ""), machine), ""]
    blocks += ["## Marks\n", table(("", "mark", "measured", "met"), marks), ""]
    for section in sections:
        blocks += [f"## {section.title}\n", section.text, ""]
    return "\n".join(blocks)


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output", type=Path, help="page to write (default: docs/benchmarks.md; with --only, standard output)"
    )
    parser.add_argument("--model", type=Path, default=MODEL, help="model folder (default: the bundled one)")
    parts = ("start", "running", "folder", "growth", "parts", "serve", "films", "older", "suite")
    parser.add_argument("--only", choices=parts)
    parser.add_argument("--before", type=Path, help="checkout of an older version, whose server gets the same requests")
    parser.add_argument(
        "--tiny", action="store_true", help="tiny pictures: shows that it works, the figures mean nothing"
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
