"""The published networks: ours answer as the authors' do, at any size, and weights that do not fit are refused."""

import dataclasses
import hashlib
import json
import pickle
import runpy
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from colorization.color.gamut import BINS
from colorization.config import ClassificationConfig, Siggraph17Config, model_from_json, model_name
from colorization.errors import InputError
from colorization.models import build
from colorization.models.colorizer import Facts
from colorization.published import PUBLISHED, about, assign, bin_centres_apart, convert, read_state_dict
from tests.colorization.models import zhang_in_numpy
from tests.colorization.models.zhang_in_numpy import random_state_dict

LIMIT = 1e-4  # of the largest absolute value; measured: 3e-6 against numpy, 3e-5 against the authors' networks
WIDTH = 4
SMALL = {"eccv16": ClassificationConfig(width=WIDTH, temperature=1.0), "siggraph17": Siggraph17Config(width=WIDTH)}


@pytest.fixture(scope="module")
def small():
    """Name -> narrow network with random weights."""
    return {name: small_network(name) for name in SMALL}


@pytest.fixture(scope="module")
def full_size():
    """Name -> network of the published width, as imported, with random weights."""
    return {name: convert(name, random_state_dict(name, 64, seed=0)) for name in PUBLISHED}


@pytest.fixture(scope="module")
def authors(full_size, shared_parity):
    """Name -> the same networks with the weights that the authors' were given for their answers."""
    load = runpy.run_path(str(shared_parity / "weights.py"))["load"]
    for name, colorizer in full_size.items():
        assign(colorizer.network, load(name), name)
    return full_size


def small_network(name, seed=0):
    config = SMALL[name]
    colorizer = build(model_name(config), config, Facts(size=256))
    assign(colorizer.network, random_state_dict(name, WIDTH, seed), name)
    return colorizer


def lightness(height, width, batch=1):
    return np.random.default_rng(1).uniform(0, 100, (batch, height, width, 1)).astype(np.float32)


def hints(height, width, batch=1):
    """A hint at every tenth pixel or so."""
    random = np.random.default_rng(2)
    mask = (random.random((batch, height, width, 1)) < 0.1).astype(np.float32)
    return {"hint_ab": mask * random.uniform(-80, 80, (batch, height, width, 2)).astype("f4"), "hint_mask": mask}


def no_hints(height, width, batch=1):
    return {name: np.zeros_like(plane) for name, plane in hints(height, width, batch).items()}


def mirrored(x):
    """Pictures (B, H, W, C) continued by reflection, at the lower and the right edge, to multiples of 8."""
    return np.pad(x, ((0, 0), (0, -x.shape[1] % 8), (0, -x.shape[2] % 8), (0, 0)), mode="reflect")


def assert_agrees(ours, theirs):
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= LIMIT * np.abs(theirs).max()


# --- against the restatement in numpy ---


def test_eccv16_agrees_with_its_restatement_in_numpy(small):
    L = lightness(32, 48, batch=2)
    logits, ab = zhang_in_numpy.eccv16(random_state_dict("eccv16", WIDTH, seed=0), L)
    assert_agrees(small["eccv16"].output(L)["logits"], logits)
    assert_agrees(small["eccv16"].predict_ab(L), ab)


@pytest.mark.parametrize("given", [no_hints, hints])
def test_siggraph17_agrees_with_its_restatement_in_numpy(small, given):
    L, planes = lightness(32, 48, batch=2), given(32, 48, batch=2)
    classes, ab = zhang_in_numpy.siggraph17(random_state_dict("siggraph17", WIDTH, seed=0), L, **planes)
    assert_agrees(small["siggraph17"].output(L, **planes)["classes"], classes)
    assert_agrees(small["siggraph17"].predict_ab(L, **planes), ab)


def test_siggraph17_without_hints_is_given_zeros(small):
    L = lightness(16, 24)
    assert_array_equal(small["siggraph17"].predict_ab(L), small["siggraph17"].predict_ab(L, **no_hints(16, 24)))


# --- sizes that cannot be halved three times ---


@pytest.mark.parametrize("size", [(37, 50), (5, 3), (1, 1), (1, 20)])
@pytest.mark.parametrize("name", SMALL)
def test_any_size_gives_finite_colours_of_that_size(small, name, size):
    planes = hints(*size) if name == "siggraph17" else {}
    ab = np.asarray(small[name].predict_ab(lightness(*size), **planes))
    assert ab.shape == (1, *size, 2)
    assert np.isfinite(ab).all()


