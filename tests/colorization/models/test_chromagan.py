"""ChromaGAN: the paper's network counted, its parts left out one by one, its scales and its preprocessing."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.config import ChromaganConfig
from colorization.errors import InputError
from colorization.models import build, imagenet, settle
from colorization.models.colorizer import DatasetStats

STATS = DatasetStats(classes=("cat", "dog"), size=32)
TINY = {"width": 4, "semantic": "labels", "backbone": "none"}


def tiny(stats=STATS, **options):
    return build("chromagan", ChromaganConfig(**TINY | options), stats)


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


@pytest.fixture(scope="module")
def paper():
    return build("chromagan", ChromaganConfig(paper=True, semantic="none", backbone="none"), DatasetStats(size=224))


def test_the_papers_network_is_counted(paper):
    """published-models: generator with class head, without it, critic; BatchNorm's statistics beside."""
    assert trainable(paper.network) == 171_166_090
    assert paper.network.count_params() == 171_171_722
    assert trainable(paper.without_training_parts().network) == 47_523_234
    assert paper.without_training_parts().network.count_params() == 47_528_866
    assert trainable(paper.network) - trainable(paper.without_training_parts().network) == 123_642_856
    assert trainable(paper.objective.adversary.critic) == 2_764_737


def test_the_papers_maps_have_the_papers_sizes(paper):
    shapes = {}
    for name in ("block4_conv3", "global2", "global4", "gather", "mid2", "fusion2"):
        shapes[name] = keras.Model(paper.network.input, paper.network.get_layer(name).output)
    L = np.zeros((1, 224, 224, 1), np.float32)
    sizes = {name: tuple(model(L).shape[1:]) for name, model in shapes.items()}
    assert sizes == {
        "block4_conv3": (28, 28, 512),
        "global2": (14, 14, 512),
        "global4": (7, 7, 512),
        "gather": (25_088,),
        "mid2": (28, 28, 256),
        "fusion2": (28, 28, 128),
    }
    assert paper.objective.adversary.critic([L, np.zeros((1, 224, 224, 2), np.float32)]).shape == (1, 28, 28, 1)


@pytest.mark.parametrize(
    ("without", "head", "critic"),
    [("nothing", True, True), ("classification", False, True), ("adversarial", True, False), ("both", False, False)],
)
def test_each_ablation_leaves_its_part_out(without, head, critic):
    colorizer = tiny(without=without)
    assert (colorizer.objective.semantic is not None) == head == ("classes" in colorizer.network.output)
    assert (colorizer.objective.adversary is not None) == critic


def test_everything_scales_with_the_width():
    """Twice the width: about four times the weights."""
    counts = [trainable(tiny(width=width).without_training_parts().network) for width in (8, 16)]
    assert 3.9 < counts[1] / counts[0] < 4.0
    counts = [trainable(tiny(width=width).objective.adversary.critic) for width in (8, 16)]
    assert 3.9 < counts[1] / counts[0] < 4.0


def test_the_class_head_is_as_wide_as_what_it_learns():
    assert tiny().network.output["classes"].shape[-1] == 2
    assert tiny(semantic="teacher").network.output["classes"].shape[-1] == 1000
    chances = np.asarray(tiny().network(np.full((3, 32, 32, 1), 50, np.float32))["classes"])
    np.testing.assert_allclose(chances.sum(axis=-1), 1, atol=1e-6)


def test_ab_is_255_y_minus_128_and_the_loss_is_on_the_scale_of_y():
    colorizer = tiny()
    y = np.random.default_rng(0).random((2, 8, 8, 2)).astype("f4")
    np.testing.assert_allclose(colorizer.decode({"colour": y}), 255 * y - 128, atol=1e-4)
    ab = np.random.default_rng(1).normal(0, 30, (2, 8, 8, 2)).astype("f4")
    expected = np.mean(np.square((ab + 128) / 255 - y))
    assert float(colorizer.objective.loss(None, ab, {"colour": y})) == pytest.approx(expected, rel=1e-5)


def grey_for_vgg(colorizer):
    return keras.Model(colorizer.network.input, colorizer.network.get_layer("grey_for_vgg").output)


def test_vgg_sees_the_grey_picture_as_keras_own_preprocessing_gives_it():
    grey = np.arange(256, dtype=np.float32).reshape(1, 16, 16, 1)
    from skimage.color import rgb2lab

    L = rgb2lab(np.repeat(grey / 255, 3, axis=-1))[..., :1].astype("f4")
    expected = keras.applications.vgg16.preprocess_input(np.repeat(grey, 3, axis=-1))
    np.testing.assert_allclose(grey_for_vgg(tiny())(L), expected, atol=0.02)


def test_the_critic_takes_lab_units():
    """L 0..100 and ab -128..127 fill the same range: the first convolution sees 0..1."""
    critic = tiny().objective.adversary.critic
    seen = keras.Model(critic.input, critic.get_layer("lab").output)
    L, ab = np.full((1, 8, 8, 1), 100, np.float32), np.full((1, 8, 8, 2), [-128, 127], np.float32)
    np.testing.assert_allclose(seen([L, ab])[0, 0, 0], [1, 0, 1], atol=1e-6)


def test_the_exported_part_answers_as_the_whole():
    colorizer = tiny()
    L = np.random.default_rng(2).random((2, 24, 40, 1), np.float32) * 100
    slim = colorizer.without_training_parts()
    assert "classes" not in slim.network.output
    np.testing.assert_array_equal(slim.predict_ab(L), colorizer.predict_ab(L))


