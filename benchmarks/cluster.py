"""What an engine costs: pictures a second of Ray's workers beside the plain loop, memory, lists and scheduling.

python -m benchmarks.cluster [--model FOLDER] [--pictures N] [--megapixels X] [--workers N ...]
                            [--names N ...]

Not a part of `make bench`: a million names take minutes. Linux only (it reads /proc). Needs `pip install '.[cluster]'`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.pictures import make_pictures
from benchmarks.section import table
from colorization.cluster.deaths import Diary
from colorization.cluster.one_machine import colorize_here
from colorization.cluster.painter import ArchivePainter
from colorization.cluster.ray_engine import Cluster, colorize_on_ray
from colorization.cluster.shards import Shard
from colorization.cluster.storage import Disk
from colorization.cluster.work_list import Work, list_work
from colorization.config import ColorizeOptions
from colorization.painting.asked import picture_colorizer
from colorization.painting.job import Outcome

MODEL = ROOT / "saved_models" / "pretrained" / "photo"
IN_A_FOLDER = 1000  # made-up names
MEGABYTE = 2**20


@dataclass
class Memory:
    """The largest proportional set size of one of Ray's workers, bytes, while the block runs."""

    largest: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Memory:
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *error) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            for process in Path("/proc").iterdir():
                with contextlib.suppress(OSError):
                    if process.name.isdecimal() and (process / "cmdline").read_bytes().startswith(b"ray::Worker"):
                        self.largest = max(self.largest, _pss(process))


def _pss(process: Path) -> int:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def speed(model: Path, folder: Path, count: int, megapixels: float, workers: list[int]) -> str:
    """Return a table: each way on the same pictures, whose time begins with the first outcome."""
    make_pictures(folder / "album", count, megapixels)
    ways: dict[str, Callable] = {}
    for number in workers:
        ways[f"plain loop, --jobs {number}"] = lambda *given, number=number: colorize_here(*given, number)
        ways[f"Ray, --workers {number}"] = lambda *given, number=number: colorize_on_ray(
            *given, Cluster(workers=number)
        )
    rows = []
    for i, (name, run) in enumerate(ways.items()):
        options = ColorizeOptions(pictures=(str(folder / "album"),), model=str(model), output=str(folder / f"out{i}"))
        paint = ArchivePainter(picture_colorizer(options, [], 0), "", options.output)
        diary, works = Diary(Disk(options.output), "diary.json"), list_work(options, Shard())
        started = time.perf_counter()
        with Memory() as memory, contextlib.closing(run(paint, works, diary)) as outcomes:
            assert not next(outcomes).problem
            first = time.perf_counter()
            rest = sum(not outcome.problem for outcome in outcomes)
            seconds = time.perf_counter() - first
        of_worker = f"{memory.largest / MEGABYTE:.0f}" if memory.largest else ""
        rows.append((name, f"{first - started:.1f}", f"{rest / seconds:.2f}", of_worker))
    return table(("", "s to the first picture", "pictures a second after it", "MB of a worker"), rows)


def scheduling(folder: Path, names: int) -> tuple[str, ...]:
    """Return a row: made-up pictures listed in folders, then given to two workers that do nothing with them."""
    for i in range(names):
        if i % IN_A_FOLDER == 0:
            (folder / f"{names}/{i // IN_A_FOLDER:05}").mkdir(parents=True)
        (folder / f"{names}/{i // IN_A_FOLDER:05}/{i:07}.jpg").touch()
    options = ColorizeOptions(pictures=(str(folder / f"{names}"),), output=str(folder / "out"))
    started = time.perf_counter()
    listed = sum(1 for _ in list_work(options, Shard()))
    listing = time.perf_counter() - started
    assert listed == names
    works: Iterator[Work] = (Work(f"{i // IN_A_FOLDER:05}/{i:07}.jpg", f"{i:07}.jpg") for i in range(names))
    outcomes = colorize_on_ray(nothing, works, Diary(Disk(str(folder)), "diary.json"), Cluster(workers=2))
    next(outcomes)
    first, processor = time.perf_counter(), time.process_time()
    rest = sum(1 for _ in outcomes)
    seconds, processor = time.perf_counter() - first, time.process_time() - processor
    assert rest == names - 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    per = 1e6 / names
    return (
        f"{names:,}",
        f"{listing:.1f}",
        f"{seconds:.1f}",
        f"{seconds * per:.0f}",
        f"{processor * per:.0f}",
        f"{memory:.0f}",
    )


def nothing(work: Work) -> Outcome:
    """Return the outcome of a picture without painting it."""
    return Outcome(work.source)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=MODEL, help="model folder (default: the bundled one)")
    parser.add_argument("--pictures", type=int, default=60, help="how many are painted; 0 = none")
    parser.add_argument("--megapixels", type=float, default=1.0, help="of each")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2], help="at once, of each way")
    parser.add_argument("--names", type=int, nargs="*", default=[20_000, 100_000], help="made-up pictures to schedule")
    options = parser.parse_args(words)
    print(f"load average before: {os.getloadavg()[0]:.1f}; processors: {os.cpu_count()}\n")
    with tempfile.TemporaryDirectory() as folder:
        if options.pictures:
            print(
                speed(options.model.resolve(), Path(folder), options.pictures, options.megapixels, options.workers),
                flush=True,
            )
        heading = (
            "pictures",
            "s to list",
            "s to schedule",
            "µs each",
            "µs each of the caller's processor",
            "MB of the caller",
        )
        if options.names:
            print(table(heading, [scheduling(Path(folder), names) for names in options.names]))


if __name__ == "__main__":
    main()
