"""Training on two workers of one core each against one process of two cores: pictures a second after the first epoch.

python -m benchmarks.workers [--rounds N] [--batch-size N ...] [--tiny]

Linux with two cores or more; needs `taskset`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.measure import ROOT

TRAIN = ["train", "--model", "unet", "--dataset", "samples", "--no-export", "--cache-dir", "cache", "--name", "run"]
FULL = ["--epochs", "4", "--size", "64", "--patches", "64"]
TINY = ["--epochs", "2", "--size", "16", "--patches", "2", "--width", "2", "--depth", "1"]
WAYS = {  # the cores of each process
    "one process of two cores": ("0,1",),
    "two workers of one core each": ("0", "1"),
}


def rate(cores: Sequence[str], words: Sequence[str], folder: Path) -> float:
    """Return the median pictures a second of a run's epochs but the first, which builds the graph."""
    addresses = _free_addresses(len(cores))
    workers = [_start(own, index, addresses, words, folder) for index, own in enumerate(cores)]
    said = [worker.communicate() for worker in workers]
    failed = [err for worker, (_, err) in zip(workers, said, strict=True) if worker.returncode]
    if failed:
        sys.exit(failed[0])
    rates = [float(each) for each in re.findall(r"([\d.]+) pictures/s", said[0][0])]
    return float(np.median(rates[1:]))


def _start(own: str, index: int, addresses: Sequence[str], words: Sequence[str], folder: Path) -> subprocess.Popen:
    cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    strategy = "workers" if len(addresses) > 1 else "none"
    command = ["taskset", "-c", own, sys.executable, str(ROOT / "main.py"), *words, "--strategy", strategy]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=folder, env=os.environ | {"TF_CONFIG": json.dumps(cluster)}, **pipes)


def _free_addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def measure(words: Sequence[str], rounds: int) -> None:
    """Print the rate of each way, in turn, and what two workers reach of one process."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(rounds):
        for name, cores in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                rates[name].append(rate(cores, words, Path(folder)))
            print(f"  round {turn + 1}, {name}: {rates[name][-1]:.1f} pictures a second", flush=True)
    one, two = (np.median(rates[name]) for name in WAYS)
    print(f"  two workers: {two / one:.2f} times the pictures of one process", flush=True)


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batch-size", type=int, nargs="+", default=[16, 64], help="of both workers together")
    parser.add_argument("--tiny", action="store_true", help="shows that it works, the figures mean nothing")
    options = parser.parse_args(words)
    print(f"load average at the start: {os.getloadavg()[0]:.1f}", flush=True)
    for size in options.batch_size:
        print(f"batches of {size}")
        measure([*TRAIN, *(TINY if options.tiny else FULL), "--batch-size", str(size)], options.rounds)


if __name__ == "__main__":
    main()
