"""An export answers as the network does, keeps L, and loads where none of our code is."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from skimage import color, data

import colorization
from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.errors import InputError
from colorization.export import ExportModule, compare, export_run, save
from colorization.inference import colorize_batch, join
from colorization.models import MODELS
from colorization.models.colorizer import Facts
from colorization.resize import enlarge, shrink
from colorization.training.checkpoints import save_checkpoint
from colorization.training.run_folder import create_run, open_run
from colorization.upsampling import enlarge_colours

TINY = {
    "unet": {"width": 4, "depth": 2},
    "classification": {"width": 4},
    "siggraph17": {"width": 4},
    "chromagan": {"width": 4, "semantic": "labels", "backbone": "none"},
    "mobilenet": {"width": 8, "backbone": "none"},
}


def random_weights(network):
    random = np.random.default_rng(3)
    for variable in network.trainable_variables:
        variable.assign(random.normal(0, 0.3, variable.shape))


def random_run(folder: Path, name: str):
    """A run whose network has random weights, so that it paints strong colours far out of gamut."""
    config = RunConfig(MODEL_CONFIGS[name](**TINY[name]), SamplesConfig(size=48), TrainingConfig())
    run = create_run(folder, name, config, Facts(classes=("cat", "dog")))
    from colorization.training.fit import build_for_training

    network = build_for_training(run).network
    random_weights(network)
    save_checkpoint(run.best, {"network": network.variables}, {"epoch": 1})
    return run


@pytest.fixture(scope="module", autouse=True)
def compared_at_one_size():
    """Every export proves itself at several sizes; one is enough here, and quicker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("colorization.export.TEST_SHAPES", ((37, 53, 1),))
        yield


@pytest.fixture(scope="module", params=MODELS)
def exported(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    path = folder / f"{request.param}-exported"
    export_run(random_run(folder, request.param), path)
    return path


@pytest.fixture(scope="module")
def small_export(tmp_path_factory):
    """Of a U-Net, for what is not said of every network."""
    folder = tmp_path_factory.mktemp("small")
    export_run(random_run(folder, "unet"), folder / "e")
    return folder / "e"


@pytest.fixture(scope="module")
def doors(exported):
    """The export as our own commands load it, and as TensorFlow does; once, because it takes seconds."""
    return colorization.load(exported), tf.saved_model.load(str(exported))


def test_tensorflow_serving_could_answer_readmes_call(doors):
    """Its REST form: each of the instances is one row of the only input, the only output is called predictions."""
    _, loaded = doors
    [body] = re.findall(r"curl -d '(\{.*?\})' http", (Path(__file__).parents[2] / "README.md").read_text())
    signature = loaded.signatures["serving_default"]
    [(name, spec)] = signature.structured_input_signature[1].items()
    [predictions] = signature(**{name: tf.constant(json.loads(body)["instances"], spec.dtype)}).values()
    assert predictions.shape == (1, 2, 2, 3)
    assert predictions.dtype == tf.uint8


def test_what_only_names_the_picture_is_left_out(doors):
    _, loaded = doors
    assert not [key for key in loaded.weights if key.split("/")[-2].startswith("class")]


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (61, 90), (61, 90, 1), (61, 90, 3), (2, 30, 21, 1), (2, 30, 21, 3)])
def test_every_door_gives_the_same_picture(doors, shape):
    pictures = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    colorize, loaded = doors
    ours = colorize(pictures)
    theirs = loaded(pictures).numpy()
    assert ours.dtype == theirs.dtype == np.uint8
    assert ours.shape == theirs.shape == (*shape[: len(shape) - (shape[-1] in (1, 3) and len(shape) > 2)], 3)
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    if len(shape) == 4:
        served = loaded.signatures["serving_default"](pictures=tf.constant(pictures))["pictures"].numpy()
        np.testing.assert_array_equal(served, theirs)


def test_lightness_is_kept_and_colour_comes(doors):
    grey = (color.rgb2gray(data.chelsea()) * 255).round().astype(np.uint8)
    result = doors[0](grey)
    before, after = color.rgb2lab(np.repeat(grey[..., None], 3, axis=-1)), color.rgb2lab(result)
    assert np.abs(after[..., 0] - before[..., 0]).mean() <= 0.5
    assert np.abs(after[..., 1:]).mean() > 3


def test_it_loads_without_any_of_our_code(exported, tmp_path):
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        "assert not any('colorization' in path for path in sys.path if path)\n"
        "colorize = tf.saved_model.load(sys.argv[1])\n"
        "picture = colorize(np.full((5, 9), 128, np.uint8)).numpy()\n"
        "assert picture.shape == (5, 9, 3) and picture.dtype == np.uint8\n"
        "assert 'colorization' not in sys.modules\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(exported)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("size", [(96, 152), (45, 61)])
