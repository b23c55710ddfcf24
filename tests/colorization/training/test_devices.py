"""--strategy mirrored: two devices with half a batch each learn what one does with the whole, whatever the model.

One step of plain SGD goes as far as the gradient is long, so each factor that is wrong shows: a share that is counted
twice, or a mean of means, would make a tensor's way half or twice as long. Rounding may not: it is magnified where a
batch's variance is nearly 0, for one device subtracts the mean before it squares and two cannot, but a tenth of the way
is far above it. What is measured in validation, before and after the step, is the same to a hundredth.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.models.colorizer import DatasetStats
from colorization.models.weights import keyed
from colorization.training import fit as module
from colorization.training.fit import build_for_training, fit
from colorization.training.run_folder import create_run
from data_pipelines import Pictures, Split
from tests.colorization.models.tiny import TINY, shorten

IN_MAKE_TEST = ("unet",)  # the others train by the same code
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


def trained(folder, pictures, name, strategy, batch_size):
    """A run of one epoch: what it measured, the weights that it began with and those that it ended with."""
    if name != "chromagan":
        pictures = Pictures(
            *(Split(each.rows, each.names) for each in (pictures.train, pictures.validation)), pictures.description
        )
    training = TrainingConfig(epochs=1, batch_size=batch_size, learning_rate=1e-3, strategy=strategy, warmup=0.0)
    config = RunConfig(MODEL_CONFIGS[name](**TINY[name]), SamplesConfig(size=16), training)
    run = create_run(folder, strategy, config, DatasetStats(prior=PRIOR, classes=("a", "b", "c"), size=16))
    before, [row] = start(run), fit(run, pictures)
    del row["processor_seconds"]  # of two devices in one process it is what happens to be free
    with np.load(run.last) as file:
        return row, before, {key: file[key] for key in before if file[key].ndim}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in IN_MAKE_TEST else pytest.mark.slow) for name in TINY]
)
def test_two_devices_step_where_one_does(tmp_path, pictures, monkeypatch, eagerly, name):
    assert len(tf.config.list_logical_devices("CPU")) == 2, "tests/conftest.py sets them up before TensorFlow starts"
    monkeypatch.setattr(module, "make_optimizer", sgd)
    shorten(monkeypatch)
    alone, before, one = trained(tmp_path, pictures, name, "none", 8)
    eagerly.undo()  # several devices train by a graph only
    together, _, two = trained(tmp_path, pictures, name, "mirrored", 8)
    assert together == pytest.approx(alone, rel=1e-2, abs=1e-3)
    assert set(one) == set(two)
    ways = {key: one[key] - before[key] for key in one}
    longest = max(np.linalg.norm(way) for way in ways.values())
    assert longest > 0
    apart = {key: np.linalg.norm(one[key] - two[key]) for key in one}
    assert [key for key in apart if apart[key] > 0.1 * np.linalg.norm(ways[key]) + 1e-4 * longest] == []


@pytest.mark.slow
def test_two_devices_train_with_the_optimizer_of_a_user(tmp_path, pictures):
    """AdamW, several steps: whatever it divides by, both devices keep the same weights and learn as one does."""
    alone, before, one = trained(tmp_path, pictures, "unet", "none", 4)
    together, _, two = trained(tmp_path, pictures, "unet", "mirrored", 4)
    assert together["val_loss"] == pytest.approx(alone["val_loss"], rel=1e-2)
    moved = {key: (np.abs(one[key] - before[key]).max(), np.abs(two[key] - before[key]).max()) for key in one}
    assert [key for key, ways in moved.items() if min(ways) == 0] == []
