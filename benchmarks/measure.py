"""Wall time, processor time and peak memory of processes, several ways in turn. Linux and macOS; standard library only.

The process that measures stays small on purpose: at its start a child counts its parent's memory as its own peak.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KILOBYTES = 1 if sys.platform != "darwin" else 1 / 1024  # what ru_maxrss counts in


@dataclass(frozen=True)
class Cost:
    """What something took: seconds of wall time and of processor time, and peak memory in MB."""

    wall: float
    cpu: float
    megabytes: float


def cost_of(words: Iterable) -> Cost:
    """Run a command in the project's folder and return its cost; raises RuntimeError if it fails."""
    started = time.perf_counter()
    with subprocess.Popen([str(word) for word in words], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        usage = end_of(process)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode} of {process.args}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KILOBYTES / 1024)


def end_of(process: subprocess.Popen) -> resource.struct_rusage:
    """Wait for a process and return what it used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def costs_told_by(words: Iterable) -> list[Cost]:
    """Run a command that prints one cost a line, as `tell` does, and return them."""
    done = subprocess.run([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [Cost(**json.loads(line)) for line in done.stdout.splitlines()]


def tell(work: Callable[[], None]) -> None:
    """Do the work and print its cost in this process; the memory is the process's peak so far."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTES / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "megabytes": memory}), flush=True)


def in_turn(ways: Mapping[str, Callable[[], list[Cost]]], rounds: int) -> dict[str, list[Cost]]:
    """Measure each way once, then each once more, and so on (A B A B): a busy machine is unfair to none."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            costs[name] += measure()
    return costs


def median(costs: list[Cost], what: str) -> float:
    """Return the median of one of Cost's fields."""
    return statistics.median(getattr(cost, what) for cost in costs)


def with_spread(costs: list[Cost], what: str, digits: int = 2) -> str:
    """Return "0.52 (0.50 to 0.61)": the median, the least and the most."""
    values = [getattr(cost, what) for cost in costs]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
