"""MobileNetV2 as encoder: that it is Keras' own, keeps what it knows, learns more slowly; the truth of the ab head."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.config import MobileNetConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models.colorizer import Facts
from colorization.models.layers import GreyPicture
from colorization.models.mobilenet import FixedNormalization, build, settle
from colorization.training.optimizer import make_optimizer


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A stand-in for the real file: same layers and shapes, other numbers."""
    file = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    keras.utils.set_random_seed(3)
    network = keras.applications.MobileNetV2(include_top=False, weights=None)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(np.random.default_rng(1).normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(np.random.default_rng(2).uniform(0.5, 1.5, layer.moving_variance.shape))
    network.save_weights(file)
    return file


def tiny(**options):
    return build(MobileNetConfig(**{"width": 8, "backbone": "none"} | options), Facts(size=64))


def test_the_encoder_gives_what_keras_own_network_gives_and_goes_on_giving_it_in_training(weights):
    colorizer = build(MobileNetConfig(backbone=str(weights)), Facts(size=64))
    colorizer.start()
    theirs = keras.applications.MobileNetV2(include_top=False, weights=None)
    theirs.load_weights(weights)
    names = ("block_13_expand_relu", "block_6_expand_relu", "block_3_expand_relu", "block_16_project_BN")
    theirs = keras.Model(theirs.input, [theirs.get_layer(name).output for name in names])
    seen = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype("f4")
    for training in (False, True):
        for ours, expected in zip(
            colorizer.network.get_layer("mobilenet_v2")(seen, training=training), theirs(seen), strict=True
        ):
            np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def test_the_real_encoder_still_knows_a_picture_by_its_grey(shared_backbones):
    """The whole real network, fed as ours feeds it, names a photograph that Keras' preprocessing lets it name, too."""
    from skimage import color, data, transform

    network = keras.applications.MobileNetV2(weights=str(shared_backbones / "mobilenet_v2_1.0_224.weights.h5"))
    grey = transform.resize(color.rgb2gray(data.cat()), (224, 224))[..., None]
    L = color.rgb2lab(np.repeat(grey, 3, axis=-1))[None, ..., :1].astype("f4")
    colorizer = tiny()
    ours = keras.Model(colorizer.network.input, colorizer.network.get_layer("grey_for_mobilenet").output)(L)
    theirs = keras.applications.mobilenet_v2.preprocess_input(np.float32(np.repeat(grey[None] * 255, 3, axis=-1)))
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert 281 <= int(np.argmax(network(ours))) <= 285  # the five domestic cats


def test_grey_pictures_are_srgb_levels():
    from skimage.color import lab2rgb

    L = np.linspace(0, 100, 21, dtype=np.float32).reshape(1, 3, 7, 1)
    expected = lab2rgb(np.concatenate([L, 0 * L, 0 * L], axis=-1)) * 255
    np.testing.assert_allclose(GreyPicture()(L), expected, atol=0.05)


def test_learnt_statistics_stay_and_scales_learn_on():
    layer = FixedNormalization()
    x = np.random.default_rng(0).normal(5, 3, (4, 2, 2, 3)).astype("f4")
    layer(x, training=True)
    np.testing.assert_array_equal(layer.moving_mean, 0)
    np.testing.assert_allclose(layer(x, training=True), x / np.sqrt(1 + layer.epsilon), rtol=1e-5)
    assert [v.name for v in layer.trainable_variables] == ["gamma", "beta"]


def test_an_encoder_with_fresh_weights_normalises_as_usual():
    encoder = tiny().network.get_layer("mobilenet_v2")
    assert not isinstance(encoder.get_layer("bn_Conv1"), FixedNormalization)
    assert tiny().rates == {}


def test_the_encoder_learns_at_its_share_of_the_rate():
    """Adam's first step has the length of the learning rate, whatever the gradient."""
    colorizer = build(MobileNetConfig(width=8, backbone="some file", encoder_rate=0.25), Facts(size=64))
    training = TrainingConfig(learning_rate=1e-2, warmup=0.0, weight_decay=0.0)
    optimizer = make_optimizer(training, 1000, colorizer.rates)
    encoder = {v.path for v in colorizer.network.get_layer("mobilenet_v2").trainable_variables}
    assert set(colorizer.rates) == encoder
    variables = colorizer.network.trainable_variables[::20]  # a graph of all would take a minute to trace
    assert {v.path in encoder for v in variables} == {True, False}
    before = {v.path: v.numpy().copy() for v in variables}

    @tf.function
    def step():
        optimizer.apply([tf.ones(v.shape) for v in variables], variables)

    step()
    moved = {v.path: float(np.abs(before[v.path] - v.numpy()).max()) for v in variables}
    for path, distance in moved.items():
        assert distance == pytest.approx(0.0025 if path in encoder else 0.01, rel=1e-2), path


def test_the_ab_head_is_judged_by_the_mean_of_each_cell():
    colorizer = tiny(target="ab", loss="l1")
    random = np.random.default_rng(0)
    ab = random.normal(0, 20, (2, 64, 32, 2)).astype("f4")
    output = random.normal(0, 1, (2, 16, 8, 2)).astype("f4")
    cells = ab.reshape(2, 16, 4, 8, 4, 2).mean(axis=(2, 4))
    expected = np.abs(cells - 110 * np.tanh(output)).mean()
    assert float(colorizer.loss(None, ab, {"ab": output})) == pytest.approx(expected, rel=1e-5)


def test_auto_comes_to_none_where_the_weights_are_not_for_this_width():
    config, lines = settle(MobileNetConfig(width=16), Facts())
    assert (config.backbone, lines) == ("none", ["backbone: random weights (ImageNet's are for --width 32)"])


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(InputError, match="--width 20: MobileNetV2 has multiples of 8; give 16"):
        tiny(width=20)
    with pytest.raises(InputError, match="--backbone imagenet has width 32; give --width 32"):
        tiny(backbone="imagenet").start()
    with pytest.raises(InputError, match="--backbone gone.h5: no such file; give imagenet, none, auto or a file"):
        tiny(backbone="gone.h5", width=32).start()
    (tmp_path / "note.h5").write_text("no weights")
    with pytest.raises(InputError, match=r"note.h5 holds no weights of mobilenet_v2 .*; give another --backbone"):
        tiny(backbone=str(tmp_path / "note.h5"), width=32).start()
