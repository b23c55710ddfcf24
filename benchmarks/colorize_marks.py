"""`colorize` beside the plain script: from start to file, in a running process, and on a folder."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Cost, cost_of, costs_told_by, in_turn, median, with_spread
from benchmarks.scale import Scale
from benchmarks.section import Mark, Section, at_most, share_of_plain, table

HEADING = ("", "wall s", "processor s", "peak MB")
OURS, PLAIN = "colorize", "plain script"
ROUNDS_IN_PROCESS = 3


def make_pictures(folder: Path, count: int, megapixels: float, ending: str = "jpg") -> list[Path]:
    """Make pictures in a process of their own, so that this one stays small, and return their paths."""
    cost_of([sys.executable, "-m", "benchmarks.pictures", folder, count, megapixels, ending])
    return sorted(folder.iterdir())


def start_to_file(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure one small picture from the start of the program to the written file."""
    [picture] = make_pictures(folder / "small", 1, scale.small)
    costs = in_turn(_programs(model, picture, picture, folder / "small-out"), scale.rounds + 1)
    ours, plain = costs[OURS], costs[PLAIN]
    marks = (
        at_most(f"{scale.small:g} megapixels, start to file: processor time", 2, median(ours, "cpu"), "s"),
        share_of_plain("... wall time", 1 / 2, median(ours, "wall"), median(plain, "wall")),
    )
    text = f"One picture of {scale.small:g} megapixels, the program started for it alone.\n\n" + _rows(costs)
    return Section("From start to file", text, marks)


def running_process(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure a large JPEG to a JPEG in a process that has colorized one already."""
    [picture] = make_pictures(folder / "large", 1, scale.large)

    def way(name: str) -> Callable[[], list[Cost]]:
        words = [name, model, picture, folder / f"large-{name}", ROUNDS_IN_PROCESS]
        return lambda: costs_told_by([sys.executable, "-m", "benchmarks.running", *words])

    costs = in_turn({OURS: way("ours"), PLAIN: way("plain")}, scale.rounds)
    ours, plain = costs[OURS], costs[PLAIN]
    marks = tuple(
        share_of_plain(
            f"{scale.large:g} megapixels, running process: {what}", limit, median(ours, key), median(plain, key)
        )
        for what, key, limit in (
            ("wall time", "wall", 1 / 5),
            ("processor time", "cpu", 1 / 3),
            ("memory", "megabytes", 1 / 3),
        )
    )
    marks += (at_most(f"{scale.large:g} megapixels: memory", 600, median(ours, "megabytes"), "MB", 0),)
    text = f"A JPEG of {scale.large:g} megapixels to a JPEG; the first call of each process is not counted.\n\n"
    return Section("A large picture in a running process", text + _rows(costs), marks)


def whole_folder(model: Path, folder: Path, scale: Scale) -> Section:
    """Measure pictures a second of a folder, and whether memory and rate depend on the number of pictures."""
    pictures = make_pictures(folder / "album", scale.album_count, scale.album)
    few = folder / "few"
    few.mkdir()
    for picture in pictures[: scale.plain_count]:
        shutil.copy(picture, few)
    output = folder / "album-out"
    all_and_few = _programs(model, folder / "album", few, output)
    ways = {OURS: all_and_few[OURS], "few": _programs(model, few, few, output)[OURS], PLAIN: all_and_few[PLAIN]}
    costs = in_turn(ways, scale.rounds)
    rates = {
        OURS: scale.album_count / median(costs[OURS], "wall"),
        "few": scale.plain_count / median(costs["few"], "wall"),
        PLAIN: scale.plain_count / median(costs[PLAIN], "wall"),
    }
    faster, busy = rates[OURS] / rates[PLAIN], median(costs[OURS], "cpu") / median(costs[OURS], "wall")
    growth = median(costs[OURS], "megabytes") / median(costs["few"], "megabytes")
    marks = (
        Mark("folder: pictures a second", "5 times the plain script's", f"{faster:.1f} times", faster >= 5),
        Mark("... cores busy", "both", f"{busy:.1f}", busy >= 1.6),
        Mark("memory with more pictures", "flat", f"{growth:.2f} times that of {scale.plain_count}", growth <= 1.2),
    )
    rows = [
        (name, f"{count}", f"{rates[key]:.2f}", *_figures(costs[key]))
        for key, name, count in (
            (OURS, OURS, scale.album_count),
            ("few", OURS, scale.plain_count),
            (PLAIN, PLAIN, scale.plain_count),
        )
    ]
    text = f"Pictures of {scale.album:g} megapixels, the start of the program included.\n\n"
    return Section("A folder", text + table(("", "pictures", "a second", *HEADING[1:]), rows), marks)


def _programs(model: Path, ours: Path, plain: Path, output: Path) -> dict[str, Callable[[], list[Cost]]]:
    """Return both programs as a user starts them, by name; each call writes into an empty folder."""

    def once(words: list) -> list[Cost]:
        shutil.rmtree(output, ignore_errors=True)
        return [cost_of([sys.executable, *words])]

    return {
        OURS: lambda: once(["main.py", "colorize", ours, "--model", model, "--output", output]),
        PLAIN: lambda: once(["benchmarks/plain_script.py", model, output, plain]),
    }


def _rows(costs: dict[str, list[Cost]]) -> str:
    return table(HEADING, [(name, *_figures(each)) for name, each in costs.items()])


def _figures(costs: list[Cost]) -> tuple[str, str, str]:
    return with_spread(costs, "wall"), with_spread(costs, "cpu"), with_spread(costs, "megabytes", 0)