def test_the_signatures_are_the_networks(exported, doors, size):
    colorizer, model = open_run(exported.parent / exported.name.removesuffix("-exported")).load_colorizer(), doors[0]
    random = np.random.default_rng(1)
    L = random.random((2, *size, 1), np.float32) * 100
    asked = [{}, {"saturation": 2.0}, {"saturation": 1.5, "vibrance": 0.7}]
    if "temperature" in colorizer.conditions:
        asked += [{"temperature": 9.0}]
        seen = shrink(L, 48)  # px, the working size
        np.testing.assert_allclose(model.distribution(L), colorizer.grid_distribution(seen), atol=1e-4)
    if colorizer.planes:
        mask = (random.random((2, *size, 1)) < 0.1).astype(np.float32)
        asked += [{"hint_ab": mask * 50 * np.ones(2, np.float32), "hint_mask": mask}]
    np.testing.assert_allclose(model.grid_ab(L, saturation=2.0), 2 * model.grid_ab(L).numpy(), rtol=1e-4, atol=1e-3)
    answers = [model.grid_ab(L, **conditions).numpy() for conditions in asked]
    for conditions, ab in zip(asked, answers, strict=True):
        assert np.abs(ab - answers[0]).max() > 1 or conditions == {}
        np.testing.assert_allclose(ab, colorizer.grid_ab(L, **conditions), atol=1e-2)


def test_pictures_of_any_size_are_seen_at_the_working_size(exported, doors):
    """What is measured is what `colorize` paints: the network sees 48 px, the colours are enlarged."""
    colorizer, model = open_run(exported.parent / exported.name.removesuffix("-exported")).load_colorizer(), doors[0]
    L = np.random.default_rng(1).random((2, 96, 152, 1), np.float32) * 100
    seen = shrink(L, 48)
    assert seen.shape == (2, 48, 76, 1)
    grid = colorizer.grid_ab(seen)
    np.testing.assert_allclose(model.predict_ab(L), enlarge_colours(grid, L), atol=2e-2)
    plainly = model.asked_otherwise(upsampling="bilinear")
    np.testing.assert_allclose(plainly.predict_ab(L), enlarge(grid, 96, 152), atol=1e-2)
    smaller = model.asked_otherwise(working_size=32, upsampling="bilinear")
    expected = enlarge(colorizer.grid_ab(shrink(L, 32)), 96, 152)
    np.testing.assert_allclose(smaller.predict_ab(L), expected, atol=0.2)  # steep random weights magnify rounding
    assert np.abs(smaller.predict_ab(L) - plainly.predict_ab(L)).max() > 1
    assert model.working_size == 48


@pytest.mark.parametrize("size", [(48, 64), (45, 61)])
def test_with_flips_a_mirrored_picture_gets_the_mirrored_colours(doors, size):
    model = doors[0]
    L = np.random.default_rng(1).random((1, *size, 1), np.float32) * 100
    picture = join(L, np.zeros((1, *size, 2), np.float32)).numpy()
    both = model.asked_otherwise(flips=True)

    def apart(asked):
        there, back = asked(picture).astype(int), asked(picture[:, :, ::-1])[:, :, ::-1].astype(int)
        return np.abs(there - back).mean()

    assert apart(both) < 0.1 < apart(model)


def test_the_first_look_is_what_an_export_does_unasked(tmp_path):
    run = random_run(tmp_path, "unet")
    looks = {"pale": {"saturation": 0.5}, "vivid": {"saturation": 1.5}}
    export_run(run, tmp_path / "e", looks=looks)
    model = colorization.load(tmp_path / "e")
    assert model.looks == looks
    L = np.random.default_rng(1).random((1, 48, 64, 1), np.float32) * 100
    np.testing.assert_allclose(model.predict_ab(L), 0.5 * run.load_colorizer().predict_ab(L), atol=1e-3)
    served = tf.saved_model.load(str(tmp_path / "e"))
    grey = np.full((48, 64), 128, np.uint8)
    np.testing.assert_array_equal(served(grey), model(grey))
    with pytest.raises(InputError, match="a unet network takes no temperature"):
        export_run(run, tmp_path / "f", looks={"bold": {"temperature": 0.1}})
    assert not (tmp_path / "f").exists()