def test_paper_needs_its_size_and_has_no_labels():
    with pytest.raises(InputError, match="--paper is a network for pictures of 224 px, these have 32; give --size 224"):
        tiny(paper=True)
    with pytest.raises(InputError, match="--paper has 1000 classes, those of a teacher"):
        tiny(DatasetStats(size=224), paper=True)


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    """Keras' folder is empty and its server does not answer."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(imagenet, "no_answer", lambda url: "no route")
    return tmp_path / "models"


def settled(stats=STATS, **options):
    return settle("chromagan", ChromaganConfig(**options), stats)


def test_auto_comes_to_what_there_is(no_weights):
    config, lines = settled()
    assert (config.backbone, config.semantic) == ("none", "labels")
    assert lines == [
        "backbone: random weights (ImageNet's are for --width 64)",
        "class branch: learns the data set's 2 labels",
    ]
    config, lines = settled(DatasetStats(), width=64)
    assert (config.backbone, config.semantic) == ("imagenet", "none")
    assert lines == [
        "backbone: ImageNet weights",
        "class branch: learns nothing, because nobody teaches it (--semantic teacher, or labels)",
    ]
    config, lines = settled(without="classification")
    assert (config.semantic, lines[1]) == ("none", "class branch: learns nothing: it is left out")
    assert settled(teacher_weights="some.h5")[0].semantic == "teacher"  # whoever names one wants to be taught by it
    for file in ("vgg16_weights_tf_dim_ordering_tf_kernels.h5", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"):
        no_weights.mkdir(exist_ok=True)
        (no_weights / file).touch()
    config, lines = settled(DatasetStats(), width=64)
    assert (config.backbone, config.semantic) == ("imagenet", "teacher")
    assert lines == ["backbone: ImageNet weights", "class branch: learns the answers of vgg16, weights of Keras"]
    assert settled(DatasetStats(patches=64), width=64)[0].semantic == "none"  # a teacher names whole pictures


def test_what_was_asked_for_and_cannot_be_is_told(no_weights):
    with pytest.raises(InputError, match="this data set has no labels; give --semantic teacher or none"):
        settled(DatasetStats(), semantic="labels")
    with pytest.raises(
        InputError, match="--without both leaves out the class branch, which --semantic teacher teaches"
    ):
        settled(without="both", semantic="teacher")
    with pytest.raises(InputError, match="--backbone gone.h5: no such file; give the file of vgg16's weights"):
        tiny(backbone="gone.h5", width=64).objective.initialize()
    with pytest.raises(InputError, match="--backbone imagenet has width 64; give --width 64"):
        tiny(backbone="imagenet").objective.initialize()
    told = (
        r"cannot be downloaded \(no route\); fetch it elsewhere and place it at .*vgg16_weights_.*_notop.h5, or give "
    )
    for backbone in ("imagenet", "auto"):  # never random weights without a word
        with pytest.raises(InputError, match=told + "the file with --backbone, or --backbone none"):
            tiny(backbone=backbone, width=64).objective.initialize()


@pytest.mark.parametrize("top", [False, True])
def test_a_backbone_starts_from_a_file_of_keras_vgg16(tmp_path, top):
    """A stand-in for the real file: same layers and shapes, random weights."""
    vgg16 = keras.applications.VGG16(include_top=top, weights=None, classes=1000)
    vgg16.save_weights(tmp_path / "vgg.weights.h5")
    colorizer = tiny(backbone=str(tmp_path / "vgg.weights.h5"), width=64)
    colorizer.objective.initialize()
    for name in ("block1_conv1", "block2_conv2", "block4_conv3"):
        for ours, theirs in zip(colorizer.network.get_layer(name).weights, vgg16.get_layer(name).weights, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    # and it sees what VGG sees
    L = np.random.default_rng(3).random((1, 32, 32, 1), np.float32) * 100
    ours = keras.Model(colorizer.network.input, colorizer.network.get_layer("block4_conv3").output)(L)
    theirs = keras.Model(vgg16.input, vgg16.get_layer("block4_conv3").output)
    if not top:
        np.testing.assert_allclose(ours, theirs(grey_for_vgg(colorizer)(L)), rtol=1e-4, atol=1e-3)


def test_a_file_that_is_no_vgg16_is_refused(tmp_path):
    (tmp_path / "note.h5").write_text("no weights")
    with pytest.raises(InputError, match=r"note.h5 holds no weights of vgg16 .*; give another --backbone"):
        tiny(backbone=str(tmp_path / "note.h5"), width=64).objective.initialize()


def test_another_networks_weights_are_refused_in_one_line(tmp_path):
    keras.applications.MobileNetV2(include_top=False, weights=None).save_weights(tmp_path / "mobile.weights.h5")
    with pytest.raises(
        InputError, match=r"mobile.weights.h5 holds no weights of vgg16 .*; give another --backbone"
    ) as told:
        tiny(backbone=str(tmp_path / "mobile.weights.h5"), width=64).objective.initialize()
    assert len(str(told.value)) < 300


def test_the_critic_judges_patches_of_70_px():
    """What one of its values depends on: 1 + 3 (1 + 2 + 4 + 8 + 8) pixels each way."""
    critic = tiny().objective.adversary.critic
    random = np.random.default_rng(5)
    for variable in critic.trainable_variables:
        variable.assign(random.normal(0, 0.3, variable.shape))
    ab = tf.zeros((1, 160, 160, 2))
    with tf.GradientTape() as tape:
        tape.watch(ab)
        value = critic([tf.zeros((1, 160, 160, 1)), ab])[0, 10, 10, 0]
    seen = np.abs(tape.gradient(value, ab)[0]).sum(axis=-1) > 0
    assert [np.ptp(np.flatnonzero(seen.any(axis=axis))) + 1 for axis in (0, 1)] == [70, 70]
