"""Shards by their commands: `prepare` writes them, a run on them is a run on the folder, what is broken is one line."""

import numpy as np
import pytest
from PIL import Image

from tests.end_to_end.processes import history, run_here

SMALL = ["--model", "unet", "--width", "2", "--depth", "1", "--batch-size", "4", "--epochs", "1", "--no-export"]


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


@pytest.mark.slow
def test_a_run_on_them_is_a_run_on_the_folder(folder):
    for name, place in (("folder", "album"), ("shards", "shards")):
        data = ["--dataset", name, "--data-dir", place, "--size", "32", "--cache-dir", "cache"]
        run_here("train", *SMALL, *data, "--name", name, folder=folder)
    assert history(folder, "shards") == history(folder, "folder")


def test_a_broken_picture_is_told_in_one_line(folder):
    words = ["--dataset", "shards", "--data-dir", "broken", "--size", "32", "--cache-dir", "cache"]
    (folder / "broken").mkdir()
    for file in (folder / "shards").iterdir():
        content = bytearray(file.read_bytes())
        if file.name.startswith("pictures-00000"):
            content[700] ^= 255
        (folder / "broken" / file.name).write_bytes(content)
    _, err = run_here("train", *SMALL, *words, "--name", "broken", folder=folder, status=1)
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
