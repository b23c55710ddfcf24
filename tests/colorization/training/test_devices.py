"""--strategy mirrored: two devices with half a batch each learn what one does with the whole, whatever the model.

Plain SGD shows every factor in the gradients, which Adam's division hides: losses agree to 1e-4 of their value, each
tensor of weights to 2e-5 and 2 percent of the way it went (a factor of 2 would be 50). Where a batch's variance is
nearly 0 rounding is magnified: one device subtracts the mean before it squares, two cannot. With Adam rounding errors
of tiny gradients become whole steps: losses agree to 2e-3, 99 percent of all weights to 1e-3.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.models.colorizer import Facts
from colorization.training import fit as module
from colorization.training.checkpoints import keyed
from colorization.training.fit import build_for_training, fit
from colorization.training.run_folder import create_run
from data_pipelines import Pictures, Split

MODELS = {
    "unet": {"width": 4, "depth": 1},
    "classification": {"width": 2},
    "siggraph17": {"width": 2},
    "chromagan": {"width": 4, "semantic": "labels", "backbone": "none"},
    "guided": {"width": 2, "encoder": "none"},
}
PRIOR = tuple(np.random.default_rng(0).dirichlet(np.full(313, 2.0)))


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    random = np.random.default_rng(0)
    rows = random.integers(0, 256, (12, 18, 20, 3), np.uint8)
    targets = random.dirichlet(np.ones(3), 12).astype("f4")
    return Pictures(
        Split(rows[:8], [str(i) for i in range(8)], targets=targets[:8]),
        Split(rows[8:], [str(i) for i in range(4)], targets=targets[8:]),
        "noise",
    )


def sgd(training, steps, rates, **betas):
    return keras.optimizers.SGD(training.learning_rate)


def start(run):
    """The weights that training begins with, as a checkpoint calls them."""
    colorizer = build_for_training(run)
    networks = {"network": colorizer.network} | (
        {"critic": colorizer.objective.adversary.critic} if colorizer.objective.adversary else {}
    )
    return {
        f"{part}/{key}": np.asarray(value)
        for part, each in networks.items()
        for key, value in keyed(each.variables).items()
    }


def test_every_model_is_here():
    assert list(MODELS) == list(MODEL_CONFIGS)


@pytest.mark.parametrize(("name", "optimizer"), [*((name, "sgd") for name in MODELS), ("unet", "adamw")])
def test_two_devices_equal_one(tmp_path, pictures, monkeypatch, name, optimizer):
    assert len(tf.config.list_logical_devices("CPU")) == 2, "tests/conftest.py sets them up before TensorFlow starts"
    if optimizer == "sgd":
        monkeypatch.setattr(module, "make_optimizer", sgd)
    if name != "chromagan":
        pictures = Pictures(
            *(Split(each.rows, each.names) for each in (pictures.train, pictures.validation)), pictures.description
        )
    histories, states = [], []
    for strategy in ("none", "mirrored"):
        training = TrainingConfig(epochs=2, batch_size=4, learning_rate=1e-3, strategy=strategy)
        config = RunConfig(MODEL_CONFIGS[name](**MODELS[name]), SamplesConfig(size=16), training)
        run = create_run(tmp_path, strategy, config, Facts(prior=PRIOR, classes=("a", "b", "c"), size=16))
        histories.append(fit(run, pictures))
        with np.load(run.last) as file:
            parts = ("network/", "critic/")
            states.append({key: file[key] for key in file.files if key.startswith(parts) and file[key].ndim})
    before = start(run)
    for alone, together in zip(*histories, strict=True):
        apart = {"sgd": 1e-4, "adamw": 2e-3}[optimizer]
        assert alone == pytest.approx(together, rel=apart, abs=apart / 10)
    assert set(states[0]) == set(states[1])
    differ = {key: np.abs(states[0][key] - states[1][key]) for key in states[0]}
    if optimizer == "sgd":
        went = {key: np.abs(states[0][key] - before[key]).max() for key in differ}
        assert [key for key in differ if differ[key].max() > 2e-5 + 0.02 * went[key]] == []
    else:
        assert np.quantile(np.concatenate([each.ravel() for each in differ.values()]), 0.99) < 1e-3
