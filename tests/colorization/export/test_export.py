"""A model folder answers as the network does, in each of its forms, and holds the weights once."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from skimage import color, data

import colorization
from colorization.color.bins import annealed
from colorization.errors import InputError
from colorization.export import model_folder
from colorization.export.model_folder import export_colorizer, export_run, open_exported
from colorization.images.resize import shrink
from colorization.inference.colorize import load_colorizer
from colorization.inference.model import Model
from colorization.models import MODELS
from colorization.models.colorizer import Colorizer
from colorization.models.weights import keyed, read_weights
from colorization.training.run_folder import open_run
from tests.colorization.export.random_run import ONNX_ONLY, random_run
from tests.colorization.models.tiny import shorten


@pytest.fixture(scope="module", params=MODELS)
def exported(request, tmp_path_factory):
    """The run's network, and the folder that it was exported to."""
    folder = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        run = random_run(folder, request.param)
        export_run(run, folder / "e", formats=ONNX_ONLY)
        return run.load_colorizer().without_training_parts(), folder / "e"


# --- model.onnx ---


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (48, 64), (45, 61)])
def test_the_network_answers_alike_at_any_size(exported, size):
    colorizer, path = exported
    random = np.random.default_rng(1)
    L = random.random((2, *size, 1), np.float32) * 100
    known = {
        name: np.float32(random.normal(0, 1, (2, *size, shape[-1]) if len(shape) == 4 else (2, shape[-1])))
        for name, shape in colorizer.known_shapes.items()
    }
    known |= {name: np.abs(value) for name, value in known.items() if name in ("hint_mask", "reference")}
    outputs = Model(path).predict(L, **known)
    if "logits" in outputs:
        expected = colorizer.grid_distribution(L)
        np.testing.assert_allclose(annealed(outputs["logits"], 1.0), expected, atol=1e-3)
    else:
        expected = colorizer.covering(colorizer.decode(colorizer.output(L, **known)), like=L)
        np.testing.assert_allclose(outputs["ab"], expected, atol=0.05)


def test_what_is_asked_for_comes_after_the_network_as_in_training(exported):
    colorizer, path = exported
    finished = load_colorizer(path)
    L = np.random.default_rng(1).random((2, 96, 152, 1), np.float32) * 100
    seen = np.stack([shrink(one, 48) for one in L])
    asked = [{}, {"saturation": 2.0}, {"saturation": 1.5, "vibrance": 0.7}]
    asked += [{"temperature": 5.0}] if "temperature" in colorizer.conditions else []
    asked += [{"certainty": 0.4, "evenness": 25.0}] if "evenness" in colorizer.conditions else []
    for conditions in asked:
        ab = [finished.grid_ab(one, **conditions) for one in seen]
        np.testing.assert_allclose(ab, colorizer.grid_ab(seen, **conditions), atol=0.05)
    assert finished.predict_ab(L).shape == (2, 96, 152, 2)


def test_every_weight_lies_in_it_once_by_its_key(exported):
    colorizer, path = exported
    weights = read_weights(path / "model.onnx")
    assert weights.keys() == keyed(colorizer.network.variables).keys()
    for key, variable in keyed(colorizer.network.variables).items():
        np.testing.assert_array_equal(weights[key], variable)
    others = [each for each in onnx.load(path / "model.onnx").graph.initializer if each.name not in weights]
    assert sum(onnx.numpy_helper.to_array(each).nbytes for each in others) < 50_000  # the graph's own constants


def test_each_normalization_is_one_operation(exported):
    graph = onnx.load(exported[1] / "model.onnx").graph
    variances = [key for key in read_weights(exported[1] / "model.onnx") if key.endswith("moving_variance")]
    operations = [node for node in graph.node if node.op_type == "BatchNormalization"]
    assert sorted(node.input[4] for node in operations) == sorted(variances)


def test_what_only_names_the_picture_is_left_out(exported):
    assert not [key for key in read_weights(exported[1] / "model.onnx") if key.split("/")[-2].startswith("class")]


def test_a_vector_and_a_plane_are_conditions(tmp_path):
    lightness = keras.Input((None, None, 1), name="lightness")
    hint, taste = keras.Input((None, None, 3), name="hint"), keras.Input((5,), name="taste")
    x = keras.layers.Concatenate()([lightness, hint])
    x = keras.layers.Conv2D(2, 3, padding="same")(x) + keras.layers.Dense(2)(taste)[:, None, None]
    network = keras.Model([lightness, hint, taste], {"ab": x}, name="guided")
    colorizer = Colorizer(network, lambda output: output["ab"], None, {"hint": None, "taste": None})
    export_colorizer(colorizer, 32, {}, tmp_path / "e", ONNX_ONLY)
    model, random = Model(tmp_path / "e"), np.random.default_rng(0)
    assert {name: (each.kind, each.channels) for name, each in model.card.inputs.items()} == {
        "hint": ("plane", 3),
        "taste": ("vector", 5),
    }
    shapes = {"L": (2, 9, 7, 1), "hint": (2, 9, 7, 3), "taste": (2, 5)}
    given = {name: random.random(shape, np.float32) for name, shape in shapes.items()}
    expected = network([given["L"], given["hint"], given["taste"]])["ab"]
    np.testing.assert_allclose(model.predict(**given)["ab"], expected, atol=1e-4)
    assert load_colorizer(tmp_path / "e")(np.full((40, 50), 99, np.uint8)).shape == (40, 50, 3)


