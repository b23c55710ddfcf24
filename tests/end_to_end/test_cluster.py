"""`colorize --engine ray` on a cluster of several nodes: whatever dies, every picture is whole, once, and told."""

import csv
import filecmp
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.images.storage import folder_at
from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import run, start
from tests.end_to_end.ray_cluster import add_node, cluster_of, kill_a_painting_worker

pytest.importorskip("ray")
pytest.importorskip("pyarrow")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"{chr(ord('a') + i % 3)}/{i:02}.{('png', 'jpg', 'webp')[i % 3]}" for i in range(24)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a model, an album of 24 pictures in three folders, and what the plain loop makes of it."""
    folder, numbers = tmp_path_factory.mktemp("place"), np.random.default_rng(0)
    save_formula_model("unet", str(folder / "model"))
    for name in NAMES:
        (folder / "album" / name).parent.mkdir(parents=True, exist_ok=True)
        blots = Image.fromarray(numbers.integers(0, 256, (30, 40), np.uint8))
        blots.resize((1200, 900)).save(folder / "album" / name)
    run("colorize", "album", "--model", "model", "--output", "plain", folder=folder)
    return folder


@pytest.fixture(scope="module")
def cluster(s3):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RAY_USAGE_STATS_ENABLED", "RAY_worker_niceness"):
            patch.setenv(name, "0")
        with cluster_of(2) as cluster:
            yield cluster


def colorize(cluster, output: str, *more) -> list:
    words = ["colorize", "album", "--model", "model", "--output", output, "--report", f"{output}.csv"]
    return [*words, "--engine", "ray", "--address", cluster.address, *more]


def written(folder: Path) -> list[str]:
    """Every file but what a process that was killed while writing leaves: hidden, and unfinished by its name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(str(path.relative_to(folder)) for path in files if not re.fullmatch(r"\.\w{16}\.part", path.name))


def wait_for(process, folder: Path, count: int) -> None:
    """Wait until a call has written so many pictures."""
    while process.poll() is None and len(list(folder.rglob("[!.]*.*"))) < count:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()


def check(place: Path, output: str) -> None:
    """Every picture is as the plain loop made it, nothing else lies there, and the report has each once."""
    assert written(place / output) == sorted(NAMES)
    assert filecmp.cmpfiles(place / output, place / "plain", NAMES, shallow=False)[0] == NAMES
    rows = list(csv.DictReader((place / f"{output}.csv").read_text().splitlines()))
    assert sorted(row["source"] for row in rows) == sorted(f"album/{name}" for name in NAMES)
    assert {row["outcome"] for row in rows} <= {"colorized", "skipped"}


def test_a_worker_is_killed_while_it_paints(place, cluster):
    process = start(colorize(cluster, "killed"), folder=place)
    wait_for(process, place / "killed", 4)
    kill_a_painting_worker(cluster)
    out, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert out.startswith(f"{len(NAMES)} colorized, 0 failed, ")
    assert [line for line in err.splitlines() if not line.startswith("colorizing: ")] == []
    check(place, "killed")


def test_a_node_is_lost_in_the_middle(place, cluster):
    node = add_node(cluster)
    process = start(colorize(cluster, "lost", "--workers", 3), folder=place)
    wait_for(process, place / "lost", 4)
    cluster.remove_node(node, allow_graceful=False)
    out, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert out.startswith(f"{len(NAMES)} colorized, 0 failed, ")
    check(place, "lost")


