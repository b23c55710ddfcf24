"""What a run is trained on: one device, all devices of this machine, or those of several machines.

Several machines are told of each other as every TensorFlow program is, by the environment variable TF_CONFIG.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from colorization.errors import InputError
from data_pipelines.batches import WHOLE, Share

EXAMPLE = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
# What TensorFlow raises in all other workers when one is lost; which one depends on what was just being sent.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.FailedPreconditionError,
)


@dataclass(frozen=True)
class Worker:
    """One process of a cluster.

    addresses: "host:port" of all of them; the first is the chief, which writes the run. chiefs: how many of them
    TF_CONFIG lists as chief, before its workers.
    """

    index: int = 0
    addresses: tuple[str, ...] = ("",)
    chiefs: int = 0

    @property
    def is_chief(self) -> bool:
        return self.index == 0

    @property
    def name(self) -> str:
        return f"worker {self.index} of {len(self.addresses)}"


@dataclass(frozen=True)
class Devices:
    """Where a run is trained: TensorFlow's strategy, and what this process is among those that share the work.

    share: what it reads of every batch. worker: which one it is; the only one, where there is no cluster.
    """

    strategy: tf.distribute.Strategy
    share: Share = WHOLE
    worker: Worker = Worker()

    def feed(self, batches: tf.data.Dataset):
        """Return batches of the process's share as its replicas take them, one each."""
        return self.strategy.distribute_datasets_from_function(lambda context: batches)

    def steps(self, batches: tf.data.Dataset) -> int:
        """Return how many steps the finite batches of the process's share are."""
        return int(batches.cardinality()) // self.share.count


@functools.cache
def open_devices(strategy: str, tf_config: str) -> Devices:
    """Return the devices that `--strategy` names. Those of several machines must be opened before any calculation.

    tf_config: the text of TF_CONFIG, for "workers". This then waits until all of them have opened theirs.
    Opened once in a process: TensorFlow has one cluster, and each strategy numbers its collective operations from 100
    on, where those of two would clash. Raises InputError for a wrong TF_CONFIG, or an address that cannot be used.
    """
    if strategy == "none":
        return Devices(tf.distribute.get_strategy())
    if strategy == "mirrored":
        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        count = len(devices)
        return Devices(tf.distribute.MirroredStrategy([device.name for device in devices]), Share(0, count, count))
    worker = read_worker(tf_config)
    try:
        opened = tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{worker.name} cannot join the others at {worker.addresses[worker.index]} ({reason}); see TF_CONFIG, and "
            "whether another program has this port"
        ) from error
    replicas = opened.num_replicas_in_sync
    own = replicas // len(worker.addresses)
    return Devices(opened, Share(worker.index * own, own, replicas), worker)


def read_worker(tf_config: str) -> Worker:
    """Read the text of TF_CONFIG. Raises InputError, with an example, for one that names no worker of a cluster."""
    if not tf_config:
        raise InputError(f"--strategy workers needs the environment variable TF_CONFIG, such as {EXAMPLE}")
    try:
        tree = json.loads(tf_config)
        cluster, kind, index = tree["cluster"], tree["task"]["type"], tree["task"]["index"]
        addresses = {job: [str(each) for each in cluster.get(job, [])] for job in ("chief", "worker")}
        if index not in range(len(cluster[kind])):
            raise LookupError(index)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"TF_CONFIG is {tf_config!r}, which names no task of a cluster; write {EXAMPLE}") from error
    if kind not in addresses:
        raise InputError(f"TF_CONFIG makes this process a {kind!r}; --strategy workers has chief and worker only")
    chiefs = len(addresses["chief"])
    first = chiefs if kind == "worker" else 0
    return Worker(first + index, (*addresses["chief"], *addresses["worker"]), chiefs)


def lost_worker(error: Exception, worker: Worker) -> str:
    """Return which workers were lost, by what one of LOST says. worker: any one that is left."""
    tasks = re.findall(r"^/job:(chief|worker)/replica:0/task:(\d+)", str(error), re.MULTILINE)
    lost = sorted({int(index) + (worker.chiefs if job == "worker" else 0) for job, index in tasks})
    names = " and ".join(f"worker {index} ({worker.addresses[index]})" for index in lost) or "another worker"
    return f"{names} {'were' if len(lost) > 1 else 'was'} lost ({type(error).__name__}), so all end"


def check_alike(devices: Devices, *what) -> None:
    """Raise InputError, in every worker, unless `what`, which JSON can hold, is the same in all of them.

    If one took fewer steps than the others, they would wait for it for ever.
    """
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).digest()
    own = np.int64(int.from_bytes(digest[:7]))

    @tf.function
    def gathered():
        return tf.distribute.get_replica_context().all_gather(tf.constant([own]), axis=0)

    replicas = devices.strategy.experimental_local_results(devices.strategy.run(gathered))[0].numpy()
    each = replicas[:: devices.share.count]
    others = [f"{i} ({devices.worker.addresses[i]})" for i in np.flatnonzero(each != each[0])]
    if others:
        raise InputError(
            f"worker {', '.join(others)} has other options, other pictures or another checkpoint than the chief; give "
            "all the same words, the same files and one folder of --logs that all of them reach"
        )
