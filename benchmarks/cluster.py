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
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.pictures import make_pictures
from benchmarks.section import table
from colorization.cluster.deaths import Diary
from colorization.cluster.one_machine import colorize_here
from colorization.cluster.painter import ArchivePainter
from colorization.cluster.ray_engine import Cluster, colorize_on_ray
from colorization.cluster.shards import Shard
from colorization.cluster.work_list import Work, list_work
from colorization.config import ColorizeOptions
from colorization.images.storage import LocalFolder
from colorization.painting.asked import picture_colorizer
from colorization.painting.job import Outcome

MODEL = ROOT / "saved_models" / "pretrained" / "photo"
IN_A_FOLDER = 1000  # made-up names


def speed(model: Path, folder: Path, count: int, megapixels: float, workers: list[int]) -> str:
    """Return a table: each way on the same pictures. What is counted begins with the first outcome."""
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
        diary, works = Diary(LocalFolder(options.output), "diary.json"), list_work(options, Shard())
        begun = time.perf_counter()
        with contextlib.closing(run(paint, works, diary)) as outcomes:
            assert not next(outcomes).problem
            started, processor = time.perf_counter(), processor_seconds()
            assert not any(
                outcome.problem for outcome in islice(outcomes, count - 1)
            )  # the last one: workers are there
            seconds, processor = time.perf_counter() - started, processor_seconds() - processor
            memory = max(map(peak_megabytes, workers_of_ray() or [os.getpid()]))
        figures = (f"{started - begun:.1f}", f"{(count - 1) / seconds:.2f}", f"{processor / (count - 1):.3f}")
        rows.append((name, *figures, f"{memory:.0f}"))
    heading = (
        "",
        "s to the first",
        "pictures a second after it",
        "processor s each",
        "peak MB of a process that paints",
    )
    return table(heading, rows)


def workers_of_ray() -> list[int]:
    """Return the processes of Ray's workers on this machine."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if (process / "cmdline").read_bytes().startswith(b"ray::Worker"):
                found.append(int(process.name))
    return found


def processor_seconds() -> float:
    """Return the processor time that this process and Ray's workers have taken so far."""
    ticks = 0
    for number in workers_of_ray():
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def peak_megabytes(process: int) -> float:
    """Return the largest resident memory that a process has had, libraries included that it shares with others."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def scheduling(folder: Path, names: int) -> tuple[str, ...]:
    """Return a row: made-up pictures listed in folders, then given to two workers that do nothing with them.

    The first and the fourth figure are processor time.
    """
    for i in range(names):
        if i % IN_A_FOLDER == 0:
            (folder / f"{names}/{i // IN_A_FOLDER:05}").mkdir(parents=True)
        (folder / f"{names}/{i // IN_A_FOLDER:05}/{i:07}.jpg").touch()
    options = ColorizeOptions(pictures=(str(folder / f"{names}"),), output=str(folder / "out"))
    started = time.process_time()
    listed = sum(1 for _ in list_work(options, Shard()))
    listing = time.process_time() - started
    assert listed == names
    works: Iterator[Work] = (Work(f"{i // IN_A_FOLDER:05}/{i:07}.jpg", f"{i:07}.jpg") for i in range(names))
    outcomes = colorize_on_ray(nothing, works, Diary(LocalFolder(str(folder)), "diary.json"), Cluster(workers=2))
    next(outcomes)
    first, processor = time.perf_counter(), time.process_time()
    rest = sum(1 for _ in outcomes)
    seconds, processor = time.perf_counter() - first, time.process_time() - processor
    assert rest == names - 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    per = 1e6 / names
    figures = (listing * per, seconds, seconds * per, processor * per, memory)
    return f"{names:,}", *(f"{figure:,.0f}" for figure in figures)


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
            "µs to list one",
            "s to schedule",
            "µs each",
            "µs of the caller's each",
            "MB of the caller",
        )
        if options.names:
            print(table(heading, [scheduling(Path(folder), names) for names in options.names]))


if __name__ == "__main__":
    main()
