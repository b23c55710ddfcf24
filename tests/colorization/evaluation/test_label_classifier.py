"""Recognisers: an ImageNet network's own answers, the small one of a data set, and files that are neither."""

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from colorization.errors import InputError
from colorization.evaluation import label_classifier
from colorization.evaluation.label_classifier import labels_classifier
from colorization.models.classifiers import find_classifier, imagenet_classifier, inception_features
from data_pipelines import Pictures, Split


@pytest.fixture(scope="session")
def mobilenet(shared_backbones):
    return shared_backbones / "mobilenet_v2_1.0_224.weights.h5"


def test_a_real_imagenet_network_names_real_photographs(mobilenet, shared_data):
    """Its classes are ImageNet's: golden retrievers, gas pumps, tench, by Keras' own list of names."""
    classifier = find_classifier(str(mobilenet))
    assert classifier.name.startswith("mobilenet_v2")
    named = {"tench_fish": 0, "gas_pump": 571, "french_horn": 566, "parachute": 701, "chain_saw": 491, "golf": 574}
    right = []
    for label, number in named.items():
        for path in sorted((shared_data / "photos" / label).glob("in_*"))[:10]:
            picture = np.asarray(Image.open(path).convert("RGB"))
            side = min(picture.shape[:2])
            chances, features = classifier.classify(picture[None, :side, :side])
            assert chances.shape == (1, 1000)
            assert features.shape == (1, 1280)
            right.append(int(np.argmax(chances)) == number)
    assert len(right) == 60
    assert np.mean(right) > 0.7  # at 144 px; 89 percent at 224 px


def test_answers_are_keras_own_for_pictures_of_224_px(mobilenet):
    picture = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)
    network = keras.applications.MobileNetV2(weights=str(mobilenet))
    expected = network(keras.applications.mobilenet_v2.preprocess_input(np.float32(picture)), training=False)
    chances, _ = imagenet_classifier("mobilenet_v2", mobilenet).classify(picture)
    np.testing.assert_allclose(chances, expected, atol=1e-5)


def test_a_file_of_no_known_network_is_refused(tmp_path):
    (tmp_path / "note.h5").write_text("no weights")
    with pytest.raises(InputError, match=r"note.h5 holds no weights of any of mobilenet_v2, vgg16, inception_v3"):
        find_classifier(str(tmp_path / "note.h5"))


@pytest.mark.slow
def test_inceptions_features_come_from_a_stand_in_of_its_weights(tmp_path):
    network = keras.applications.InceptionV3(include_top=False, pooling="avg", weights=None)
    network.save_weights(tmp_path / "inception.weights.h5")
    picture = np.random.default_rng(0).integers(0, 256, (1, 299, 299, 3), np.uint8)
    chances, features = inception_features(tmp_path / "inception.weights.h5").classify(picture)
    expected = network(keras.applications.inception_v3.preprocess_input(np.float32(picture)), training=False)
    assert chances.shape == (1, 0)
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-5)


@pytest.fixture
def colours() -> Pictures:
    """Pictures of noise whose class is their hue: grey tells nothing."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 192)
    rows = random.integers(60, 200, (192, 16, 16, 1)) + np.where(
        labels[:, None, None, None], [40, 0, -40], [-40, 0, 40]
    )
    rows = rows.astype(np.uint8)
    names = [f"{i}" for i in range(192)]
    return Pictures(
        Split(rows[:160], names[:160], labels[:160]), Split(rows[160:], names[160:], labels[160:]), "hues", ("a", "b")
    )


def test_the_small_one_learns_the_labels_once(tmp_path, colours, monkeypatch):
    def right(classifier):
        chances, features = classifier.classify(colours.validation.rows)
        assert features.shape == (32, label_classifier.WIDTH * 2 ** (label_classifier.LEVELS - 1))
        return (np.argmax(chances, axis=-1) == colours.validation.labels).mean()

    monkeypatch.setattr(label_classifier, "FEWEST_STEPS", 100)  # hues are easier than what pictures show
    first = labels_classifier(colours, 16, tmp_path)
    assert right(first) > 0.9
    trained = []
    monkeypatch.setattr(label_classifier, "_train", lambda network, split, *_: trained.append(split.labels))
    assert right(labels_classifier(colours, 16, tmp_path)) == right(first)
    assert trained == []
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000])  # broken: trained anew
    labels_classifier(colours, 16, tmp_path)
    other = dataclasses.replace(colours.train, labels=1 - colours.train.labels)
    labels_classifier(dataclasses.replace(colours, train=other), 16, tmp_path)
    np.testing.assert_array_equal(trained, [colours.train.labels, other.labels])
    assert len(list(tmp_path.iterdir())) == 2  # other labels, another judge


def test_without_labels_there_is_no_judge_of_them(tmp_path, colours):
    with pytest.raises(InputError, match="this data set has no labels to judge by; give .* --classifier"):
        labels_classifier(dataclasses.replace(colours, classes=()), 16, tmp_path)
