"""Sources of pictures: one dataclass each, under the name it has in data_pipelines.SOURCES."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from colorization.config.option import from_keys, option, other_version
from colorization.errors import InputError


@dataclass(frozen=True)
class SamplesConfig:
    """The photographs that scikit-image's wheel carries: shows that the pipeline runs, not what quality it reaches."""

    dataset: str = field(default="samples", init=False)
    size: int = option(64, "side of the square patches", unit="px", minimum=16)
    patches: int = option(32, "patches cut from each photograph in an epoch", minimum=1)


@dataclass(frozen=True)
class Cifar10Config:
    """CIFAR-10: 32 x 32 px, 10 classes (Krizhevsky 2009)."""

    dataset: str = field(default="cifar10", init=False)
    size: int = field(default=32, init=False)
    data_dir: str = option(
        "", "folder that holds the official archive, packed or unpacked; empty = download it", exists=True
    )


@dataclass(frozen=True)
class Cifar100Config:
    """CIFAR-100: 32 x 32 px, 100 classes (Krizhevsky 2009)."""

    dataset: str = field(default="cifar100", init=False)
    size: int = field(default=32, init=False)
    data_dir: str = option(
        "", "folder that holds the official archive, packed or unpacked; empty = download it", exists=True
    )


@dataclass(frozen=True)
class Div2kConfig:
    """DIV2K: 900 photographs 2 K wide (Agustsson and Timofte 2017), research use only."""

    dataset: str = field(default="div2k", init=False)
    data_dir: str = option(
        "", "folder that holds DIV2K_train_HR, DIV2K_valid_HR, ...; empty = download both (4 GB)", exists=True
    )
    size: int = option(128, "side of the square crops", unit="px", minimum=16)
    mode: str = option(
        "resized",
        "resized: shorter side to --size, then a crop; patches: crops of the full-size picture",
        choices=("resized", "patches"),
    )
    patches: int = option(8, "crops of each picture in an epoch of --mode patches", minimum=1)


@dataclass(frozen=True)
class FolderConfig:
    """Any tree of pictures; each picture's folder is its label."""

    dataset: str = field(default="folder", init=False)
    data_dir: str = option("", "the folder; train/ and val/ inside it are the splits, if present", exists=True)
    size: int = option(128, "shorter side of the pictures, and side of the square crops", unit="px", minimum=16)
    leave_out: tuple = option(
        (), "leave out pictures whose folder or file name starts with this word; may be given several times"
    )
    balance: float = option(
        0.0,
        "balance of the labels in training: 0 = every picture counts alike, 1 = every label counts alike",
        minimum=0,
        maximum=1,
    )
    weigh: tuple = option(
        (),
        "prefix=factor, such as portrait=3: show pictures whose folder or file name starts with this word that many "
        "times as often in training; may be given several times",
    )


@dataclass(frozen=True)
class ShardsConfig(FolderConfig):
    """Pictures that `prepare --shards` wrote, in a folder or at an address such as s3://bucket/pictures."""

    dataset: str = field(default="shards", init=False)
    data_dir: str = option("", "the folder, or an address that pyarrow reads (s3, gs, hdfs)", exists=True)


SOURCE_CONFIGS = {
    "samples": SamplesConfig,
    "cifar10": Cifar10Config,
    "cifar100": Cifar100Config,
    "div2k": Div2kConfig,
    "folder": FolderConfig,
    "shards": ShardsConfig,
}


def source_from_json(tree: dict, where: str) -> Any:
    """Return the source that a config.json or model.json, read from the file `where`, was trained on; or InputError."""
    try:
        return from_keys(SOURCE_CONFIGS[tree["data"]["dataset"]], tree["data"])
    except (KeyError, TypeError, AttributeError) as error:
        raise other_version(where, error) from error


def with_data_dir(data: Any, changes: dict) -> Any:
    """Return the source, elsewhere if `changes` has a data_dir. Raises InputError for one that has no such option."""
    if changes and not hasattr(data, "data_dir"):
        raise InputError(
            f"--data-dir is no option of the data set {data.dataset}, which this run uses; leave it out "
            "(with evaluate you may add --dataset folder)"
        )
    return dataclasses.replace(data, **changes)
