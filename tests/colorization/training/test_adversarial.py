"""Training against a critic: the penalty by hand, each part against numpy, each network moved by its own step."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.config import TrainingConfig
from colorization.errors import InputError
from colorization.models import build
from colorization.training.adversarial import gradient_penalty, with_mix
from colorization.training.callbacks import StopAtNonFinite
from colorization.training.fit import trainer
from data_pipelines.batches import numbered
from tests.colorization.training.tiny_adversarial import STATS, TINY, TINY_DDCOLOR


def linear_critic(kernel):
    """Each patch's value is kernel . (L, a, b) of one pixel."""
    lightness, ab = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    score = keras.layers.Conv2D(1, 1, use_bias=False)
    critic = keras.Model([lightness, ab], score(keras.layers.Concatenate()([lightness, ab])))
    score.set_weights([np.float32(kernel).reshape(1, 1, 3, 1)])
    return critic


def batch(size=8, count=3):
    random = np.random.default_rng(1)
    L = random.random((count, size, size, 1)).astype("f4") * 100
    real, fake = (random.normal(0, 30, (count, size, size, 2)).astype("f4") for _ in range(2))
    return [tf.constant(x) for x in (L, real, fake, random.random(count).astype("f4"))]


def test_the_penalty_of_a_linear_critic_by_hand():
    """Its slope is the same everywhere: the kernel at each of P pixels, so the norm is |kernel| sqrt(P)."""
    L, real, fake, mix = batch(size=8)
    got = gradient_penalty(linear_critic([7.0, 0.003, 0.004]), L, real, fake, mix, unit=255.0)
    assert float(got) == pytest.approx((255 * 0.005 * 8 - 1) ** 2, rel=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_penalty_takes_any_number_of_pictures_and_looks_between_true_and_coloured(count):
    """Of a critic that squares ab the slope at x is 2 x: known where the penalty looks."""
    lightness, ab = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    squared = keras.ops.sum(keras.ops.square(ab), axis=-1, keepdims=True) + 0 * lightness
    L, real, fake, mix = batch(size=4, count=count)
    got = gradient_penalty(keras.Model([lightness, ab], squared), L, real, fake, mix, unit=1.0)
    between = np.asarray(mix[:, None, None, None] * real + (1 - mix[:, None, None, None]) * fake)
    norms = np.sqrt(np.square(2 * between).sum(axis=(1, 2, 3)))
    assert float(got) == pytest.approx(np.square(norms - 1).mean(), rel=1e-5)


def test_a_flat_critic_has_a_finite_gradient():
    L, real, fake, mix = batch()
    critic = linear_critic([0, 0, 0])
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(critic, L, real, fake, mix, unit=255.0)
    assert float(penalty) == pytest.approx(1, abs=1e-3)
    assert np.isfinite(tape.gradient(penalty, critic.trainable_variables)[0]).all()


def compiled(model=TINY, name="chromagan", **training):
    keras.utils.set_random_seed(0)
    training = TrainingConfig(**{"warmup": 0.0} | training)
    return trainer(build(name, model, STATS), training, steps=10, replicas=1)


def one_batch(steps=1):
    L, real, _, _ = batch(size=16, count=4)
    random = np.random.default_rng(2)
    targets = random.dirichlet(np.ones(3), 4).astype("f4")
    return {
        "L": L,
        "ab": real,
        "targets": tf.constant(targets),
        "mix": tf.constant(random.random((4, steps)).astype("f4")),
    }


def test_every_part_against_numpy():
    model, _ = compiled()
    truth = one_batch()
    L = truth["L"]
    output = model.network(L, training=False)
    got = {name: float(value) for name, value in model.test_step(truth).items()}
    y, chances, targets = (np.asarray(x) for x in (output["colour"], output["classes"], truth["targets"]))
    real = np.asarray(truth["ab"])
    fake = 255 * y - 128
    mse = np.mean(np.square((real + 128) / 255 - y))
    kl = np.mean(np.sum(targets * np.log(targets / chances), axis=-1))
    high, low = (float(np.mean(model.critic([L, tf.constant(ab)]))) for ab in (real, fake))
    penalty = float(gradient_penalty(model.critic, L, truth["ab"], tf.constant(fake), truth["mix"][:, 0], 255.0))
    assert got == pytest.approx(
        {
            "mse": mse,
            "kl": kl,
            "adversarial": -low,
            "wasserstein": high - low,
            "gradient_penalty": penalty,
            "critic": 10 * penalty - (high - low),
            "loss": mse + 0.003 * kl - 0.1 * low,
            "class_accuracy": np.mean(targets.argmax(-1) == chances.argmax(-1)),
            "ab_mae": np.mean(np.abs(real - fake)),
        },
        rel=1e-4,
    )


def weights(model):
    """Copies of both networks' trainable weights."""
    return {
        name: [np.asarray(v).copy() for v in getattr(model, name).trainable_variables] for name in ("network", "critic")
    }


@pytest.mark.parametrize(("still", "moves"), [("network", "critic"), ("critic", "network")])
def test_each_step_moves_its_own_network_only(still, moves):
    """At a learning rate of 0 a network stays, whatever the other's step does."""
    rates = {"network": 1e-3, "critic": 1e-3} | {still: 0.0}
    config = dataclasses.replace(TINY, critic_learning_rate=rates["critic"], critic_steps=2)
    model, parts = compiled(config, learning_rate=rates["network"], weight_decay=0.0)
    before = weights(model)
    model.train_step(one_batch(2))
    after = weights(model)
    assert all((a == b).all() for a, b in zip(before[still], after[still], strict=True))
    unmoved = [(a == b).all() for a, b in zip(before[moves], after[moves], strict=True)]
    assert sum(unmoved) <= 1  # the critic's last bias: it cancels between true and coloured
    assert int(model.critic_optimizer.iterations) == 2 * int(model.optimizer.iterations) == 2
    assert set(parts) == {"network", "optimizer", "critic", "critic_optimizer"}


def test_the_critic_learns_to_tell_true_from_coloured():
    model, _ = compiled(dataclasses.replace(TINY, critic_learning_rate=2e-3), learning_rate=0.0)
    truth = one_batch()
    step = tf.function(model.train_step)
    first = float(step(truth)["wasserstein"])
    for _ in range(60):
        model.reset_metrics()
        last = step(truth)
    assert float(last["wasserstein"]) > max(first, 0)
    assert float(last["gradient_penalty"]) < 1


def test_where_the_penalty_looks_is_drawn_by_seed_and_step():
    empty = {"L": np.zeros((5, 4, 4, 1), "f4"), "ab": np.zeros((5, 4, 4, 2), "f4")}
    batches = tf.data.Dataset.from_tensors(empty).repeat()

    def drawn(seed, start):
        return [each["mix"].numpy() for each in with_mix(numbered(batches, 5, start), 2, seed).take(3)]

    assert drawn(0, 0)[0].shape == (5, 2)
    np.testing.assert_array_equal(drawn(0, 0)[2], drawn(0, 2)[0])
    every = np.concatenate([*drawn(0, 0), *drawn(0, 3), *drawn(1, 0)])
    assert len(np.unique(every)) == every.size
    assert 0 <= every.min() < 0.2 < 0.8 < every.max() < 1


def plain(training, steps, rates, **betas):
    """Gradient descent: unlike Adam it shows the size of a gradient."""
    descent = keras.optimizers.SGD(1e-3)
    if training.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(
            descent, initial_scale=1024
        )  # more, and this critic's would overflow
    return descent


@pytest.mark.parametrize(("precision", "bits"), [("mixed_float16", 11), ("mixed_bfloat16", 8)])
def test_half_precision_gives_the_same_parts_and_gradients(precision, bits, monkeypatch):
    """One step of the critic and one of the generator, from the same weights, each as long as its gradient.

    The longest way through both networks has 28 layers, each of which rounds its input, its kernel and its answer to
    2^-bits. Errors of rounding add up as the root of their number (Higham and Mary 2019): three times that, and for a
    square twice as much, is how far apart the parts of the loss may be, as a share of their size. The steps must go
    nearly the same way, and be as long: a loss scaled by a factor too much or too little, at least 2, would show.
    """
    parts = 3 * 2 * np.sqrt(3 * 28) * 2.0**-bits
    monkeypatch.setattr("colorization.training.fit.make_optimizer", plain)
    L, real, _, mix = batch(size=32, count=8)
    targets = tf.constant(np.random.default_rng(2).dirichlet(np.ones(3), 8).astype("f4"))

    def stepped(policy):
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(policy)
        try:
            model, _ = compiled(precision=policy)
        finally:
            keras.config.set_dtype_policy(before)
        start = weights(model)
        logs = model.train_step({"L": L, "ab": real, "targets": targets, "mix": mix[:, None]})
        moved = {
            name: np.concatenate([(b - a).ravel() for a, b in zip(start[name], each, strict=True)])
            for name, each in weights(model).items()
        }
        return {name: float(value) for name, value in logs.items()}, moved

    logs, moved = stepped(precision)
    expected, expected_moved = stepped("float32")
    for name in ("loss", "mse", "kl", "adversarial", "critic", "gradient_penalty", "ab_mae"):
        assert logs[name] == pytest.approx(expected[name], rel=parts), name
    # two values of which nothing is left but their last bits
    assert logs["wasserstein"] == pytest.approx(expected["wasserstein"], abs=parts * abs(expected["adversarial"]))
    for name, steps in expected_moved.items():
        ours, theirs = np.linalg.norm(moved[name]), np.linalg.norm(steps)
        assert moved[name] @ steps > 0.8 * ours * theirs, name
        assert 0.5 < ours / theirs < 2, name


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16", "float32"])
def test_float16_has_its_losses_scaled_for_both_optimizers(precision):
    model, _ = compiled(precision=precision)
    for optimizer in (model.optimizer, model.critic_optimizer):
        assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer) == (precision == "mixed_float16")
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        assert (inner.beta_1, inner.beta_2) == (0.5, 0.9)


