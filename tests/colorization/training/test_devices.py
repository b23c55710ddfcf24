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
from colorization.training.fit import build_for_training, fit
from colorization.training.run_folder import create_run
from colorization.training.supervised import OnReplicas
from tests.colorization.models.tiny import TINY, shorten
from tests.colorization.training.noise import noise
from tests.colorization.training.plain_descent import descend_plainly

IN_MAKE_TEST = ("unet",)  # the others train by the same code
PRIOR = tuple(np.random.default_rng(0).dirichlet(np.full(313, 2.0)))


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


def trained(folder, name, strategy, batch_size):
    """A run of one epoch: what it measured, the weights that it began with and those that it ended with."""
    training = TrainingConfig(epochs=1, batch_size=batch_size, learning_rate=1e-3, strategy=strategy, warmup=0.0)
    config = RunConfig(MODEL_CONFIGS[name](**TINY[name]), SamplesConfig(size=16), training)
    run = create_run(folder, strategy, config, DatasetStats(prior=PRIOR, classes=("a", "b", "c"), size=16))
    before, [row] = start(run), fit(run, noise(8, 4, classes=3 if name == "chromagan" else 0))
    del row["processor_seconds"]  # of two devices in one process it is what happens to be free
    with np.load(run.last) as file:
        return row, before, {key: file[key] for key in before if file[key].ndim}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in IN_MAKE_TEST else pytest.mark.slow) for name in TINY]
)
def test_two_devices_step_where_one_does(tmp_path, monkeypatch, eagerly, name):
    assert len(tf.config.list_logical_devices("CPU")) == 2, "tests/conftest.py sets them up before TensorFlow starts"
    descend_plainly(monkeypatch)
    shorten(monkeypatch)
    alone, before, one = trained(tmp_path, name, "none", 8)
    eagerly.undo()  # several devices train by a graph only
    together, _, two = trained(tmp_path, name, "mirrored", 8)
    assert together == pytest.approx(alone, rel=1e-2, abs=1e-3)
    assert set(one) == set(two)
    ways = {key: one[key] - before[key] for key in one}
    longest = max(np.linalg.norm(way) for way in ways.values())
    assert longest > 0
    apart = {key: np.linalg.norm(one[key] - two[key]) for key in one}
    assert [key for key in apart if apart[key] > 0.1 * np.linalg.norm(ways[key]) + 1e-4 * longest] == []


@pytest.mark.slow
def test_two_devices_train_with_the_optimizer_of_a_user(tmp_path):
    """AdamW, several steps: whatever it divides by, both devices keep the same weights and learn as one does."""
    alone, before, one = trained(tmp_path, "unet", "none", 4)
    together, _, two = trained(tmp_path, "unet", "mirrored", 4)
    assert together["val_loss"] == pytest.approx(alone["val_loss"], rel=1e-2)
    moved = {key: (np.abs(one[key] - before[key]).max(), np.abs(two[key] - before[key]).max()) for key in one}
    assert [key for key, ways in moved.items() if min(ways) == 0] == []


def test_several_trainings_in_a_process_are_no_retracing(caplog):
    for _ in range(6):  # TensorFlow warns when five of five calls of one function have traced it
        model = keras.Sequential()
        model.compile()
        said = OnReplicas(model, lambda batch: {"loss": tf.reduce_sum(batch)})(iter([tf.ones(2)]))
        assert float(said["loss"]) == 2
    assert "retracing" not in caplog.text
