"""`colorize` on folders as processes: killed at any moment, twice at once, and still every output whole or absent."""

import csv
import filecmp
import random
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import run, start

NAMES = [f"{chr(ord('a') + i % 5)}/{i:02}.{('png', 'jpg', 'webp')[i % 3]}" for i in range(60)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a model and an album of 60 pictures of several sizes and formats in five folders."""
    folder, numbers = tmp_path_factory.mktemp("place"), np.random.default_rng(0)
    save_formula_model("unet", str(folder / "model"))
    for i, name in enumerate(NAMES):
        (folder / "album" / name).parent.mkdir(parents=True, exist_ok=True)
        blots = Image.fromarray(numbers.integers(0, 256, (30, 40), np.uint8))
        blots.resize((400 + 100 * (i // 20), 300)).save(folder / "album" / name)
    return folder


def colorize(output: str, *more: str) -> list[str]:
    return ["colorize", "album", "--model", "model", "--output", output, *more]


def written(folder: Path) -> list[str]:
    """The pictures in a folder; what is not finished is hidden."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("[!.]*.*"))


def check_whole(folder: Path) -> None:
    for name in written(folder):
        with Image.open(folder / name) as image:
            image.load()
            assert image.mode in ("RGB", "RGBA") or image.format == "GIF"  # a GIF that moves has a palette


def test_killed_at_any_moment_every_output_is_whole_and_the_next_call_goes_on(place):
    chance, done = random.Random(0), 0
    for _ in range(4):
        process = start(colorize("killed", "--report", "killed.csv"), folder=place)
        enough = done + chance.randint(1, 12)
        while process.poll() is None and len(written(place / "killed")) < enough:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        check_whole(place / "killed")
        done = len(written(place / "killed"))
        assert done < len(NAMES)
    out, _ = run(*colorize("killed", "--report", "killed.csv"), folder=place)
    assert f"{len(NAMES) - done} colorized, 0 failed, {done} skipped because their outputs exist" in out
    assert written(place / "killed") == sorted(NAMES)
    check_whole(place / "killed")
    run(*colorize("at-once"), folder=place)
    assert filecmp.cmpfiles(place / "killed", place / "at-once", NAMES, shallow=False)[0] == NAMES
    lines = (place / "killed.csv").read_text().splitlines()
    assert lines[0] == "source,outcome,seconds,reason,source_bytes,output_bytes,width,height"
    assert {line.split(",")[0] for line in lines[1:]} == {f"album/{name}" for name in NAMES}


def test_two_calls_into_one_folder_do_not_hurt_each_other(place):
    both = [start(colorize("shared"), folder=place) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert "0 failed" in out
    assert written(place / "shared") == sorted(NAMES)
    check_whole(place / "shared")
    assert not list((place / "shared").rglob("*.part"))


def test_as_many_threads_as_one_likes_give_the_same(place):
    run(*colorize("one", "--jobs", "1"), folder=place)
    run(*colorize("eight", "--jobs", "8"), folder=place)
    assert filecmp.cmpfiles(place / "one", place / "eight", NAMES, shallow=False)[0] == NAMES


def test_every_odd_and_broken_file_gives_a_picture_or_a_reason(place, shared_data):
    words = ("--model", "model", "--output", "odd", "--report", "odd.csv")
    _, err = run("colorize", shared_data / "formats", shared_data / "corrupt", *words, folder=place, status=1)
    rows = list(csv.DictReader((place / "odd.csv").read_text(encoding="utf-8").splitlines()))
    wanted = manifest(shared_data / "formats") | manifest(shared_data / "corrupt")
    outcomes = {Path(row["source"]).name: row["outcome"] for row in rows}
    for name, what in wanted.items():
        either = "refuse" in what and ("colorize" in what or "unsupported kind" in what)
        allowed = {"colorized", "failed"} if either else {"failed" if "refuse" in what else "colorized"}
        assert outcomes[name] in allowed, name
    for row in rows:
        assert row["reason"] or row["outcome"] == "colorized"
    reasons = [line for line in err.splitlines() if line.startswith(str(shared_data))]
    assert reasons == [f"{row['source']}: {row['reason']}" for row in rows if row["outcome"] == "failed"]
    check_whole(place / "odd")
    assert len(written(place / "odd")) == [row["outcome"] for row in rows].count("colorized")
    assert not list((place / "odd").rglob("*.part"))


def manifest(folder: Path) -> dict[str, str]:
    """What a good program should do with each file of the folder, by its name."""
    lines = (folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {line.split("\t")[0]: line.split("\t")[2] for line in lines}
