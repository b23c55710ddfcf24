"""DDColor: the authors' answers under the same weights, its parts against plain numpy, its losses."""

import runpy

import keras
import numpy as np
import pytest
from keras import ops
from numpy.testing import assert_allclose

from colorization.color.lab import rgb_to_lab
from colorization.config import DdcolorConfig
from colorization.errors import InputError
from colorization.export.published import PUBLISHED, convert
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from colorization.models.ddcolor import feature_distance
from colorization.models.ddcolor_layers import (
    MultiHeadAttention,
    PixelShuffle,
    QueriesToColours,
    ShuffleBlur,
    positional_encoding,
)
from colorization.models.losses import colourfulness
from tests.colorization.models.tiny import TINY, give_random_weights

LIMIT = 2e-5  # of the largest value
UNUSED = {"tiny": 2 * 768, "large": 2 * 1536}  # of a normalization in the file that nothing asks


@pytest.fixture(scope="module")
def published(shared_parity):
    """The tiny network with the weights that the authors' was given for its answers."""
    return convert("ddcolor_tiny", runpy.run_path(str(shared_parity / "weights.py"))["load"]("ddcolor_tiny"))


@pytest.mark.parametrize("size", ["64x64", "96x128"])
def test_agrees_with_the_authors_network(published, shared_parity, size):
    answer = np.load(shared_parity / f"ddcolor_tiny_{size}.npz")
    ab = np.asarray(published.predict_ab(rgb_to_lab(answer["rgb"][None])[..., :1]))[0]
    assert np.abs(ab - answer["ab"]).max() <= LIMIT * np.abs(answer["ab"]).max()


def test_the_positional_encoding_is_the_authors(shared_parity):
    theirs = np.load(shared_parity / "ddcolor_tiny_64x64.npz")["position_4x4"]
    assert_allclose(positional_encoding(4, 4, 256), theirs, atol=1e-5)


def test_a_place_is_encoded_by_sines_of_its_row_and_its_column():
    """Written out: wavelengths grow by powers of 10,000; rows fill the first half of the channels."""
    encoding = np.asarray(positional_encoding(3, 5, 8))
    for row, column, i in np.ndindex(3, 5, 2):
        for first, share in ((0, (row + 1) / 3), (4, (column + 1) / 5)):
            angle = 2 * np.pi * share / 10_000 ** (2 * i / 4)
            expected = [np.sin(angle), np.cos(angle)]
            assert_allclose(encoding[row, column, first + 2 * i : first + 2 * i + 2], expected, atol=1e-5)


def test_each_head_attends_by_its_share_of_the_channels():
    """Written out: softmax of q k / sqrt(channels of a head), for each query of each picture and head."""
    random = np.random.default_rng(0)
    layer = MultiHeadAttention(2, heads=3, width=6, name="attention")
    query, key, value = (random.normal(size=(2, count, 6)).astype("f4") for count in (2, 5, 5))
    layer(query.reshape(4, 6), key, value)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    kernels, biases = np.split(np.asarray(layer.kernel), 3, axis=1), np.split(np.asarray(layer.bias), 3)
    q, k, v = (x @ kernel + bias for x, kernel, bias in zip((query, key, value), kernels, biases, strict=True))
    attended = np.empty((2, 2, 6))
    for picture, place, head in np.ndindex(2, 2, 3):
        channels = slice(2 * head, 2 * head + 2)
        scores = np.exp(k[picture, :, channels] @ q[picture, place, channels] / np.sqrt(2))
        attended[picture, place, channels] = scores / scores.sum() @ v[picture, :, channels]
    expected = attended @ np.asarray(layer.out.kernel) + np.asarray(layer.out.bias)
    assert_allclose(layer(query.reshape(4, 6), key, value), expected.reshape(4, 6), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "count"), [("ddcolor_tiny", 55_006_640), ("ddcolor", 227_869_328)])
def test_has_as_many_parameters_as_the_authors_network(name, count):
    network = build("ddcolor", PUBLISHED[name].model_config, DatasetStats()).network
    ours = sum(np.prod(v.shape) for v in network.trainable_variables)
    assert ours + UNUSED["tiny" if name.endswith("tiny") else "large"] == count