def test_a_single_step_whose_penalty_explodes_ends_the_run_however_late_in_the_epoch():
    """Keras tells the mean since the epoch began: 100 after 99 steps of 0 and one of 10,000."""
    watch = StopAtNonFinite("float32")
    watch.on_epoch_begin(0)
    for step in range(99):
        watch.on_train_batch_end(step, {"gradient_penalty": 0.0})
    told = r"the gradient penalty exploded \(1e\+04, .*\) in epoch 1, step 100; .* a lower --critic-learning-rate$"
    with pytest.raises(InputError, match=told):
        watch.on_train_batch_end(99, {"gradient_penalty": 100.0})
    watch = StopAtNonFinite("mixed_float16")
    watch.on_epoch_begin(1)
    watch.set_model(keras.Sequential())
    watch.on_epoch_end(1, {"gradient_penalty": 500.0, "val_gradient_penalty": 999.0})
    with pytest.raises(InputError, match="in epoch 2, in validation; .*-rate or --precision float32"):
        watch.on_epoch_end(1, {"val_gradient_penalty": 1001.0})


def test_ddcolors_loss_counts_its_critic_and_two_steps_move_both():
    model, _ = compiled(TINY_DDCOLOR, name="ddcolor")
    truth = one_batch(model.colorizer.objective.adversary.steps)
    got = {name: float(value) for name, value in model.test_step(truth).items()}
    output = model.network(truth["L"], training=False)
    own = float(model.colorizer.objective.loss(truth["L"], truth["ab"], output))
    believed = float(np.mean(model.critic([truth["L"], output["ab"]])))
    assert got["adversarial"] == pytest.approx(-believed, rel=1e-4)
    assert got["loss"] == pytest.approx(own - 0.5 * believed, rel=1e-4)
    before = weights(model)
    for _ in range(2):  # the network's last layer is 0 at first, and hides the others from the first step
        model.train_step(truth)
    for name, after in weights(model).items():  # the critic's last bias cancels between true and coloured
        assert sum((a == b).all() for a, b in zip(before[name], after, strict=True)) <= 1
