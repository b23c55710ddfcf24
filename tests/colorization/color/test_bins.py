"""The 313 bins against the authors' list, encoding and decoding against plain numpy and worked figures."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from colorization.color.bins import BINS, annealed, nearest_bin, rebalancing_weights, soft_encode


def soft_encoded(ab, neighbours, sigma=5.0):
    """The definition, over all bins, in float64."""
    squared = np.square(np.asarray(ab, np.float64)[:, None] - BINS).sum(axis=-1)
    order = np.argsort(squared, axis=1, kind="stable")[:, :neighbours]
    nearest = np.take_along_axis(squared, order, axis=1)
    shares = np.exp(-(nearest - nearest.min(axis=1, keepdims=True)) / (2 * sigma**2))
    encoded = np.zeros((len(ab), len(BINS)))
    np.put_along_axis(encoded, order, shares / shares.sum(axis=1, keepdims=True), axis=1)
    return encoded


def test_bins_are_the_authors():
    assert BINS.shape == (313, 2)
    assert_array_equal(BINS[120], (0, 0))
    assert_array_equal(
        BINS[[0, 4, 5, 302, 303, 312]], [[-90, 50], [-90, 90], [-80, 20], [90, 70], [100, -90], [100, 0]]
    )
    # their pts_in_hull.npy, whose header an older numpy filled up to 80 bytes
    header = b"\x93NUMPY\x01\x00\x46\x00{'descr': '<i8', 'fortran_order': False, 'shape': (313, 2), }".ljust(79) + b"\n"
    published = "b5dec01315c34f43f1c8c089e84c45ae35d1838d8e77ed0e7ca930f79ffa450e"
    assert hashlib.sha256(header + BINS.astype(np.int64).tobytes()).hexdigest() == published


@pytest.mark.parametrize("neighbours", [1, 5, 10])
def test_soft_encoding_is_the_definition(neighbours):
    ab = np.random.default_rng(0).uniform(-124, 124, (3000, 2)).astype(np.float32)
    assert_allclose(soft_encode(ab, neighbours), soft_encoded(ab, neighbours), atol=1e-5)


def test_soft_encoding_of_a_worked_example():
    encoded = np.asarray(soft_encode(np.array([[12.3, -4.6]]), neighbours=5))[0]
    worked = {(10, 0): 0.394468, (10, -10): 0.336144, (20, 0): 0.133960, (20, -10): 0.114153, (0, 0): 0.021275}
    told = {tuple(BINS[i].astype(int).tolist()): encoded[i] for i in np.nonzero(encoded)[0]}
    assert told == pytest.approx(worked, abs=1e-6)


def test_soft_encoding_takes_any_shape_and_any_colour():
    ab = np.random.default_rng(1).normal(0, 300, (2, 5, 7, 2)).astype(np.float32)
    encoded = np.asarray(soft_encode(ab))
    assert encoded.shape == (2, 5, 7, 313)
    assert_allclose(encoded.sum(axis=-1), 1, atol=1e-5)
    unknown = tf.function(soft_encode, input_signature=[tf.TensorSpec([None, None, None, 2])])
    assert_allclose(unknown(ab), encoded, atol=1e-6)


def test_nearest_bin_is_the_nearest():
    ab = np.random.default_rng(2).uniform(-160, 160, (5000, 2)).astype(np.float32)
    assert_array_equal(nearest_bin(ab), np.square(ab[:, None] - BINS).sum(axis=-1).argmin(axis=-1))
    assert nearest_bin(ab.reshape(50, 100, 2)).shape == (50, 100)
    assert_array_equal(nearest_bin(BINS), np.arange(313))
    assert_array_equal(nearest_bin(BINS), np.asarray(soft_encode(BINS)).argmax(axis=-1))


def test_the_mean_goes_from_the_mean_to_the_mode():
    logits = np.random.default_rng(3).normal(0, 2, (4, 5, 313)).astype(np.float32)
    shares = np.exp(logits.astype(np.float64))
    assert_allclose(annealed(logits, 1.0) @ BINS, (shares / shares.sum(-1, keepdims=True)) @ BINS, atol=1e-3)
    assert_allclose(annealed(logits, 0.0) @ BINS, BINS[logits.argmax(axis=-1)], atol=1e-4)
    sharper = np.exp(logits.astype(np.float64) / 0.38)
    assert_allclose(annealed(logits, 0.38) @ BINS, (sharper / sharper.sum(-1, keepdims=True)) @ BINS, atol=1e-3)


@pytest.mark.parametrize("temperature", [1e-3, 0.0])
def test_the_coldest_answers_are_finite_and_have_gradients(temperature):
    logits = tf.constant(np.random.default_rng(4).normal(0, 50, (6, 313)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(annealed(logits, tf.constant(temperature)) @ BINS)
    assert np.isfinite(tape.gradient(total, logits)).all()
    assert_allclose(np.asarray(annealed(logits, temperature)).sum(axis=-1), 1, atol=1e-5)


def test_temperature_may_be_a_tensor_of_a_graph():
    logits = np.random.default_rng(5).normal(0, 2, (3, 313)).astype(np.float32)
    graph = tf.function(annealed, input_signature=[tf.TensorSpec([None, 313]), tf.TensorSpec([])])
    for temperature in (1.0, 0.38, 0.0):
        assert_allclose(graph(logits, temperature), annealed(logits, temperature), atol=1e-5)


def test_weights_by_hand():
    prior = np.array([0.5, 0.25, 0.25])
    assert_allclose(rebalancing_weights(prior, 1.0), [1, 1, 1])
    inverse = np.array([2, 4, 4]) / 3
    assert_allclose(rebalancing_weights(prior, 0.0), inverse)
    mixed = 1 / (0.5 * prior + 0.5 / 3)
    assert_allclose(rebalancing_weights(prior, 0.5), mixed / (prior * mixed).sum())


@pytest.mark.parametrize("lam", [0.0, 0.5, 1.0])
def test_an_average_pixel_weighs_1_and_a_colour_that_never_occurs_no_infinity(lam):
    prior = np.random.default_rng(6).dirichlet(np.full(313, 0.05))
    prior[10:20] = 0
    prior /= prior.sum()
    weights = rebalancing_weights(prior, lam)
    assert np.isfinite(weights).all()
    assert (prior * weights).sum() == pytest.approx(1)
    assert_allclose(weights[10:20], weights.max())


def test_figures_worked_from_the_papers_formulas(shared_parity):
    checks = np.load(shared_parity / "quant_checks.npz")
    for neighbours in (5, 10):
        assert_allclose(soft_encode(checks["points"], neighbours), checks[f"encode{neighbours}"], atol=1e-6)
    assert_array_equal(nearest_bin(checks["points"]), checks["nearest"])
    prior = np.load(shared_parity / "zhang_prior.npy")
    assert_allclose(rebalancing_weights(prior, 0.5), checks["class_weight"], rtol=1e-9)
    logits = np.load(shared_parity / "eccv16_64x64.npz")["logits"]
    assert_allclose(annealed(logits, 0.38) @ BINS, checks["annealed_T038"], atol=1e-3)