@pytest.mark.parametrize("size", [(37, 50), (36, 52), (5, 3), (1, 1)])
def test_siggraph17_colours_a_picture_as_the_one_continued_by_its_mirror_image(small, size):
    L, planes = lightness(*size), hints(*size)
    continued = small["siggraph17"].predict_ab(mirrored(L), **{name: mirrored(x) for name, x in planes.items()})
    assert_allclose(small["siggraph17"].predict_ab(L, **planes), continued[:, : size[0], : size[1]], rtol=0, atol=1e-4)


def eccv16_and_continued(colorizer, size):
    """ab (H, W, 2) of a picture, and of the same picture continued by its mirror image, cropped."""
    L = lightness(*size)
    return np.asarray(colorizer.predict_ab(L))[0], np.asarray(colorizer.predict_ab(mirrored(L)))[
        0, : size[0], : size[1]
    ]


@pytest.mark.parametrize("size", [(36, 52), (44, 64), (4, 12)])
def test_eccv16_of_whole_cells_colours_as_the_continued_picture(small, size):
    """A cell is 4 px wide. Only the last 2 px differ: they lie between their cell's middle and one that was cut off."""
    ours, continued = eccv16_and_continued(small["eccv16"], size)
    assert_allclose(ours[:-2, :-2], continued[:-2, :-2], rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(9, 6), (6, 3), (3, 9)])
def test_eccv16_of_narrower_cells_agrees_with_the_continued_picture_in_their_middles(small, size):
    """At these sizes cells become 3 px wide, so that their middles are pixels: no interpolation of ours is in them."""
    ours, continued = eccv16_and_continued(small["eccv16"], size)
    assert_allclose(ours[1::3, 1::3], continued[1::3, 1::3], rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(37, 50), (33, 41), (45, 63)])
def test_eccv16_of_any_size_is_no_further_from_the_continued_picture_than_its_grid_bends(small, size):
    """Narrower cells are interpolated from the network's, twice linearly. Between points at most 4 px apart a polygon
    leaves its chord by a quarter of the bend, the second difference of its corners, along each axis. The last 2 px lie
    beyond the middle of the last cell.
    """
    ours, continued = eccv16_and_continued(small["eccv16"], size)
    grid = np.asarray(small["eccv16"].grid_ab(mirrored(lightness(*size))))[0]
    rows, columns = (np.pad(grid, pad, mode="edge") for pad in (((1, 1), (0, 0), (0, 0)), ((0, 0), (1, 1), (0, 0))))
    bend = np.abs(np.diff(rows, 2, axis=0)) + np.abs(np.diff(columns, 2, axis=1))
    around = np.pad(bend, ((1, 1), (1, 1), (0, 0)))
    bend = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(0, 1)).max(axis=(-2, -1))
    allowed = bend.repeat(4, axis=0).repeat(4, axis=1)[: size[0], : size[1]] / 4
    assert (np.abs(ours - continued) <= allowed + 1e-4)[:-2, :-2].all()


# --- against the authors' networks, with weights that anyone can make again ---


@pytest.mark.parametrize("size", ["64x64", "96x128"])
def test_eccv16_gives_the_authors_colours(authors, shared_parity, size):
    theirs = np.load(shared_parity / f"eccv16_{size}.npz")
    assert_agrees(authors["eccv16"].predict_ab(theirs["L"][None, ..., None])[0], theirs["ab"])


def test_eccv16_gives_the_authors_distribution(authors, shared_parity):
    theirs = np.load(shared_parity / "eccv16_64x64.npz")
    output = authors["eccv16"].output(theirs["L"][None, ..., None])
    assert_agrees(output["logits"][0], theirs["logits"])
    assert_agrees(output["ab"][0], theirs["ab_small"])
    assert_agrees(authors["eccv16"].distribution(output)[0, ::2, ::2], theirs["prob_step2"])


@pytest.mark.parametrize("size", ["64x64", "96x128"])
def test_siggraph17_gives_the_authors_colours_with_and_without_hints(authors, shared_parity, size):
    theirs = np.load(shared_parity / f"siggraph17_{size}.npz")
    L, planes = theirs["L"][None, ..., None], {name: theirs[name][None] for name in ("hint_ab", "hint_mask")}
    assert_agrees(authors["siggraph17"].predict_ab(L)[0], theirs["ab"])
    assert_agrees(authors["siggraph17"].predict_ab(L, **planes)[0], theirs["ab_hints"])


