"""The published networks: ours answer as the authors' do, at any size, and weights that do not fit are refused."""

import runpy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from colorization.color.bins import BINS
from colorization.config import ClassificationConfig
from colorization.export.published import convert
from colorization.export.pytorch_weights import assign
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from tests.colorization.export.small_published import LIMIT, SMALL, WIDTH, assert_agrees, lightness, small_network
from tests.colorization.models import zhang_in_numpy
from tests.colorization.models.zhang_in_numpy import random_state_dict


@pytest.fixture(scope="module")
def small():
    """Name -> narrow network with random weights."""
    return {name: small_network(name) for name in SMALL}


@pytest.fixture(scope="module")
def full_size():
    """Name -> network of the published width, as imported, with random weights."""
    return {name: convert(name, random_state_dict(name, 64, seed=0)) for name in SMALL}


@pytest.fixture(scope="module")
def authors(full_size, shared_parity):
    """Name -> the same networks with the weights that the authors' were given for their answers."""
    load = runpy.run_path(str(shared_parity / "weights.py"))["load"]
    for name, colorizer in full_size.items():
        assign(colorizer.network, load(name), name)
    return full_size


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
    assert_agrees(small["siggraph17"].predict_ab(L, **planes), continued[:, : size[0], : size[1]])


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
    assert_agrees(ours[:-2, :-2], continued[:-2, :-2])


@pytest.mark.parametrize("size", [(9, 6), (6, 3), (3, 9)])
def test_eccv16_of_narrower_cells_agrees_with_the_continued_picture_in_their_middles(small, size):
    """At these sizes cells become 3 px wide, so that their middles are pixels: no interpolation of ours is in them."""
    ours, continued = eccv16_and_continued(small["eccv16"], size)
    assert_agrees(ours[1::3, 1::3], continued[1::3, 1::3])


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
    assert (np.abs(ours - continued) <= allowed + LIMIT * np.abs(continued).max())[:-2, :-2].all()


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


@pytest.mark.parametrize("name", SMALL)
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
    network = build("classification", ClassificationConfig(width=64), DatasetStats(size=256)).network
    model_out = network.get_layer("model_out")
    assert_allclose(np.asarray(model_out.kernel)[0, 0], BINS / 110, rtol=1e-6)
    assert not model_out.trainable
    assert count(network.trainable_variables) == 32_236_011 - 2 * 313
    assert network.count_params() == 32_241_003


# --- weights that do not fit ---
