"""Shards by their commands: `prepare` writes them, a run on them is a run on the folder, what is broken is one line."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.end_to_end.processes import MAIN, history, run_here

SMALL = ["--model", "unet", "--width", "2", "--depth", "1", "--batch-size", "4", "--epochs", "2", "--no-export"]
ALBUM, SHARDS = (
    ["--dataset", name, "--data-dir", place, "--size", "32", "--cache-dir", "cache"]
    for name, place in (("folder", "album"), ("shards", "shards"))
)
CUT = """
import os, signal, sys
from pathlib import Path
from colorization.cli.main import main
from colorization.training.callbacks import StopAtNonFinite

def die(self, batch, logs=None):
    if batch == 1 and Path("logs/cut/checkpoints/last.npz").exists():
        os.kill(os.getpid(), signal.SIGKILL)

StopAtNonFinite.on_train_batch_end = die
main(sys.argv[1:])
"""  # trains, and is killed after the second step of the second epoch


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with 20 pictures in album/, and in shards/ what `prepare` makes of them."""
    folder = tmp_path_factory.mktemp("shards")
    (folder / "album").mkdir()
    for i in range(20):
        few = np.random.default_rng(i).integers(0, 256, (3, 4, 3), np.uint8)
        Image.fromarray(few).resize((40, 30 + i), Image.Resampling.BICUBIC).save(folder / "album" / f"{i}.png")
    words = ["--dataset", "folder", "--data-dir", "album", "--size", "32", "--shards", "2", "--output", "shards"]
    out, err = run_here("prepare", *words, folder=folder)
    assert "18 pictures in 2 shards, 2 left out; train with: --dataset shards --data-dir shards --size 32" in out
    assert "left out: 0.png: 40 x 30 px, smaller than --size 32" in err
    return folder


@pytest.fixture(scope="module")
def whole(folder):
    """The folder, in which logs/whole is a run on the shards that nothing interrupted."""
    run_here("train", *SMALL, *SHARDS, "--name", "whole", folder=folder)
    return folder


def check_same(folder, name):
    """A run has the history of "whole", and its weights and optimizer bit for bit."""
    assert history(folder, name) == history(folder, "whole")
    for which in ("last", "best"):
        with (
            np.load(folder / f"logs/whole/checkpoints/{which}.npz") as one,
            np.load(folder / f"logs/{name}/checkpoints/{which}.npz") as other,
        ):
            assert set(one.files) == set(other.files)
            for key in set(one.files) - {"progress.json"}:  # which has the processor time
                np.testing.assert_array_equal(one[key], other[key], err_msg=key)


@pytest.mark.slow
def test_a_run_on_them_is_a_run_on_the_folder(whole):
    run_here("train", *SMALL, *ALBUM, "--name", "folder", folder=whole)
    check_same(whole, "folder")


@pytest.mark.slow  # a process trains
def test_killed_in_the_middle_of_an_epoch_it_goes_on_as_if_never_stopped(whole):
    words = [sys.executable, "-c", CUT, "train", *SMALL, *SHARDS, "--name", "cut"]
    environment = os.environ | {"PYTHONPATH": str(MAIN.parent)}
    killed = subprocess.run(words, cwd=whole, env=environment, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with np.load(whole / "logs/cut/checkpoints/last.npz") as checkpoint:
        assert json.loads(checkpoint["progress.json"].item())["epoch"] == 1
    run_here("train", "--resume", "logs/cut", "--cache-dir", "cache", "--no-export", folder=whole)
    check_same(whole, "cut")


def test_a_broken_picture_is_told_in_one_line(folder):
    (folder / "broken").mkdir()
    for file in (folder / "shards").iterdir():
        content = bytearray(file.read_bytes())
        if file.name.startswith("pictures-00000"):
            content[700] ^= 255
        (folder / "broken" / file.name).write_bytes(content)
    _, err = run_here("train", *SMALL, *SHARDS, "--data-dir", "broken", "--name", "broken", folder=folder, status=1)
    assert err.startswith("error: pictures-00000-of-00002.tar is broken at byte 512 (")
    assert err.endswith("); copy it again, or delete it and prepare it again\n")
    assert not (folder / "logs" / "broken").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--shards", "2"], "--shards N and --output DIR belong together; give both"),
        (["--output", "x"], "--shards N and --output DIR belong together; give both"),
        (
            ["--shards", "2", "--output", "x", "--dataset", "samples"],
            "of --dataset folder, not of samples",
        ),
    ],
)
def test_what_cannot_be_prepared_is_told(tmp_path, words, reason):
    _, err = run_here("prepare", *words, folder=tmp_path, status=1)
    assert reason in err