def test_a_run_that_began_with_an_exported_model_has_its_looks(tmp_path):
    run, first = random_run(tmp_path, "unet"), tmp_path / "first"
    first.mkdir()
    looks = {"vivid": {"saturation": 1.5}, "bold": {"temperature": 0.1}}  # no U-Net takes a temperature
    (first / "model.json").write_text(json.dumps({"looks": looks}))
    began = dataclasses.replace(run.config.training, init=str(first))
    tuned = dataclasses.replace(run, config=dataclasses.replace(run.config, training=began))
    assert export_run(tuned, tmp_path / "e", defaults={"vibrance": 0.25}) == {"vivid": {"saturation": 1.5}}
    model = colorization.load(tmp_path / "e")
    assert model.looks == {"vivid": {"saturation": 1.5}}
    assert (model.conditions["saturation"], model.conditions["vibrance"]) == (1.5, 0.25)
    assert export_run(tuned, tmp_path / "f", looks={"own": {"saturation": 0.9}}) == {"own": {"saturation": 0.9}}
    shutil.rmtree(first)
    assert export_run(tuned, tmp_path / "g") == {}


def test_an_export_with_another_temperature_answers_at_it(tmp_path):
    run = random_run(tmp_path, "classification")
    export_run(run, tmp_path / "e", defaults={"temperature": 0.0})
    L = np.random.default_rng(1).random((1, 48, 64, 1), np.float32) * 100
    ab = colorization.load(tmp_path / "e").grid_ab(L).numpy()
    np.testing.assert_allclose(ab, run.load_colorizer().grid_ab(L, temperature=0.0), atol=1e-2)
    served = tf.saved_model.load(str(tmp_path / "e"))(np.full((48, 64), 130, np.uint8)).numpy()
    np.testing.assert_array_equal(served, colorization.load(tmp_path / "e")(np.full((48, 64), 130, np.uint8)))
    with pytest.raises(InputError, match="a unet network takes no temperature; leave --temperature out"):
        export_run(random_run(tmp_path / "u", "unet"), tmp_path / "e2", defaults={"temperature": 0.5})


def test_an_export_that_differs_is_not_reported_as_done(tmp_path):
    colorizer = random_run(tmp_path, "unet").load_colorizer()
    module = ExportModule(colorizer, 48)
    save(module, tmp_path / "e")
    compare(tmp_path / "e", module)
    for variable in colorizer.network.trainable_variables:
        variable.assign(variable * 0.9)
    with pytest.raises(InputError, match="differs from the network by"):
        compare(tmp_path / "e", module)


@pytest.mark.parametrize("damage", ["no variables", "no card", "{}", "not utf-8"])
def test_a_broken_export_is_told_in_one_line(small_export, tmp_path, damage):
    path = shutil.copytree(small_export, tmp_path / "e")
    if damage == "no variables":
        for file in (path / "variables").iterdir():
            file.write_bytes(file.read_bytes()[:20])
    elif damage == "no card":
        (path / "model.json").unlink()
    else:
        (path / "model.json").write_bytes(b"{}" if damage == "{}" else b"\xff\xfe")
    with pytest.raises(InputError, match="is no exported model, or a broken one") as told:
        colorization.load(path)
    assert "\n" not in str(told.value)


def test_large_pictures_are_seen_at_the_working_size():
    seen = []

    def grid_ab(L):
        seen.append(tuple(L.shape))
        return tf.fill((*L.shape[:3], 2), 20.0)

    picture = np.random.default_rng(0).integers(0, 256, (1, 200, 300, 1), np.uint8)
    result = colorize_batch(tf.constant(picture), grid_ab, working_size=50).numpy()
    assert seen == [(1, 50, 75, 1)]
    assert result.shape == (1, 200, 300, 3)
    L = color.rgb2lab(np.repeat(picture[0], 3, axis=-1))[..., :1].astype(np.float32)
    np.testing.assert_allclose(result[0], join(L, np.full((200, 300, 2), 20, np.float32)), atol=1)


def test_wrong_input_is_refused(doors, tmp_path):
    model, _ = doors
    with pytest.raises(ValueError, match="must be uint8, or uint16, got float64"):
        model(np.zeros((4, 4)))
    with pytest.raises(ValueError, match=r"C 1 or 3, got \(4, 4, 2\)"):
        model(np.zeros((4, 4, 2), np.uint8))
    with pytest.raises(InputError, match="is no exported model"):
        colorization.load(tmp_path)


def test_an_export_is_not_written_over_unasked(tmp_path):
    run = random_run(tmp_path, "unet")
    path = tmp_path / "e"
    export_run(run, path)
    export_run(run, path)  # its own it may replace
    other = random_run(tmp_path / "other", "unet")
    with pytest.raises(InputError, match="e exists and is no export of .*; give --overwrite"):
        export_run(other, path)
    export_run(other, path, overwrite=True)
    assert json.loads((path / "model.json").read_text())["run"] == other.id
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e", "other", "unet"]
