"""A Ray cluster of several nodes on this machine, and the processes in it."""

import functools
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 150  # s that a node may take to start; Ray gives up after 30, which is short on a busy machine


@contextmanager
def cluster_of(nodes: int) -> Iterator:
    """Run a cluster of nodes of one processor each."""
    from ray._private import services
    from ray.cluster_utils import Cluster

    services.get_node = functools.partial(_patiently, services.get_node)

    how = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=how)
    try:
        for _ in range(nodes - 1):
            add_node(cluster)
        yield cluster
    finally:
        cluster.shutdown()


def add_node(cluster):
    return cluster.add_node(num_cpus=1, object_store_memory=100_000_000)


def _patiently(get_node, *where):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return get_node(*where)
        except RuntimeError:  # the node is not there yet
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def painting_workers(cluster) -> list[int]:
    """Return the processes of the cluster's workers that are painting now; other tests may have clusters, too."""
    raylets = {info.process.pid for node in cluster.list_all_nodes() for info in node.all_processes["raylet"]}
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in raylets and (process / "cmdline").read_bytes().startswith(b"ray::Worker.paint"):
                found.append(int(process.name))
        except OSError:  # it has ended
            continue
    return found


def kill_a_painting_worker(cluster, seconds: float = 60) -> None:
    """SIGKILL a worker as soon as one paints."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if workers := painting_workers(cluster):
            os.kill(workers[0], signal.SIGKILL)
            return
        time.sleep(0.005)
    raise AssertionError("no worker painted")
