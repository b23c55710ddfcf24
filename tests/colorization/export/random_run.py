"""A run whose network has random weights, to be exported."""

from pathlib import Path

from colorization.config import MODEL_CONFIGS, RunConfig, SamplesConfig, TrainingConfig
from colorization.models.colorizer import DatasetStats
from colorization.training.checkpoints import save_checkpoint
from colorization.training.fit import build_for_training
from colorization.training.run_folder import create_run
from tests.colorization.models.tiny import TINY, give_random_weights

ONNX_ONLY = ("onnx",)


def random_run(folder: Path, name: str):
    """A run whose network has random weights."""
    config = RunConfig(MODEL_CONFIGS[name](**TINY[name]), SamplesConfig(size=48), TrainingConfig())
    run = create_run(folder, name, config, DatasetStats(classes=("cat", "dog")))
    network = build_for_training(run).network
    give_random_weights(network)
    save_checkpoint(run.best, {"network": network.variables}, {"epoch": 1})
    return run
