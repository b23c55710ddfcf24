"""ChromaGAN by its commands: the samples with no further option, labelled folders, judged, exported, resumed."""

import json
import shutil

import keras
import numpy as np
import pytest
from PIL import Image
from skimage import data

from colorization.config import ChromaganConfig
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from tests.end_to_end.processes import history, run, run_here

pytestmark = pytest.mark.slow  # six trainings, one of them of 171 million weights

SMALL = ["--width", "4", "--batch-size", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two labels of eight pictures each: crops of a cup and of a cat."""
    folder = tmp_path_factory.mktemp("work")
    for label, picture in (("cups", data.coffee()), ("cats", data.chelsea())):
        (folder / "album" / label).mkdir(parents=True)
        for i in range(8):
            Image.fromarray(picture[10 * i : 10 * i + 200, 20 * i : 20 * i + 200]).save(
                folder / "album" / label / f"{i}.png"
            )
    Image.fromarray(data.camera()[:150, :120]).save(folder / "old.png")
    return folder


ALBUM = ["--dataset", "folder", "--data-dir", "album", "--size", "32", "--cache-dir", "cache"]


def test_on_the_samples_with_no_further_option_but_its_length(folder):
    out, _ = run_here("--model", "chromagan", "--epochs", "1", "--name", "plain", folder=folder)
    assert "backbone: random weights (ImageNet's are for --width 64)" in out
    assert "class branch: learns nothing" in out
    assert "exported: saved_models/plain" in out


@pytest.fixture(scope="module")
def told(folder):
    """What is said while logs/gan is trained on the labelled folders."""
    return run_here("train", "--model", "chromagan", *ALBUM, *SMALL, "--epochs", "2", "--name", "gan", folder=folder)[0]


def test_on_labelled_folders_judged_and_exported(folder, told):
    assert "class branch: learns the data set's 2 labels" in told
    row = history(folder, "gan")[-1]
    for part in ("mse", "kl", "adversarial", "critic", "gradient_penalty", "wasserstein", "class_accuracy"):
        assert np.isfinite(float(row[part]))
        assert np.isfinite(float(row[f"val_{part}"]))
    model = json.loads((folder / "logs/gan/config.json").read_text())["model"]
    assert (model["backbone"], model["semantic"]) == ("none", "labels")
    out, _ = run_here("evaluate", "logs/gan", "--cache-dir", "cache", "--semantic", folder=folder)
    assert "as seen by a classifier of its 2 labels:" in out
    semantic = json.loads((folder / "logs/gan/metrics-seen.json").read_text())["semantic"]
    assert semantic["true"]["accuracy"] > 0.9
    assert set(semantic) == {"judge", "true", "model", "grey", "mean colour"}
    run_here("colorize", "old.png", "--model", "saved_models/gan", "--output", "out", folder=folder)
    assert np.asarray(Image.open(folder / "out/old.png")).shape == (150, 120, 3)


def test_an_ablation_is_resumed(folder, same_bits):
    words = ["--model", "chromagan", "--without", "classification", *ALBUM, *SMALL, "--epochs", "2", "--no-export"]
    for name in ("whole", "parts"):
        run_here("train", *words, "--name", name, *(["--stop-after", "1"] if name == "parts" else []), folder=folder)
    run_here("train", "--resume", "logs/parts", "--cache-dir", "cache", "--no-export", folder=folder)
    assert history(folder, "whole") == history(folder, "parts")
    assert "kl" not in history(folder, "parts")[0]


def test_a_dry_run_counts_the_class_head(folder):
    out, _ = run_here("train", "--model", "chromagan", *ALBUM, *SMALL, "--dry-run", folder=folder)
    config = ChromaganConfig(width=4, semantic="labels", backbone="none")
    colorizer = build("chromagan", config, DatasetStats(classes=("cats", "cups"), size=32))
    alone, whole = (
        sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        for network in (colorizer.without_training_parts().network, colorizer.network)
    )
    told = f"of these {whole:,} trainable parameters the class head has {whole - alone:,}, the rest {alone:,}"
    assert told in " ".join(out.split())


@pytest.mark.usefixtures("told")
def test_what_cannot_be_is_told_in_one_line(folder):
    words = ["train", "--model", "chromagan", *ALBUM]
    _, err = run_here(*words, "--semantic", "teacher", "--teacher-weights", "old.png", folder=folder, status=1)
    assert "old.png holds no weights of vgg16" in err
    assert "say with --teacher whose they are" in err
    assert not [run for run in (folder / "logs").iterdir() if run.name.startswith("chromagan-")]  # nothing to clear up
    _, err = run_here(*words, "--paper", "--size", "64", folder=folder, status=1)
    assert "--paper is a network for pictures of 224 px, these have 64; give --size 224" in err
    _, err = run_here("evaluate", "logs/gan", "--classifier", "old.png", folder=folder, status=1)
    assert "--classifier says whom --semantic asks: give both" in err
    _, err = run_here(
        "evaluate", "logs/gan", "--semantic", "--limit", "1", "--cache-dir", "cache", folder=folder, status=1
    )
    assert "--semantic compares what many pictures show, and there is 1; evaluate more" in err
    _, err = run_here("evaluate", "logs/gan", *ALBUM, "--all", "--semantic", folder=folder, status=1)
    assert "--all would ask a classifier about the pictures that it learnt from" in err


def test_the_papers_very_network_takes_a_step_is_exported_and_colorizes(folder):
    """171 million parameters: 7 GB of memory and a checkpoint of 2.6 GB, which is not left lying about."""
    keras.applications.MobileNetV2(weights=None).save_weights(folder / "teacher.weights.h5")
    (folder / "three").mkdir()
    for i in range(3):
        Image.fromarray(data.coffee()[20 * i : 20 * i + 230, 40 * i : 40 * i + 240]).save(folder / f"three/{i}.png")
    teacher = ["--semantic", "teacher", "--teacher", "mobilenet_v2", "--teacher-weights", "teacher.weights.h5"]
    words = ["--dataset", "folder", "--data-dir", "three", "--cache-dir", "cache", "--batch-size", "2", "--epochs", "1"]
    words += ["--backbone", "none", "--critic-steps", "1"]  # each step more makes a longer graph
    run("train", "--model", "chromagan", "--paper", *teacher, *words, "--name", "paper", folder=folder)
    [row] = history(folder, "paper")
    assert all(np.isfinite(float(value)) for value in row.values())
    assert json.loads((folder / "logs/paper/config.json").read_text())["data"]["size"] == 224
    run("colorize", "old.png", "--model", "saved_models/paper", "--output", "by_paper", folder=folder)
    assert np.asarray(Image.open(folder / "by_paper/old.png")).shape == (150, 120, 3)
    shutil.rmtree(folder / "logs/paper")
    shutil.rmtree(folder / "saved_models/paper")
