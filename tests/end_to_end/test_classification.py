"""The classification network by its commands: train, measure, export at another temperature, versions, train on."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.end_to_end.processes import history, run_here

pytestmark = pytest.mark.slow  # two trainings, two exports, six evaluations

SMALL = ["--width", "4", "--size", "32", "--patches", "16", "--batch-size", "8"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    out, _ = run_here("--model", "classification", "--name", "bins", "--epochs", "2", *SMALL, folder=folder)
    Image.fromarray(data.camera()[:150, :120]).save(folder / "old.png")
    return folder, out


def test_training_shows_the_lowest_possible_loss_and_draws_the_prior(trained):
    folder, out = trained
    row = history(folder, "bins")[-1]
    assert f"validation {float(row['val_loss']):.4g} (at best {float(row['val_loss_floor']):.4g})" in out
    assert float(row["val_loss_floor"]) < float(row["val_loss"])
    assert "top-1" in out
    assert np.asarray(Image.open(folder / "logs/bins/prior.png")).std() > 10
    stats = json.loads((folder / "logs/bins/stats.json").read_text())
    assert len(stats["prior"]) == 313
    assert sum(stats["prior"]) == pytest.approx(1)


def test_temperature_of_evaluate_and_export(trained):
    folder, _ = trained
    run_here("export", "logs/bins", "--temperature", "0", "--output", "bold", folder=folder)
    colourful = {}
    given = "saved_models/bins"
    for path, words in (
        ("logs/bins", ["--temperature", "0"]),
        (given, []),
        (given, ["--temperature", "0"]),
        ("bold", []),
    ):
        output = folder / "figures" / "-".join([path.replace("/", "-"), *words])
        run_here("evaluate", path, *words, "--limit", "4", "--output", output, folder=folder)
        (file,) = output.glob("metrics-*.json")
        metrics = json.loads(file.read_text())
        colourful[path, *words] = metrics["validation"]["model"]["colourfulness"]
        temperature = 0.38 if path == given and not words else 0.0
        assert metrics["conditions"] == {"saturation": 1.0, "vibrance": 0.0, "temperature": temperature}
    assert colourful["bold",] == pytest.approx(colourful[given, "--temperature", "0"], rel=0.01)
    assert colourful["bold",] != pytest.approx(colourful[given,], rel=0.01)


def test_every_picture_of_other_data_as_one_set(trained):
    folder, _ = trained
    (folder / "album").mkdir()
    for name in ("astronaut", "coffee", "chelsea"):
        Image.fromarray(getattr(data, name)()[:100, :100]).save(folder / "album" / f"{name}.png")
    other = ["--dataset", "folder", "--data-dir", "album", "--size", "32", "--cache-dir", "cache"]
    out, _ = run_here("evaluate", "logs/bins", *other, "--all", folder=folder)
    assert "all, model" in out
    assert json.loads((folder / "logs/bins/metrics-folder-album-32-all.json").read_text())["all"]["pictures"] == 3
    _, err = run_here("evaluate", "logs/bins", "--all", folder=folder, status=1)
    assert "--all takes every picture as one that the model never saw" in err


def test_versions_and_where_it_is_sure(trained):
    folder, _ = trained
    words = ["--model", "saved_models/bins", "--temperature", "1", "--samples", "2", "--confidence", "--output", "out"]
    run_here("colorize", "old.png", *words, folder=folder)
    names = ["old-sample1.png", "old-sample2.png", "old.png", "old.png-confidence.png"]
    pictures = [np.asarray(Image.open(folder / "out" / name)) for name in names]
    assert {picture.shape for picture in pictures} == {(150, 120, 3)}
    assert np.abs(pictures[0].astype(int) - pictures[1]).max() > 3


def test_training_on_takes_the_settings_of_the_model_it_starts_from(trained):
    folder, _ = trained
    words = ["--init", "saved_models/bins", "--name", "on", "--epochs", "1", "--rebalance", "1", "--no-export"]
    run_here("train", *words, *SMALL[2:], folder=folder)
    config = json.loads((folder / "logs/on/config.json").read_text())
    assert config["model"] == {"name": "classification", "width": 4, "rebalance": 1.0, "temperature": 0.38}
    _, err = run_here("train", *words, *SMALL[2:], "--width", "5", "--name", "x", folder=folder, status=1)
    assert err.startswith("error: --init: saved_models/bins: 0000/model1/kernel has shape (3, 3, 1, 4)")
    assert not (folder / "logs/x").exists()