# --- the other forms ---


def test_half_the_bytes_hold_the_nearest_16_bit_weights(every_form):
    network = open_run(every_form.parent / "unet").load_colorizer().network
    half = read_weights(every_form / "model.onnx")
    for key, variable in keyed(network.variables).items():
        weight = np.asarray(variable)
        np.testing.assert_array_equal(half[key], np.float16(weight) if weight.ndim > 1 else weight)
    assert any(np.any(np.float16(variable) != np.asarray(variable)) for variable in network.variables)  # some are told


def test_the_saved_model_loads_without_any_of_our_code(every_form, tmp_path):
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        "assert not any('colorization' in path for path in sys.path if path)\n"
        "colorize = tf.saved_model.load(sys.argv[1])\n"
        "for shape in ((5, 9), (5, 9, 1), (5, 9, 3)):\n"
        "    picture = colorize(np.full(shape, 128, np.uint8)).numpy()\n"
        "    assert picture.shape == (5, 9, 3) and picture.dtype == np.uint8\n"
        "assert colorize(np.full((2, 5, 9, 1), 128, np.uint8)).shape == (2, 5, 9, 3)\n"
        "assert 'colorization' not in sys.modules\n"
    )
    path = str(every_form / "saved_model")
    ended = subprocess.run(
        [sys.executable, "-c", code, path], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_tensorflow_serving_could_answer_readmes_call(every_form):
    """Its REST form: each of the instances is one row of the only input, the only output is called predictions."""
    [body] = re.findall(r"curl -d '(\{.*?\})' http", (Path(__file__).parents[3] / "docs/serving.md").read_text())
    loaded = tf.saved_model.load(str(every_form / "saved_model"))
    signature = loaded.signatures["serving_default"]
    [(name, spec)] = signature.structured_input_signature[1].items()
    [predictions] = signature(**{name: tf.constant(json.loads(body)["instances"], spec.dtype)}).values()
    assert predictions.shape == (1, 2, 2, 3)
    assert predictions.dtype == tf.uint8


def test_lightness_is_kept_and_colour_comes(every_form):
    grey = (color.rgb2gray(data.chelsea()) * 255).round().astype(np.uint8)
    before = color.rgb2lab(np.repeat(grey[..., None], 3, axis=-1))
    served = tf.saved_model.load(str(every_form / "saved_model"))(grey).numpy()
    for result in (colorization.load(every_form)(grey), served):
        after = color.rgb2lab(result)
        assert np.abs(after[..., 0] - before[..., 0]).mean() <= 0.5
        assert np.abs(after[..., 1:]).mean() > 3


@pytest.mark.parametrize("form", ["onnx", "saved_model", "litert"])
def test_a_form_that_differs_is_not_reported_as_done(tmp_path, monkeypatch, request, form):
    if form != "onnx":
        request.getfixturevalue("unproved")
    write = getattr(model_folder, f"write_{form}")

    def wrongly(colorizer, *how):
        weights = colorizer.network.get_weights()
        colorizer.network.set_weights([0.5 * weight for weight in weights])
        write(colorizer, *how)
        colorizer.network.set_weights(weights)

    monkeypatch.setattr(model_folder, f"write_{form}", wrongly)
    with pytest.raises(InputError, match="differs from the network by"):
        export_run(random_run(tmp_path, "unet"), tmp_path / "e", formats=(form,))
    assert [path.name for path in tmp_path.iterdir()] == ["unet"]


def test_a_network_that_answers_with_nan_is_not_exported(tmp_path):
    L = keras.Input((None, None, 1), name="lightness")
    network = keras.Model(L, {"ab": keras.layers.Conv2D(2, 1, bias_initializer="zeros", name="ab")(L)}, name="spoilt")
    network.get_layer("ab").kernel.assign(np.full((1, 1, 1, 2), np.inf))
    colorizer = Colorizer(network, lambda output: output["ab"], None)
    with pytest.raises(InputError, match=r"the spoilt network answers with NaN or infinity, for L \(1, 64, 64, 1\)"):
        export_colorizer(colorizer, 32, {}, tmp_path / "e", ONNX_ONLY)
    assert list(tmp_path.iterdir()) == []


def test_a_model_folder_gets_its_other_forms(every_form, tmp_path):
    colorizer, card = open_exported(every_form)
    export_colorizer(colorizer, card["input_size"], card, tmp_path / "e", ("saved_model",))
    assert json.loads((tmp_path / "e/model.json").read_text()) == card
    grey = np.uint8(np.round(255 * color.rgb2gray(data.chelsea())))
    served = tf.saved_model.load(str(tmp_path / "e/saved_model"))(grey).numpy().astype(int)
    finished = dataclasses.replace(load_colorizer(every_form), upsampling="bicubic")
    assert np.abs(served - finished(grey)).mean() < 0.5
