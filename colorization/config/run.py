"""A run: how a network is trained, and all three parts of it to and from config.json."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from colorization.config.models import model_from_json, model_name, model_to_json
from colorization.config.option import from_keys, option, other_version
from colorization.config.sources import source_from_json


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained."""

    epochs: int = option(10, "length of the run", unit="epochs", minimum=1)
    batch_size: int = option(16, "pictures per step", minimum=1)
    learning_rate: float = option(1e-3, "highest rate of AdamW, reached after the warm-up", minimum=0)
    warmup: float = option(
        0.05, "share of the run in which the rate rises from 0; a cosine to 0 follows", minimum=0, maximum=1
    )
    schedule: str = option(
        "cosine", "how the rate goes on after the warm-up: falling to 0, or constant", choices=("cosine", "constant")
    )
    weight_decay: float = option(1e-4, "decoupled weight decay of AdamW", minimum=0)
    init: str = option(
        "",
        "start from the weights and the network's settings of this exported model, a path, or photo, photo-open, "
        "cifar10; give a lower --learning-rate, such as 1e-4 (eccv16, siggraph17: 1e-5), and --size again",
        model=True,
    )
    early_stopping: int = option(
        0, "stop when the validation loss has not fallen for so many epochs; 0 = never", unit="epochs", minimum=0
    )
    precision: str = option(
        "float32",
        "number format of the layers; weights and losses stay float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
    )
    strategy: str = option(
        "none",
        "mirrored = one replica per GPU; workers = the machines that TF_CONFIG names, one replica per GPU of each",
        choices=("none", "mirrored", "workers"),
    )
    seed: int = option(0, "seed of the weights, the order and the crops", minimum=0)
    pictures: int = option(0, "train on so many of the pictures only; 0 = all", unit="pictures", minimum=0)
    no_flips: bool = option(False, "show no picture as its mirror image")
    zoom: float = option(
        1.0,
        "enlarge each training crop by a random factor from 1 to this",
        minimum=1,
        maximum=4,
    )
    degradation: float = option(
        0.0,
        "share of training pictures that are degraded like old prints: blurred, faded, cracked, grainy, mounted, "
        "compressed",
        minimum=0,
        maximum=1,
    )
    log_every: int = option(10, "steps between two points in TensorBoard", unit="steps", minimum=1)
    overfit: int = option(0, "train on so many fixed batches only, to check that the loss can fall; 0 = no", minimum=0)


@dataclass(frozen=True)
class RunConfig:
    """The whole truth about a run: the same config, data and seed repeat it."""

    model: Any
    data: Any
    training: TrainingConfig

    @property
    def model_name(self) -> str:
        return model_name(self.model)

    def to_json(self) -> dict:
        return {
            "model": model_to_json(self.model),
            "data": dataclasses.asdict(self.data),
            "training": dataclasses.asdict(self.training),
        }

    @classmethod
    def from_json(cls, tree: dict, where: str) -> RunConfig:
        """Read a run's config. Raises InputError, naming the file `where`, if a key is missing or unknown."""
        try:
            training = from_keys(TrainingConfig, tree["training"])
        except (KeyError, TypeError, AttributeError) as error:
            raise other_version(where, error) from error
        return cls(model_from_json(tree, where), source_from_json(tree, where), training)
