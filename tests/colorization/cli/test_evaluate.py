"""What `evaluate --semantic` asks whom: the judge, and FID where Inception's weights are, told where they are not."""

import keras
import numpy as np
import pytest
from h5py import File
from keras.src.legacy.saving import legacy_h5_format

from colorization.cli import evaluate as command
from colorization.cli.console import Console
from colorization.config import EvaluateOptions, SamplesConfig
from colorization.evaluation.evaluate import Answers
from colorization.evaluation.semantic import frechet_distance
from colorization.models import imagenet
from colorization.models.classifiers import Classifier, inception_features
from data_pipelines import Split


@pytest.fixture
def inception(tmp_path, monkeypatch):
    """The place where Keras keeps Inception's weights, which is empty; their server does not answer."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(imagenet, "no_answer", lambda url: "no route")
    (tmp_path / "models").mkdir()
    return tmp_path / "models" / "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture
def judged(tmp_path):
    rows = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    judge = Classifier("a judge of redness", lambda rgb: (np.full((len(rgb), 2), 0.5), np.float32(rgb).mean((1, 2))))
    answers = Answers(lambda L: np.full((*L.shape[:3], 2), 20, np.float32))
    subject = command.Subject(tmp_path, None, None, answers, {}, "")
    split = Split(rows, [f"{i}" for i in range(4)], labels=np.array([0, 1, 0, 1]))
    options = EvaluateOptions(semantic=True, classifier="judge.h5")

    def table():
        inception = command._inception(Console())
        return command._judged(judge, inception, subject, SamplesConfig(size=16), split, options, Console())

    return table


def test_fid_is_left_out_with_a_line_that_says_so(judged, inception, capsys):
    table = judged()
    out = capsys.readouterr().out
    assert f"FID left out: Inception's weights are not at {inception} and cannot be had (no route)" in out
    assert "as seen by a judge of redness:" in out
    assert "fid" not in table["model"]


def test_a_broken_file_of_inception_costs_no_more_than_fid(judged, inception, capsys):
    inception.write_bytes(b"half of a download")
    table = judged()
    assert f"FID left out: {inception} holds no weights of inception_v3" in capsys.readouterr().out
    assert "fid" not in table["model"]


def test_fid_is_measured_where_inceptions_weights_can_be_had(judged, monkeypatch, capsys):
    """Its features are the mean colours here."""
    monkeypatch.setattr(command, "fetch_weights", lambda weights: weights.place)
    monkeypatch.setattr(command, "unreachable", lambda weights: "")
    seen = Classifier("mean colours", lambda rgb: (np.zeros((len(rgb), 0)), np.float32(rgb).mean((1, 2))))
    monkeypatch.setattr(command, "inception_features", lambda file: seen)
    table = judged()
    assert "fid" in capsys.readouterr().out
    assert table["true"]["fid"] == pytest.approx(0, abs=1e-3)
    assert table["model"]["fid"] > 10


@pytest.mark.slow
def test_fid_is_measured_where_inceptions_weights_lie(judged, inception, capsys):
    """A stand-in for the real file: of its layers, shapes and format."""
    network = keras.applications.InceptionV3(include_top=False, weights=None)
    with File(inception, "w") as opened:
        legacy_h5_format.save_weights_to_hdf5_group(opened, network)
    table = judged()
    assert "fid" in capsys.readouterr().out
    true = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)  # the very pictures
    features = inception_features(inception).classify(true)[1]
    assert table["true"]["fid"] == pytest.approx(frechet_distance(features, features), abs=1e-3)
    assert table["model"]["fid"] > table["true"]["fid"]


def test_results_of_two_judges_do_not_replace_each_other():
    data = SamplesConfig()
    subject = command.Subject(None, data, None, None, {}, "")

    def suffix(**options):
        return command.file_suffix(subject, data, EvaluateOptions(**options))

    assert suffix() == ""
    assert suffix(semantic=True) == "-seen"
    assert suffix(semantic=True, classifier="a/mobilenet_v2_1.0_224.weights.h5") == "-seen-by-mobilenet_v2_1"