def test_a_place_is_shuffled_row_by_row():
    """Channel c r^2 + i r + j goes to row i, column j: written out by loops."""
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 8)).astype("f4")
    ours = np.asarray(PixelShuffle(2)(x))
    assert ours.shape == (2, 6, 8, 2)
    for row, column, channel in np.ndindex(6, 8, 2):
        expected = x[:, row // 2, column // 2, 4 * channel + 2 * (row % 2) + column % 2]
        assert_allclose(ours[:, row, column, channel], expected)


def test_blur_is_the_mean_of_four():
    x = np.arange(6, dtype="f4").reshape(1, 2, 3, 1)
    expected = [[0, 0.5, 1.5], [1.5, 2, 3]]
    assert_allclose(np.asarray(ShuffleBlur()(x))[0, ..., 0], expected)


def test_queries_are_mixed_first_and_give_what_maps_of_each_would():
    """The authors' order: features of each pixel, 100 inner products, then the mixture with the picture."""
    random = np.random.default_rng(0)
    layer = QueriesToColours(5, 4)
    queries, x = random.normal(size=(2, 5, 4)).astype("f4"), random.normal(size=(2, 3, 2, 4)).astype("f4")
    picture = random.normal(size=(2, 12, 8, 3)).astype("f4")
    given = queries.reshape(10, 4), x, picture
    layer(*given)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    kernel, bias, refine, offset = (np.asarray(weight) for weight in layer.weights)
    pixels = np.asarray(ShuffleBlur()(PixelShuffle(4)(np.maximum(x @ kernel[0, 0] + bias, 0))))
    maps = np.einsum("bqc,bhwc->bhwq", queries, pixels)
    expected = np.concatenate([maps, picture], axis=-1) @ refine[0, 0] + offset
    assert_allclose(np.asarray(layer(*given)), expected, rtol=1e-4, atol=1e-4)


def test_a_fresh_network_answers_grey():
    """So that training begins from what is certain."""
    L = np.random.default_rng(0).uniform(0, 100, (1, 40, 33, 1)).astype("f4")
    network = build("ddcolor", DdcolorConfig(encoder="none", width=32, queries=5), DatasetStats())
    assert_allclose(network.predict_ab(L), np.zeros((1, 40, 33, 2)), atol=1e-6)


def test_a_width_without_room_for_a_position_is_refused():
    with pytest.raises(InputError, match="--width 30 is no multiple of 4"):
        build("ddcolor", DdcolorConfig(encoder="none", width=30), DatasetStats())


# --- losses ---


def test_colourfulness_of_known_pictures():
    """Half red, half grey: |R - G| is 1 or 0, |(R + G) / 2 - B| 0.5 or 0."""
    picture = np.zeros((1, 2, 2, 3), np.float32)
    picture[0, 0, :, 0] = 1
    expected = np.sqrt(0.5**2 + 0.25**2) + 0.3 * np.sqrt(0.5**2 + 0.25**2)
    assert_allclose(colourfulness(picture), [expected], rtol=1e-3)
    assert_allclose(colourfulness(np.full((1, 2, 2, 3), 0.4, np.float32)), [0], atol=1e-3)


def test_features_differ_for_other_pictures_only_and_teach_the_picture_not_the_encoder():
    import tensorflow as tf

    colorizer = build("ddcolor", DdcolorConfig(**TINY["ddcolor"]), DatasetStats())
    encoder = next(layer for layer in colorizer.network.layers if layer.name.startswith("efficientnet"))
    give_random_weights(encoder)
    random = np.random.default_rng(0)
    true, other = (tf.constant(random.normal(size=(1, 32, 32, 3)).astype("f4")) for _ in range(2))
    assert float(feature_distance(encoder, true, true)) == 0
    with tf.GradientTape() as tape:
        tape.watch(other)
        distance = feature_distance(encoder, true, other)
    to_picture, *to_weights = tape.gradient(distance, [other, *(v.value for v in encoder.trainable_variables)])
    assert float(distance) > 0
    assert np.abs(to_picture).max() > 0
    assert [gradient for gradient in to_weights if gradient is not None and np.abs(gradient).max() > 0] == []


@pytest.mark.parametrize(("part", "unit"), [("perceptual_weight", 1e5), ("colorfulness_weight", 1.0)])
def test_each_part_of_the_loss_counts_as_often_as_its_weight_says(part, unit):
    """A fresh encoder's last maps are nearly 0, so that their differences need a large weight."""
    random = np.random.default_rng(0)
    L, ab = random.uniform(0, 100, (1, 32, 32, 1)).astype("f4"), random.normal(0, 20, (1, 32, 32, 2)).astype("f4")
    losses = []
    for weight in (0.0, unit, 3 * unit):
        options = TINY["ddcolor"] | {"perceptual_weight": 0.0, "colorfulness_weight": 0.0} | {part: weight}
        keras.utils.set_random_seed(0)
        colorizer = build("ddcolor", DdcolorConfig(**options), DatasetStats())
        losses.append(float(colorizer.objective.loss(L, ab, {"ab": ops.convert_to_tensor(ab / 2)})))
    assert losses[0] == pytest.approx(0.1 * np.abs(ab / 2).mean(), rel=1e-4)
    assert losses[2] - losses[0] == pytest.approx(3 * (losses[1] - losses[0]), rel=1e-3)
    assert losses[1] > 1.001 * losses[0]