def test_siggraph17_gives_the_authors_classes(authors, shared_parity):
    theirs = np.load(shared_parity / "siggraph17_64x64.npz")
    output = authors["siggraph17"].output(theirs["L"][None, ..., None])
    assert_agrees(output["classes"][0, ..., ::23], theirs["class_logits_step23"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_authors_colours_of_256_px(authors, shared_parity, name):
    theirs = np.load(shared_parity / f"{name}_256x256.npz")
    ab = np.asarray(authors[name].predict_ab(theirs["L"][None, ..., None]))[0]
    assert_agrees(ab[::4, ::4], theirs["ab_step4"])
    assert_agrees(ab.mean(axis=(0, 1), dtype=np.float64), theirs["ab_mean"])
    assert_agrees(ab.std(axis=(0, 1), dtype=np.float64), theirs["ab_std"])


# --- what is trained ---


def count(variables):
    return sum(int(np.prod(v.shape)) for v in variables)


@pytest.mark.parametrize(
    ("name", "trainable", "all_of_them"), [("eccv16", 32_236_011, 32_241_003), ("siggraph17", 34_187_027, 34_192_787)]
)
def test_imported_networks_have_the_authors_number_of_weights(full_size, name, trainable, all_of_them):
    network = full_size[name].network
    assert count(network.trainable_variables) == trainable
    assert count(network.variables) == network.count_params() == all_of_them


def test_a_network_built_for_training_keeps_the_bins():
    network = build("classification", ClassificationConfig(width=64), Facts(size=256)).network
    model_out = network.get_layer("model_out")
    assert_allclose(np.asarray(model_out.kernel)[0, 0], BINS / 110, rtol=1e-6)
    assert not model_out.trainable
    assert count(network.trainable_variables) == 32_236_011 - 2 * 313
    assert network.count_params() == 32_241_003


# --- weights that do not fit ---


def spoilt(key, change):
    """A state dict for eccv16 in which the array under the key is changed: taken away if change gives None."""
    weights = random_state_dict("eccv16", WIDTH, seed=5)
    changed = change(weights.pop(key, None))
    return weights if changed is None else weights | {key: changed}


def with_last(number):
    return lambda x: np.append(x[:-1], np.float32(number))


MISFITS = {
    "missing weight": ("model3.2.weight", lambda x: None, "is missing"),
    "missing variance": ("model7.6.running_var", lambda x: None, "is missing"),
    "left over": ("model_out.bias", lambda x: np.zeros(2, np.float32), "belongs to no layer"),
    "transposed": ("model8.0.weight", lambda x: x.swapaxes(0, 1), r"has the shape \(16, 32, 4, 4\)"),
    "of Keras": ("model1.0.weight", lambda x: x.transpose(2, 3, 1, 0), r"has the shape \(3, 3, 1, 4\)"),
    "too long": ("model2.4.bias", lambda x: np.append(x, x), r"has the shape \(16,\)"),
    "not a number": ("model8.6.bias", with_last(np.nan), "no trained network has"),
    "negative": ("model3.6.running_var", with_last(-0.1), "no trained network has"),
    "infinite": ("model7.6.running_var", with_last(np.inf), "no trained network has"),
}


@pytest.mark.parametrize(("key", "change", "what"), MISFITS.values(), ids=MISFITS)
def test_weights_that_do_not_fit_are_refused_by_name_and_none_is_assigned(small, key, change, what):
    network = small["eccv16"].network
    before = network.get_weights()
    with pytest.raises(InputError, match=what) as error:
        assign(network, spoilt(key, change), "eccv16")
    assert key in str(error.value)
    for weight, was in zip(network.get_weights(), before, strict=True):
        assert_array_equal(weight, was)


@pytest.mark.parametrize("name", SMALL)
def test_counters_are_not_needed(name):
    network = small_network(name).network
    weights = random_state_dict(name, WIDTH, seed=5)
    assign(network, {key: value for key, value in weights.items() if not key.endswith("num_batches_tracked")}, name)
    assert_array_equal(network.get_layer("model7_6").moving_variance, weights["model7.6.running_var"])


@pytest.fixture
def published_narrow(monkeypatch):
    """As if the authors had published networks of width 4, which are quickly built."""
    for name, config in SMALL.items():
        monkeypatch.setitem(PUBLISHED, name, dataclasses.replace(PUBLISHED[name], model_config=config))


@pytest.mark.usefixtures("published_narrow")
def test_convert_refuses_what_it_does_not_know():
    with pytest.raises(InputError, match=r"'eccv17'; known: eccv16, siggraph17"):
        convert("eccv17", {})
    with pytest.raises(InputError, match=r"model8\.6\.bias is missing \(1 missing, 0 left over\)"):
        convert("eccv16", spoilt("model8.6.bias", lambda x: None))
    with pytest.raises(InputError, match=r"model8up\.0\.weight is missing"):
        convert("siggraph17", random_state_dict("eccv16", WIDTH, seed=0))


@pytest.mark.usefixtures("published_narrow")
def test_convert_gives_a_network_that_agrees_with_the_restatement():
    weights, L = random_state_dict("eccv16", WIDTH, seed=6), lightness(16, 24)
    assert_agrees(convert("eccv16", weights).predict_ab(L), zhang_in_numpy.eccv16(weights, L)[1])


# --- what is said of them ---


def test_how_far_the_weights_of_model_out_are_from_the_bins(small):
    assert bin_centres_apart(small["siggraph17"]) is None
    assert bin_centres_apart(small["eccv16"]) > 50
    fresh = build("classification", SMALL["eccv16"], Facts(size=256))
    assert bin_centres_apart(fresh) < 1e-4
    kernel = np.asarray(fresh.network.get_layer("model_out").kernel).copy()
    kernel[0, 0, 7, 1] += 3 / 110
    fresh.network.get_layer("model_out").kernel.assign(kernel)
    assert bin_centres_apart(fresh) == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("name", PUBLISHED)
def test_about_fits_into_a_json_file_and_tells_the_model_again(name, tmp_path):
    file = tmp_path / "mine.pth"
    file.write_bytes(b"weights")
    told = json.loads(json.dumps(about(name, file)))
    assert told["run"] == f"published {name}"
    assert model_from_json(told, "model.json") == PUBLISHED[name].model_config
    assert (told["published"]["file"], told["published"]["is_the_released_file"]) == ("mine.pth", False)
    assert told["published"]["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert "arXiv" in told["published"]["paper"]


# --- reading PyTorch's files ---


class Unwelcome:
    """What no file of weights should hold."""


def test_without_pytorch_it_is_said_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"weights\.pth needs PyTorch.*https://pytorch\.org/get-started/locally"):
        read_state_dict(tmp_path / "weights.pth")


@pytest.mark.parametrize("zipped", [False, True])
def test_both_containers_of_pytorch_give_the_arrays_back(tmp_path, zipped):
    torch = pytest.importorskip("torch")
    weights = random_state_dict("eccv16", 1, seed=0)
    tensors = {key: torch.from_numpy(value) for key, value in weights.items()}
    torch.save(tensors, tmp_path / "weights.pth", _use_new_zipfile_serialization=zipped)
    read = read_state_dict(tmp_path / "weights.pth")
    assert list(read) == list(weights)
    for key, value in weights.items():
        assert read[key].dtype == value.dtype
        assert_array_equal(read[key], value)


def truncated(torch, file, zipped):
    torch.save({"model1.0.weight": torch.ones(1000)}, file, _use_new_zipfile_serialization=zipped)
    file.write_bytes(file.read_bytes()[:2000])


BROKEN = {
    "empty": lambda torch, file: file.write_bytes(b""),
    "text": lambda torch, file: file.write_text("<html>\nnot found\n</html>\n"),
    "truncated": lambda torch, file: truncated(torch, file, zipped=False),
    "truncated zip": lambda torch, file: truncated(torch, file, zipped=True),
    "pickle": lambda torch, file: file.write_bytes(pickle.dumps({"model1.0.weight": Unwelcome()}, protocol=2)),
    "object": lambda torch, file: torch.save({"model1.0.weight": Unwelcome()}, file),
    "no dict": lambda torch, file: torch.save([torch.ones(2)], file),
    "checkpoint": lambda torch, file: torch.save({"state_dict": {"model1.0.weight": torch.ones(2)}}, file),
    "missing": lambda torch, file: None,
}


@pytest.mark.parametrize("write", BROKEN.values(), ids=BROKEN)
def test_a_file_that_holds_no_weights_is_refused_in_one_line(tmp_path, write):
    torch = pytest.importorskip("torch")
    file = tmp_path / "weights.pth"
    write(torch, file)
    with pytest.raises(InputError, match=r"weights\.pth (is no file|holds no plain table)") as error:
        read_state_dict(file)
    assert str(error.value).isprintable()
