"""The published DeOldify: the answers of a restatement in PyTorch under the same weights, by Keras and ONNX Runtime."""

import hashlib
import math

import numpy as np
import onnxruntime
import pytest
from numpy.testing import assert_allclose

from colorization.color.lab import lab_to_rgb, rgb_to_lab
from colorization.config import DeoldifyConfig
from colorization.export.onnx import write_onnx
from colorization.export.published import PUBLISHED
from colorization.export.pytorch_weights import assign, folded
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from colorization.models.deoldify import SelfAttention
from tests.colorization.models.deoldify_weights import BY_LENGTH, made_up_weights, shapes_in_file
from tests.colorization.models.tiny import shorten

LIMIT = 2e-5  # of the largest value
HEIGHT, WIDTH = 64, 96  # px
COUNTED = {  # parameters, arrays of the state dict, digest of their names and shapes: by the author's own code
    "deoldify": (63_646_881, 378, "8600aef863d5f4e923c05fe7e47377a117edb64fe2b14151e264013d8c72c4e1"),
    "deoldify_stable": (218_222_197, 754, "d69483281afa90cb2a095e5fd5a5ca08cab16babffb5e0a86a5971af5a687346"),
}


@pytest.fixture(scope="module", params=["artistic", "stable"])
def small(request):
    """A generator of 4 channels, and the weights that it was given."""
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        colorizer = build("deoldify", DeoldifyConfig(request.param, width=4), DatasetStats())
    weights = made_up_weights(colorizer.network)
    assign(colorizer.network, folded(weights), "deoldify")
    return colorizer, weights


@pytest.fixture(scope="module")
def lightness():
    """Lightness of two pictures of coarse squares: (2, HEIGHT, WIDTH, 1)."""
    squares = np.random.default_rng(0).uniform(0, 100, (2, HEIGHT // 8, WIDTH // 8, 1)).astype(np.float32)
    return squares.repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="module")
def theirs(small, lightness):
    """The restatement's ab (2, HEIGHT, WIDTH, 2), Lab units."""
    torch = pytest.importorskip("torch")
    from benchmarks.deoldify_torch import DeOldify

    grey = lab_to_rgb(np.concatenate([lightness, 0 * lightness, 0 * lightness], axis=-1))
    rgb = DeOldify(small[1])(torch.from_numpy(grey.transpose(0, 3, 1, 2).copy())).numpy()
    assert np.mean((rgb == 0) | (rgb == 1)) < 0.5  # a picture that is all clipped would agree with anything
    ab = rgb_to_lab(rgb.transpose(0, 2, 3, 1))[..., 1:]
    assert ab.std(axis=(0, 1, 2)).min() > 5
    return ab


def test_keras_agrees_with_the_restatement(small, lightness, theirs):
    ab = np.asarray(small[0].predict_ab(lightness))
    assert np.abs(ab - theirs).max() <= LIMIT * np.abs(theirs).max()


@pytest.mark.slow  # writing the two graphs takes most of a minute
def test_onnx_runtime_agrees_with_the_restatement(small, lightness, theirs, tmp_path):
    write_onnx(small[0], tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    [ab] = session.run(["ab"], {"L": lightness})
    assert np.abs(ab - theirs).max() <= LIMIT * np.abs(theirs).max()


def test_a_picture_of_any_size_is_mirrored_to_one_that_can_be_halved(small, lightness):
    part = lightness[:, :50, :70]
    mirrored = np.pad(part, ((0, 0), (0, 14), (0, 26), (0, 0)), mode="reflect")
    assert_allclose(small[0].predict_ab(part), small[0].predict_ab(mirrored)[:, :50, :70], atol=1e-3)


def test_each_place_sees_all_others():
    """Written out: the softmax goes over the places that are looked at, which the author calls queries."""
    random = np.random.default_rng(0)
    x, layer = random.normal(size=(2, 3, 4, 16)).astype(np.float32), SelfAttention("attention")
    layer(x)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    query, key, value = (np.asarray(part.kernel)[0] for part in (layer.query, layer.key, layer.value))
    assert (query.shape, key.shape, value.shape) == ((16, 2), (16, 2), (16, 16))
    places = x.reshape(2, 12, 16).astype(np.float64)
    expected = places.copy()
    for picture, place in np.ndindex(2, 12):
        alike = np.exp((places[picture] @ query) @ (places[picture, place] @ key))
        seen = alike / alike.sum() @ (places[picture] @ value)
        expected[picture, place] += float(layer.scale[0]) * seen
    assert_allclose(np.asarray(layer(x)).reshape(2, 12, 16), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["deoldify", pytest.param("deoldify_stable", marks=pytest.mark.slow)])
def test_has_the_arrays_of_the_authors_network(name):
    network = build("deoldify", PUBLISHED[name].model_config, DatasetStats()).network
    shapes, parameters = shapes_in_file(network), sum(math.prod(v.shape) for v in network.trainable_variables)
    lines = sorted(f"{key} {list(shape)}" for key, shape in shapes.items())
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert (parameters + shapes[f"{BY_LENGTH}_g"][0], len(lines), digest) == COUNTED[name]
