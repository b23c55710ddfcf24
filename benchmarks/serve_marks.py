"""`serve` under load: when it answers first, 200 requests at concurrency 8, and its memory. Linux only (/proc)."""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.colorize_marks import make_pictures
from benchmarks.measure import ROOT, end_of
from benchmarks.scale import Scale
from benchmarks.section import Mark, Section, at_most, table

BEFORE_RATE = 200 / 48.3  # requests a second before the light half, beside two trainings: docs/experiments/speed.md
DISTINCT = 25  # pictures that are made; the requests take them in turn
START_SECONDS = 120


@dataclass(frozen=True)
class Load:
    """A server under load: seconds to its first answer and of each request, requests a second, peak memory, and
    processor seconds."""

    first: float
    seconds: list[float]
    rate: float
    megabytes: int
    cpu: float


def serve_marks(model: Path, folder: Path, scale: Scale, before: Path | None = None) -> Section:
    """Measure the server, and that of an older checkout in turn with it if one is given."""
    megapixels = scale.side**2 / 1e6
    pictures = [path.read_bytes() for path in make_pictures(folder / "requests", DISTINCT, megapixels, "png")]
    requests = [pictures[i % DISTINCT] for i in range(scale.requests)]
    places = {"now": ROOT} | ({"before": before} if before else {})
    loads: dict[str, list[Load]] = {name: [] for name in places}
    for _ in range(scale.rounds):
        for name, place in places.items():
            loads[name].append(measure_load(place, model if place == ROOT else None, requests, scale.clients))
    first = statistics.median(load.first for load in loads["now"])
    rate = statistics.median(load.rate for load in loads["now"])
    old_rate = statistics.median(load.rate for load in loads["before"]) if before else BEFORE_RATE
    marks = (
        at_most("serve: first answer", 3, first, "s"),
        Mark("serve: requests a second", f"4 times {old_rate:.1f}", f"{rate:.1f}", rate >= 4 * old_rate),
        at_most("serve: memory", 500, max(load.megabytes for load in loads["now"]), "MB", 0),
    )
    rows = [(name, *_figures(load)) for name, each in loads.items() for load in each]
    heading = ("", "first answer s", "requests a second", "median s", "95 % s", "longest s", "processor s", "peak MB")
    source = "measured in turn with it" if before else "taken from docs/experiments/speed.md, another day's measurement"
    text = (
        f"{scale.requests} PNG pictures of {megapixels:.2f} megapixels, {scale.clients} clients at once, two pictures "
        f"colorized at a time (the default). The older version's rate is {source}.\n\n"
    )
    return Section("The server", text + table(heading, rows), marks)


def measure_load(place: Path, model: Path | None, requests: list[bytes], clients: int) -> Load:
    """Start `serve` of the checkout `place`, send the requests, and return what it did."""
    started = time.perf_counter()
    with _server(place, model) as (process, url):
        _answer(f"{url}/colorize", requests[0])
        first = time.perf_counter() - started
        _answer(f"{url}/", None)  # the page, which is imported after that, belongs to the memory, not to the rate
        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            seconds = list(pool.map(lambda content: _answer(f"{url}/colorize", content), requests))
        rate = len(requests) / (time.perf_counter() - started)
        memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        process.terminate()
        usage = end_of(process)
    return Load(first, seconds, rate, int(memory[1]) // 1024, usage.ru_utime + usage.ru_stime)


@contextlib.contextmanager
def _server(place: Path, model: Path | None) -> Iterator[tuple[subprocess.Popen, str]]:
    """Yield a server's process and address; it is stopped in the end if it still runs."""
    words = [sys.executable, "main.py", "serve", "--port", "0", *(["--model", str(model)] if model else [])]
    with subprocess.Popen(words, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process, _address(process)
        finally:
            if process.returncode is None:
                process.terminate()


def _address(process: subprocess.Popen) -> str:
    for line in process.stdout:
        if line.startswith("http"):
            return line.split()[0].rstrip("/")
    raise RuntimeError("serve ended before it answered; start `python main.py serve` to see why")


def _answer(url: str, content: bytes | None) -> float:
    """Return the seconds until the whole answer is there."""
    started = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, content), timeout=START_SECONDS) as answer:
        answer.read()
    return time.perf_counter() - started


def _figures(load: Load) -> tuple[str, ...]:
    ordered = sorted(load.seconds)
    late = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    seconds = (f"{each:.2f}" for each in (statistics.median(ordered), late, ordered[-1], load.cpu))
    return f"{load.first:.2f}", f"{load.rate:.1f}", *seconds, f"{load.megabytes}"
