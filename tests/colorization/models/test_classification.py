"""The classification network's own rules: strides, the grid of the truth, its loss and the loss' floor."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from colorization.color.bins import BINS, nearest_bin, rebalancing_weights, soft_encode
from colorization.config import ClassificationConfig
from colorization.errors import InputError
from colorization.models.bin_head import cell_middles
from colorization.models.classification import build, halvings_at
from colorization.models.classification_summaries import TEMPERATURES, entropy_map
from colorization.models.colorizer import DatasetStats
from tests.colorization.models.tiny import give_random_weights

PRIOR = tuple(np.random.default_rng(0).dirichlet(np.full(313, 2.0)))


def colourful(shape, seed=1):
    return np.random.default_rng(seed).normal(0, 25, (*shape, 2)).astype(np.float32)


@pytest.mark.parametrize(("size", "halvings"), [(8, 1), (16, 1), (32, 2), (48, 2), (64, 3), (128, 3), (256, 3)])
def test_small_pictures_are_halved_less(size, halvings):
    assert halvings_at(size) == halvings
    output = build(ClassificationConfig(width=2), DatasetStats(size=size)).output(
        np.zeros((1, size, size, 1), np.float32)
    )
    assert output["logits"].shape == (1, size // 2 ** (halvings - 1), size // 2 ** (halvings - 1), 313)


@pytest.mark.parametrize("rebalance", [1.0, 0.5])
def test_loss_and_floor_are_those_of_the_formula(rebalance):
    colorizer = build(ClassificationConfig(width=2, rebalance=rebalance), DatasetStats(prior=PRIOR, size=32))
    ab = colourful((3, 32, 32))
    ab[1] = 4  # nearly grey: counts nothing
    logits = np.random.default_rng(2).normal(0, 1, (3, 16, 16, 313)).astype(np.float32)
    truth = ab.reshape(3, 16, 2, 16, 2, 2).astype(np.float64).mean(axis=(2, 4))  # of each cell of 2 x 2 the mean
    shares = np.asarray(soft_encode(truth), np.float64)
    weight = rebalancing_weights(np.array(PRIOR), rebalance)[nearest_bin(truth)] * np.array([1, 0, 1])[:, None, None]
    log_p = logits - np.log(np.exp(logits.astype(np.float64)).sum(axis=-1, keepdims=True))
    expected = -(weight * (shares * log_p).sum(axis=-1)).mean()
    assert float(colorizer.objective.loss(None, ab, {"logits": logits})) == pytest.approx(expected, rel=1e-4)
    entropy = -(weight * (shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=-1)).mean()
    assert float(colorizer.objective.lower_bound(None, ab)) == pytest.approx(entropy, rel=1e-4)
    at_best = np.log(np.maximum(shares, 1e-30)).astype(np.float32)
    assert float(colorizer.objective.loss(None, ab, {"logits": at_best})) == pytest.approx(entropy, rel=1e-4)


def test_without_a_prior_all_colours_weigh_alike():
    ab, output = colourful((1, 32, 32)), {"logits": np.zeros((1, 16, 16, 313), np.float32)}
    colorizer = build(ClassificationConfig(width=2), DatasetStats(size=32))
    assert float(colorizer.objective.loss(None, ab, output)) == pytest.approx(np.log(313), rel=1e-5)


def test_weights_that_a_handful_of_pixels_would_rule_are_refused():
    prior = np.full(313, 1e-9)
    prior[120] = 1 - prior.sum()
    with pytest.raises(InputError, match=r"--rebalance 0 gives the colour a=.* times .*; give a larger one, such as"):
        build(ClassificationConfig(width=2, rebalance=0.0), DatasetStats(prior=tuple(prior)))
    build(ClassificationConfig(width=2, rebalance=0.5), DatasetStats(prior=tuple(prior)))


def test_temperature_is_a_condition_with_the_configs_default():
    colorizer = build(ClassificationConfig(width=2, temperature=0.7), DatasetStats(size=32))
    give_random_weights(colorizer.network)
    L = np.random.default_rng(4).uniform(0, 100, (1, 32, 32, 1)).astype(np.float32)
    assert_allclose(colorizer.predict_ab(L), colorizer.predict_ab(L, temperature=0.7), atol=1e-3)
    modes = np.asarray(colorizer.grid_ab(L, temperature=0.0))
    assert_allclose(modes, BINS[nearest_bin(modes)], atol=1e-3)
    away = [np.abs(colorizer.grid_ab(L, temperature=t) - modes).mean() for t in (1.0, 0.1, 0.01)]
    assert away == sorted(away, reverse=True)  # the colder, the nearer to the likeliest colour
    assert_allclose(np.asarray(colorizer.grid_distribution(L)).sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("size", [(37, 51), (30, 64), (3, 5)])
def test_the_grid_covers_the_picture(size):
    colorizer = build(ClassificationConfig(width=2), DatasetStats(size=64))
    L = np.zeros((1, *size, 1), np.float32)
    assert colorizer.grid_ab(L).shape == (1, -(-size[0] // 4), -(-size[1] // 4), 2)
    assert colorizer.predict_ab(L).shape == (1, *size, 2)


def test_what_it_shows_in_tensorboard():
    colorizer = build(ClassificationConfig(width=2), DatasetStats(prior=PRIOR, size=32))
    L = np.random.default_rng(5).uniform(0, 100, (6, 32, 32, 1)).astype(np.float32)
    shown = colorizer.objective.summaries(L, None)
    assert {name.split()[0]: picture.shape for name, picture in shown.items()} == {
        "temperatures": (4 * 32, len(TEMPERATURES) * 32, 3),
        "entropy,": (16, 4 * 16, 1),
        "bins": (22 * 8, 2 * 20 * 8, 3),
    }
    assert all(picture.dtype == np.uint8 for picture in shown.values())


def test_entropy_is_white_where_all_is_possible():
    certain, unsure = np.eye(313)[7], np.full(313, 1 / 313)
    assert_allclose(entropy_map(np.stack([certain, unsure])), [0, 255])


def test_the_truth_of_a_cell_is_the_mean_of_its_middle_four_pixels():
    ab = colourful((2, 8, 12))
    cells = ab.reshape(2, 2, 4, 3, 4, 2)
    assert_allclose(cell_middles(ab, 4), cells[:, :, 1:3, :, 1:3].mean(axis=(2, 4)), atol=1e-5)
    assert_allclose(cell_middles(ab, 1), ab)
    mirror = np.asarray(cell_middles(ab[:, ::-1, ::-1], 4))[:, ::-1, ::-1]
    assert_allclose(cell_middles(ab, 4), mirror, atol=1e-5)  # nothing is shifted to one side


@pytest.mark.parametrize("size", [(36, 52), (37, 51)])
def test_loss_of_sizes_that_are_padded(size):
    colorizer = build(ClassificationConfig(width=2), DatasetStats(size=64))
    L, ab = np.zeros((2, *size, 1), np.float32), colourful((2, *size))
    assert np.isfinite(float(colorizer.objective.loss(L, ab, colorizer.output(L))))
    assert 0 < float(colorizer.objective.lower_bound(L, ab)) < 3
