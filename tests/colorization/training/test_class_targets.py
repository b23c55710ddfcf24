"""What a semantic branch learns: smoothed labels, a teacher's answers, in the batches of their own pictures."""

import dataclasses

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from colorization.color.lab import lab_to_uint8
from colorization.config import ChromaganConfig
from colorization.errors import InputError
from colorization.training import class_targets
from colorization.training.class_targets import smoothed, with_targets
from data_pipelines import Pictures, Split
from data_pipelines.batches import evaluation_batches, training_batches


@pytest.fixture
def pictures() -> Pictures:
    random = np.random.default_rng(0)
    rows = (
        random.integers(0, 20, (9, 36, 34, 3)) + 25 * np.arange(9)[:, None, None, None]
    )  # each brighter than the last
    rows = rows.astype(np.uint8)
    names, labels = [f"{i}" for i in range(9)], random.integers(0, 4, 9)
    return Pictures(
        Split(rows[:6], names[:6], labels[:6]), Split(rows[6:], names[6:], labels[6:]), "noise", ("a", "b", "c", "d")
    )


@pytest.fixture
def teacher_file(shared_backbones):
    return shared_backbones / "mobilenet_v2_1.0_224.weights.h5"


def teacher_config(file, **options):
    return ChromaganConfig(semantic="teacher", teacher="mobilenet_v2", teacher_weights=str(file), **options)


def test_labels_are_smoothed():
    np.testing.assert_allclose(smoothed(np.array([2, 0]), 4), [[0.025, 0.025, 0.925, 0.025], [0.925] + [0.025] * 3])


def test_each_picture_of_a_batch_has_its_own_target(pictures, tmp_path):
    taught = with_targets(pictures, ChromaganConfig(semantic="labels"), 34, tmp_path)
    for batches in (training_batches(taught.train, 34, 4, seed=3).take(5), evaluation_batches(taught.train, 34, 4)):
        for truth in batches:
            lab = np.concatenate([truth["L"], truth["ab"]], axis=-1)
            for picture, target in zip(lab, truth["targets"], strict=True):
                brightness = np.mean(lab_to_uint8(picture[..., :1], picture[..., 1:]))
                row = round((brightness - 9.5) / 25)
                assert int(np.argmax(target)) == pictures.train.labels[row]


def test_nothing_is_asked_of_a_model_that_learns_nothing(pictures, tmp_path):
    assert with_targets(pictures, ChromaganConfig(semantic="none"), 34, tmp_path) is pictures


def test_a_teacher_is_asked_once_about_the_grey_picture(pictures, teacher_file, tmp_path, monkeypatch):
    taught = with_targets(pictures, teacher_config(teacher_file), 34, tmp_path)
    network = keras.applications.MobileNetV2(weights=str(teacher_file))
    for truth in evaluation_batches(taught.validation, 34, 8):
        grey = np.asarray(lab_to_uint8(truth["L"], np.zeros_like(truth["ab"])))
        resized = keras.ops.image.resize(np.float32(grey), (224, 224), "bilinear")
        expected = network(keras.applications.mobilenet_v2.preprocess_input(resized), training=False)
        np.testing.assert_allclose(truth["targets"], expected, atol=2e-3)
        assert truth["targets"].shape == (3, 1000)
    coloured = with_targets(pictures, teacher_config(teacher_file, teacher_sees="colour"), 34, tmp_path)
    assert np.abs(coloured.train.targets - taught.train.targets).max() > 1e-3
    monkeypatch.setattr(class_targets, "imagenet_classifier", lambda *_: pytest.fail("asked again"))
    again = with_targets(pictures, teacher_config(teacher_file), 34, tmp_path)
    np.testing.assert_array_equal(again.train.targets, taught.train.targets)


@pytest.mark.slow  # 138 million random weights are made, written and read
def test_vgg16_teaches_from_where_keras_keeps_its_weights(pictures, tmp_path, monkeypatch):
    """A stand-in for the real file: of its layers, shapes and format."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    vgg16 = keras.applications.VGG16(weights=None)
    file = tmp_path / "models" / "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
    file.parent.mkdir()
    with h5py.File(file, "w") as opened:
        legacy_h5_format.save_weights_to_hdf5_group(opened, vgg16)
    taught = with_targets(pictures, ChromaganConfig(semantic="teacher"), 34, tmp_path / "cache")
    [truth] = evaluation_batches(taught.validation, 34, 8)
    grey = np.asarray(lab_to_uint8(truth["L"], np.zeros_like(truth["ab"])))
    resized = keras.ops.image.resize(np.float32(grey), (224, 224), "bilinear")
    expected = vgg16(keras.applications.vgg16.preprocess_input(resized), training=False)
    np.testing.assert_allclose(truth["targets"], expected, atol=2e-3)


def test_a_file_that_teaches_nothing_is_told(pictures, tmp_path):
    (tmp_path / "note.h5").write_text("no weights")
    with pytest.raises(InputError, match=r"note.h5 holds no weights of mobilenet_v2 .*; say with --teacher whose they"):
        with_targets(pictures, teacher_config(tmp_path / "note.h5"), 34, tmp_path)
    with pytest.raises(InputError, match=r"gone.h5, the file of --teacher-weights, is no file; put it there"):
        with_targets(pictures, teacher_config(tmp_path / "gone.h5"), 34, tmp_path)


def test_a_teacher_wants_whole_pictures(pictures, teacher_file, tmp_path):
    patches = dataclasses.replace(pictures, train=dataclasses.replace(pictures.train, patches=4))
    with pytest.raises(InputError, match="a teacher names whole pictures, and this data set gives patches"):
        with_targets(patches, teacher_config(teacher_file), 34, tmp_path)