def test_the_caller_is_stopped_then_killed_and_called_again(place, cluster):
    process = start(colorize(cluster, "again"), folder=place)
    wait_for(process, place / "again", 3)
    process.terminate()
    out, err = process.communicate(timeout=280)
    assert process.returncode == 143
    assert out == "the same command again colorizes the pictures that are not done yet\n"
    assert err.endswith("stopped by SIGTERM\n")
    done = len(list((place / "again").rglob("[!.]*.*")))
    process = start(colorize(cluster, "again"), folder=place)
    wait_for(process, place / "again", done + 3)
    process.kill()
    process.communicate()
    assert len(list((place / "again").rglob("[!.]*.*"))) < len(NAMES)
    out, _ = run(*colorize(cluster, "again", "--report", "again.parquet"), folder=place)
    assert ", 0 failed, " in out
    assert "skipped because their outputs exist" in out
    check(place, "again")
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(place / "again.parquet")
    assert sorted(table["source"].to_pylist()) == sorted(f"album/{name}" for name in NAMES)
    sizes = {
        str(Path(s).relative_to("album")): n
        for s, n in zip(*(table[c].to_pylist() for c in ("source", "output_bytes")), strict=True)
    }
    assert all(size in (0, (place / "plain" / name).stat().st_size) for name, size in sizes.items())


POISON = """
import os, signal, sys
from colorization.cluster.deaths import Diary
from colorization.cluster.ray_engine import Cluster, colorize_on_ray
from colorization.images.storage import LocalFolder
from colorization.cluster.work_list import Work
from colorization.painting.job import Outcome

def paint(work):
    if work.name == "poison.png":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(work.source)

works = [Work(f"{i}.png", f"{i}.png") for i in range(20)]
works.insert(3, Work("poison.png", "poison.png"))
diary = Diary(LocalFolder(sys.argv[1]), "diary.json")
for outcome in colorize_on_ray(paint, iter(works), diary, Cluster(sys.argv[2])):
    print(outcome.source, outcome.set_aside)
print(diary.deaths.counts())
"""


def test_a_picture_that_kills_its_workers_is_set_aside_by_name(place, cluster, tmp_path):
    words = [sys.executable, "-c", POISON, str(tmp_path), cluster.address]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stderr
    *told, deaths = ended.stdout.splitlines()
    assert sorted(told) == sorted([*(f"{i}.png False" for i in range(20)), "poison.png True"])
    assert deaths == "{'poison.png': 3}"


UNFIT = """
import sys
from colorization.cluster.deaths import Diary
from colorization.cluster.ray_engine import Cluster, colorize_on_ray
from colorization.images.storage import LocalFolder
from colorization.cluster.work_list import Work
from colorization.errors import InputError

class Unfit:
    def __reduce__(self):
        return __import__, ("no_such_module",)

works, diary = iter([Work("a.png", "a.png")]), Diary(LocalFolder(sys.argv[1]), "diary.json")
try:
    next(colorize_on_ray(Unfit(), works, diary, Cluster(sys.argv[2])))
except InputError as error:
    print(error)
"""


def test_workers_that_cannot_start_are_told(cluster, tmp_path):
    """As where a machine of the cluster lacks this program."""
    words = [sys.executable, "-c", UNFIT, str(tmp_path), cluster.address]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert ended.stdout == (
        "the workers do not start; is the same version installed on all machines? "
        "(ModuleNotFoundError: No module named 'no_such_module')\n"
    )


def test_addresses_of_a_store_of_objects(place, cluster, s3):
    """S3's protocol, by a real server; the manifest lies there, too."""
    store = folder_at(s3("archive"))
    for name in NAMES[:12]:
        store.write(f"scans/{name}", (place / "album" / name).read_bytes())
    store.write("list.csv", b"source,target\n" + b"".join(f"scans/{name},{name}\n".encode() for name in NAMES[:12]))
    how = ("--model", "model", "--output", s3("archive/colour"))
    on_ray = ("--engine", "ray", "--address", cluster.address, "--report", "store.csv")
    out, _ = run("colorize", s3("archive/list.csv"), *how, *on_ray, folder=place)
    assert out.startswith("12 colorized, 0 failed, ")
    for name in NAMES[:12]:
        assert store.read(f"colour/{name}") == (place / "plain" / name).read_bytes()
    out, _ = run("colorize", s3("archive/scans"), *how, "--shard", "1/1", folder=place)
    assert out.startswith("0 colorized, 0 failed, 12 skipped")
