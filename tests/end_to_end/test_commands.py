"""The commands as a user runs them: train, evaluate, export, colorize; interrupted, killed, resumed.

The first is a process, and those that are interrupted or killed; the others run in this one.
"""

import json
import os
import resource
import signal
import time

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from tests.end_to_end.processes import history, run, run_here, start

SMALL = ["--width", "4", "--depth", "2", "--size", "32", "--patches", "16", "--batch-size", "8"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of one command, and what it said."""
    folder = tmp_path_factory.mktemp("work")
    out, err = run("--model", "unet", "--name", "first", "--epochs", "3", *SMALL, folder=folder)
    return folder, out, err


def test_one_command_trains_evaluates_exports_and_colorizes(trained):
    folder, out, err = trained
    rows = history(folder, "first")
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    for told in ("validation, mean colour", "tensorboard --logdir logs", "saved_models/first", "colorized.png"):
        assert told in out
    present = {path.name for path in (folder / "logs" / "first").iterdir()}
    assert present >= {
        "config.json",
        "versions.json",
        "events",
        "checkpoints",
        "history.csv",
        "metrics.json",
        "pictures",
    }
    metrics = json.loads((folder / "logs" / "first" / "metrics.json").read_text())
    assert metrics["validation"]["grey"]["psnr"] > 10
    assert np.asarray(Image.open(folder / "logs/first/pictures/colorized.png")).std() > 10
    assert "oneDNN" not in err  # TensorFlow's greeting is kept from the user


def test_colorize_keeps_size_and_lightness(trained):
    folder, _, _ = trained
    (folder / "album").mkdir()
    grey = (color.rgb2gray(data.chelsea()) * 255).round().astype(np.uint8)
    Image.fromarray(grey).save(folder / "album" / "cat.png")
    (folder / "album" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    out, err = run_here(
        "colorize", "album", "--model", "saved_models/first", "--output", "out", folder=folder, status=1
    )
    result = np.asarray(Image.open(folder / "out" / "cat.png"))
    assert result.shape == (*grey.shape, 3)
    before, after = (color.rgb2lab(x) for x in (np.repeat(grey[..., None], 3, axis=-1), result))
    assert np.abs(before[..., 0] - after[..., 0]).mean() <= 0.5
    assert np.abs(after[..., 1:]).max() > 1
    assert "broken.jpg" in err
    assert not (folder / "out" / "broken.jpg").exists()


def folder_contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_evaluate_takes_the_run_and_the_export_alike(trained):
    folder, _, _ = trained
    figures = []
    exported = folder_contents(folder / "saved_models/first")
    for path, written in (("logs/first", "logs/first"), ("saved_models/first", "evaluated/first")):
        out, _ = run_here("evaluate", path, folder=folder)
        assert "validation, model" in out
        figures.append(json.loads((folder / written / "metrics.json").read_text())["validation"]["model"])
    assert figures[0] == pytest.approx(figures[1], rel=1e-3)
    assert folder_contents(folder / "saved_models/first") == exported
    (folder / "occupied").write_text("a file")
    _, err = run_here("evaluate", "saved_models/first", "--output", "occupied/figures", folder=folder, status=1)
    assert "error: --output occupied/figures: " in err and "occupied is a file; name a folder" in err


def test_evaluate_on_other_pictures_leaves_the_runs_own_figures(trained):
    folder, _, _ = trained
    own = (folder / "logs/first/metrics.json").read_bytes()
    pictures = folder / "holiday"
    pictures.mkdir()
    for i, name in enumerate(["astronaut", "coffee", "chelsea"]):
        Image.fromarray(getattr(data, name)()[:150, :150]).save(pictures / f"{i}.png")
    words = ["--dataset", "folder", "--data-dir", "holiday", "--size", "32", "--cache-dir", "cache"]
    out, _ = run_here("prepare", *words, folder=folder)
    assert "2 training and 1 validation pictures are ready" in out
    out, _ = run_here("evaluate", "logs/first", *words, folder=folder)
    assert "validation, model" in out
    assert (folder / "logs/first/metrics-folder-holiday-32.json").exists()
    assert (folder / "logs/first/metrics.json").read_bytes() == own


def test_extended_overfit_and_exported_elsewhere(tmp_path):
    shallow = ["--width", "4", "--depth", "1", *SMALL[4:]]  # quicker to build
    overfit = ["--epochs", "1", "--overfit", "1", "--no-export", *shallow]
    out, _ = run_here("train", "--name", "o", *overfit, folder=tmp_path)
    assert "overfit: the same batches again and again, 50 steps an epoch, 50 steps in all" in out
    out, _ = run_here("train", "--resume", "logs/o", "--no-export", folder=tmp_path)
    assert "nothing was trained: the run had ended after 1 of 1 epochs" in out
    out, _ = run_here("train", "--resume", "logs/o", "--epochs", "2", "--no-export", folder=tmp_path)
    assert "extended from 1 to 2 epochs: the learning rate goes on" in out
    assert "the lowest possible is 0.000" in out
    assert len(history(tmp_path, "o")) == 2
    out, _ = run_here("export", "logs/o", "--output", "here/model", "--format", "onnx", folder=tmp_path)
    assert "exported to here/model" in out
    assert {path.name for path in (tmp_path / "here/model").iterdir()} == {"model.json", "model.onnx"}


def test_a_run_is_not_written_over(trained):
    folder, _, _ = trained
    before = (folder / "logs/first/config.json").read_bytes()
    _, err = run_here("train", "--name", "first", "--epochs", "1", *SMALL, folder=folder, status=1)
    assert err.startswith("error: saved_models/first exists, the place of this run's export; choose another --name")
    _, err = run_here("train", "--name", "first", "--epochs", "1", "--no-export", *SMALL, folder=folder, status=1)
    assert err.startswith("error: logs/first exists")
    assert (folder / "logs/first/config.json").read_bytes() == before


def test_dry_run_leaves_nothing(tmp_path):
    out, _ = run_here("train", "--dry-run", *SMALL, folder=tmp_path)
    assert "down0_conv1" in out
    assert "one batch: L (8, 32, 32, 1), ab (8, 32, 32, 2)" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_as_if_never_stopped(tmp_path):
    words = ["train", "--epochs", "6", "--no-export", *SMALL]
    run(*words, "--name", "whole", folder=tmp_path)
    seed = int(time.time())
    print(f"moments of the kills: seed {seed}")  # shown when the test fails
    random = np.random.default_rng(seed)
    process = start([*words, "--name", "killed"], tmp_path)
    checkpoint = tmp_path / "logs" / "killed" / "checkpoints" / "last.npz"
    kills = 0
    while process.poll() is None and kills < 4:
        while process.poll() is None and not (checkpoint.exists() and random.random() < 0.2):
            time.sleep(0.05)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
        process = start(["train", "--resume", "logs/killed", "--no-export"], tmp_path)
        time.sleep(random.random() * 2)
    process.communicate(timeout=300)
    run("train", "--resume", "logs/killed", "--no-export", folder=tmp_path)
    assert kills > 0
    assert history(tmp_path, "killed") == history(tmp_path, "whole")
    files = [np.load(tmp_path / "logs" / name / "checkpoints" / "last.npz") for name in ("whole", "killed")]
    assert set(files[0].files) == set(files[1].files)
    for key in set(files[0].files) - {"progress.json"}:  # which has the history, and the processor time
        np.testing.assert_array_equal(files[0][key], files[1][key], err_msg=key)


CHECKPOINT, METRICS = "checkpoints/last.npz", "metrics.json"  # written in training, and when it is over


@pytest.mark.parametrize(
    ("sent", "status", "epochs", "seen"),
    [
        (signal.SIGTERM, 143, 500, CHECKPOINT),
        pytest.param(signal.SIGINT, 130, 500, CHECKPOINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 143, 1, METRICS, marks=pytest.mark.slow),
    ],
    ids=["while it trains", "while it trains, by Ctrl-C", "before the export"],
)
def test_a_signal_ends_it_and_it_can_go_on(tmp_path, sent, status, epochs, seen):
    process = start(["train", "--name", "cut", "--epochs", epochs, *SMALL], tmp_path)
    deadline = time.monotonic() + 120
    while not (tmp_path / "logs/cut" / seen).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert out.rstrip().endswith("main.py train --resume logs/cut")
    assert "Traceback" not in err
    run_here("train", "--resume", "logs/cut", "--stop-after", "1", folder=tmp_path)
    done = np.load(tmp_path / "logs/cut" / CHECKPOINT)["progress.json"].item()
    assert json.loads(done)["epoch"] == len(history(tmp_path, "cut")) >= min(epochs, 2)
    assert (tmp_path / "saved_models/cut").exists() == (seen == METRICS)


def test_a_checkpoint_that_cannot_be_written_is_told_in_one_line(tmp_path):
    """A limit on the size of files stands for a full disk: the write of a large checkpoint fails half-way."""
    words = ["train", "--name", "full", "--epochs", "2", "--no-export", *SMALL, "--width", "16"]
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, most))
    try:
        _, err = run_here(*words, folder=tmp_path, status=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))
    assert err.splitlines()[-1].startswith("error: ")
    assert "File too large" in err
    left = {path.name for path in (tmp_path / "logs" / "full" / "checkpoints").iterdir()}
    assert left <= {"best.npz"}
