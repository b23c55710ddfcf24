"""Weights that come from a file: what does not fit is refused by name, and no broken file does harm."""

import dataclasses
import functools
import hashlib
import json
import pickle
import re
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from colorization.cli.parser import parse
from colorization.config import model_from_json
from colorization.errors import InputError
from colorization.export.published import PUBLISHED, about, bin_centres_apart, convert, full_name
from colorization.export.pytorch_weights import assign, folded, read_state_dict
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from tests.colorization.export.small_published import SMALL, WIDTH, assert_agrees, lightness, small_network
from tests.colorization.models import zhang_in_numpy
from tests.colorization.models.zhang_in_numpy import random_state_dict


@pytest.fixture(scope="module")
def small():
    """Name -> narrow network with random weights."""
    return {name: small_network(name) for name in SMALL}


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
    with pytest.raises(InputError, match="no weights of siggraph17, but of eccv16: import eccv16 FILE$"):
        convert("siggraph17", random_state_dict("eccv16", WIDTH, seed=0))


@pytest.mark.usefixtures("published_narrow")
def test_convert_gives_a_network_that_agrees_with_the_restatement():
    weights, L = random_state_dict("eccv16", WIDTH, seed=6), lightness(16, 24)
    assert_agrees(convert("eccv16", weights).predict_ab(L), zhang_in_numpy.eccv16(weights, L)[1])


def test_a_spectral_normalization_is_part_of_the_weight():
    """Divided by u' W v of the file, whatever that is; with its singular vectors that leaves 1 as the largest."""
    weight = np.random.default_rng(0).normal(size=(6, 2, 3, 3)).astype("f4")
    u, _, v = np.linalg.svd(weight.reshape(6, -1), full_matrices=False)
    given = {"a.weight_orig": weight, "a.weight_u": u[:, 0], "a.weight_v": v[0], "a.bias": np.ones(6)}
    assert set(folded(given)) == {"a.weight", "a.bias"}
    assert np.linalg.norm(folded(given)["a.weight"].reshape(6, -1), 2) == pytest.approx(1, rel=1e-5)
    doubled = folded(given | {"a.weight_u": 2 * u[:, 0]})["a.weight"]
    assert_allclose(doubled, folded(given)["a.weight"] / 2, rtol=1e-6)
    with pytest.raises(InputError, match=r"a\.weight_v is missing, beside a\.weight_orig"):
        folded({key: x for key, x in given.items() if key != "a.weight_v"})
    with pytest.raises(InputError, match=r"a\.weight_u and weight_v do not fit the shape \(6, 2, 3, 3\)"):
        folded(given | {"a.weight_u": u[:4, 0]})


def test_a_normalization_by_length_is_part_of_the_weight():
    """As PyTorch's weight_norm: each row of v, brought to the length that g says."""
    torch = pytest.importorskip("torch")
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(3, 6, 1, bias=False))
    lengths, directions = (x.detach() for x in layer.parametrizations.weight.parameters())
    lengths, directions = lengths.mul_(torch.arange(1.0, 7).reshape(6, 1, 1, 1)).numpy(), directions.mul_(3).numpy()
    given = {"a.weight_g": lengths, "a.weight_v": directions, "a.bias": np.ones(6)}
    assert set(folded(given)) == {"a.weight", "a.bias"}
    assert_allclose(folded(given)["a.weight"], layer.weight.detach().numpy(), rtol=1e-6)
    with pytest.raises(InputError, match=r"a\.weight_v is missing, beside a\.weight_g"):
        folded({"a.weight_g": lengths})
    with pytest.raises(InputError, match=r"a\.weight_g does not fit the shape \(6, 3, 1, 1\) of weight_v"):
        folded(given | {"a.weight_g": lengths[:5]})


# --- what is said of them ---


def test_how_far_the_weights_of_model_out_are_from_the_bins(small):
    assert bin_centres_apart(small["siggraph17"]) is None
    assert bin_centres_apart(small["eccv16"]) > 50
    fresh = build("classification", SMALL["eccv16"], DatasetStats(size=256))
    assert bin_centres_apart(fresh) < 1e-4
    kernel = np.asarray(fresh.network.get_layer("model_out").kernel).copy()
    kernel[0, 0, 7, 1] += 3 / 110
    fresh.network.get_layer("model_out").kernel.assign(kernel)
    assert bin_centres_apart(fresh) == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_to_type_with_a_file_from_elsewhere_is_a_command_for_this_network(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_bytes(b"")
    [words] = re.findall("give the file: (import .*)", PUBLISHED[name].remote.instead)
    asked = parse(words.split()).options
    assert (full_name(asked.name, asked.variant), asked.file) == (name, "FILE")


@pytest.mark.parametrize("name", PUBLISHED)
def test_about_fits_into_a_json_file_and_tells_the_model_again(name, tmp_path):
    file = tmp_path / "mine.pth"
    file.write_bytes(b"weights")
    told = json.loads(json.dumps(about(name, file)))
    assert told["run"] == f"published {name}"
    assert model_from_json(told, "model.json") == PUBLISHED[name].model_config
    assert (told["published"]["file"], told["published"]["is_the_released_file"]) == (
        "mine.pth",
        None if name.startswith("ddcolor") else False,
    )
    assert told["published"]["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert "arXiv" in told["published"]["paper"]


# --- reading PyTorch's files ---


class Unwelcome:
    """What no file of weights should hold."""


def test_without_pytorch_it_is_said_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        InputError,
        match=r"weights\.pth needs PyTorch.*pip install '\.\[published\]'; .*https://pytorch\.org/get-started/locally",
    ):
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


def test_a_table_that_is_wrapped_is_found(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"params": {"a.weight": torch.ones(2)}}, tmp_path / "weights.pth")
    assert_array_equal(read_state_dict(tmp_path / "weights.pth")["a.weight"], [1, 1])


def test_what_fastai_saves_of_its_optimizer_is_left(tmp_path):
    """Its kind is a functools.partial of Adam, which PyTorch reads when it is told that this does no harm."""
    torch = pytest.importorskip("torch")
    optimizer = {"opt_state": {}, "lr": [1e-3], "opt_func": functools.partial(torch.optim.Adam, betas=(0.9, 0.99))}
    torch.save({"model": {"a.weight": torch.ones(2)}, "opt": optimizer}, tmp_path / "weights.pth")
    read = read_state_dict(tmp_path / "weights.pth")
    assert list(read) == ["a.weight"]
    assert_array_equal(read["a.weight"], [1, 1])


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
