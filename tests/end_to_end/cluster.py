"""Several processes of this machine that know of each other by TF_CONFIG, as machines of a cluster do."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "main.py"
PATIENCE_S = 900  # only so that a fault ends


def start_workers(words, folder, count=2, own=lambda index: ()):
    """Start a Python file with its words in `count` processes, and words of its own in each; the first is the chief."""
    addresses = free_addresses(count)
    return [_start([*words, *own(index)], folder, addresses, index) for index in range(count)]


def free_addresses(count):
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def _start(words, folder, addresses, index):
    cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    one_thread = {f"TF_NUM_{kind}_THREADS": "1" for kind in ("INTRAOP", "INTEROP")}  # two processes on two cores
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **one_thread, "TF_CONFIG": json.dumps(cluster), "PYTHONPATH": str(ROOT)},
    )


def ended(workers):
    """Wait until all have ended; return (status, output, errors) of each."""
    try:
        said = [each.communicate(timeout=PATIENCE_S) for each in workers]
    finally:
        for each in workers:
            each.kill()
    return [(each.returncode, *texts) for each, texts in zip(workers, said, strict=True)]
