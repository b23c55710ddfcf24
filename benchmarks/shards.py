"""Shards of tiny pictures: how fast they are written, opened and read at random, and the memory that it takes.

python -m benchmarks.shards [COUNT ...]     default: 10,000 and 100,000; a million takes 3 GB of disk
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from colorization.config import ShardsConfig
from colorization.images.storage import LocalFolder
from data_pipelines import shards
from data_pipelines.shard_files import About, encoded, write_shards

SIDE = 16  # px
OF_A_SHARD = 10_000  # pictures
READ = 20_000  # pictures that are read at random


def measure(count: int, folder: Path) -> dict[str, float]:
    """Return seconds of writing, indexing, opening and reading, and the peak memory so far, MB, after each."""
    few = [encoded(np.random.default_rng(i).integers(0, 256, (SIDE, SIDE, 3), np.uint8)) for i in range(100)]
    names = [f"{i % 50}/{i}.jpg" for i in range(count)]
    about = About(SIDE, max(count // OF_A_SHARD, 1), official=False, key="")
    told = {"names MB": _peak()}

    def timed(what, do):
        started = time.perf_counter()
        result = do()
        told[f"{what} s"], told[f"{what} MB"] = time.perf_counter() - started, _peak()
        return result

    def pictures(own):
        return ((name, few[int(name.partition("/")[0])]) for name in own)

    timed("write", lambda: write_shards(LocalFolder(str(folder)), about, names, pictures))
    options = ShardsConfig(data_dir=str(folder), size=SIDE)
    train = timed("open", lambda: shards.prepare(options, folder)).train
    order = np.random.default_rng(0).permutation(len(train.rows))[:READ]
    timed("read", lambda: sum(train.rows[i].size for i in order))
    told["reads a second"] = len(order) / told["read s"]
    return told


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main(counts: list[int]) -> None:
    for count in counts:
        with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(1) as process:
            told = process.apply(measure, (count, Path(folder)))
        print(f"{count:,} pictures: " + ", ".join(f"{what} {value:,.1f}" for what, value in told.items()), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10_000, 100_000])
