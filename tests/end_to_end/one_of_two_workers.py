"""A process of test_workers.py: with the other it trains a step of each network, then a whole run by its command.

First each has a seed of its own, which must be refused. The words: its folder, whose name is its number, and those of
the command.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from colorization.cli.main import main
from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.errors import InputError
from colorization.models.colorizer import DatasetStats
from colorization.models.weights import keyed
from colorization.training import fit as module
from colorization.training.run_folder import create_run
from tests.colorization.models.tiny import TINY, shorten
from tests.colorization.training.noise import noise
from tests.colorization.training.plain_descent import descend_plainly

NETWORKS = ("unet", "guided", "chromagan")
SMALL = TINY | {"chromagan": TINY["chromagan"] | {"critic_steps": 1}}  # each step more makes a longer graph
PRIOR = tuple(np.random.default_rng(0).dirichlet(np.full(313, 2.0)))


def one_step(folder: Path, name: str, strategy: str, seed: int = 0):
    """Train one step of 16 pictures; leave last.npz in folder/name, and return the weights before it, by their keys."""
    training = TrainingConfig(epochs=1, batch_size=16, learning_rate=1e-3, strategy=strategy, warmup=0.0, seed=seed)
    config = RunConfig(MODEL_CONFIGS[name](**SMALL[name]), SamplesConfig(size=16), training)
    run = create_run(folder, name, config, DatasetStats(prior=PRIOR, classes=("a", "b", "c"), size=16))
    network = module.build_for_training(run).network
    before = {f"network/{key}": np.asarray(value) for key, value in keyed(network.variables).items()}
    module.fit(run, noise(16, 8, classes=3 if name == "chromagan" else 0))
    return before


if __name__ == "__main__":
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    module.open_devices("workers", os.environ["TF_CONFIG"])
    try:
        one_step(folder / "unlike", "unet", "workers", seed=int(folder.name))
    except InputError as error:
        (folder / "refused.txt").write_text(str(error))
    with pytest.MonkeyPatch.context() as patch:
        descend_plainly(patch)
        shorten(patch)
        for network in NETWORKS:
            one_step(folder, network, "workers")
    sys.exit(main(words))
