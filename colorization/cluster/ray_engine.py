"""An archive on a Ray cluster, or on this machine's processors by Ray: workers with a model each, and who feeds them.

Ray's actors, and not Ray Data: there what a task of one actor takes is a block of rows. Of a million pictures it would
be thousands, told of when all are done, and all painted anew when the actor dies.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from itertools import chain, islice

from colorization.cluster.deaths import Diary
from colorization.cluster.work_list import Work
from colorization.errors import InputError
from colorization.painting.job import Outcome

GROUP_SECONDS = 5.0  # of work that a worker gets at once: what is lost when it dies, and how late it is told
FIRST_GROUP, LARGEST_GROUP = 2, 256  # pictures
FASTER = 4  # times a group may be larger than the one before it
STARTS = 3  # workers that may die in a row before one of them works
REASON = 200  # characters of what Ray says of an error
OBJECT_STORE = 200_000_000  # bytes, of a cluster that this call starts; it holds the model
QUIET = {  # read when Ray is imported
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # of what it would say of dead workers, on standard output
    "RAY_worker_niceness": "0",  # the plain loop does not stand back behind other programs either
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns that one day it will do this by itself
}


@dataclass(frozen=True)
class Cluster:
    """Which cluster: address as of `ray.init`, "" = one on this machine that ends with the call; workers: 0 = a
    processor each."""

    address: str = ""
    workers: int = 0


class Worker:
    """What Ray makes an actor of: it has one processor, and paints one picture after the other."""

    def __init__(self, paint: Callable[[Work], Outcome]):
        self._paint = paint

    def is_ready(self) -> bool:
        """Return True: the process runs, and has its model."""
        return True

    def paint(self, works: list[Work]) -> list[Outcome]:
        """Return what became of each work."""
        return [self._paint(work) for work in works]


@dataclass
class _Call:
    """What a worker was asked; works: empty = whether it is ready."""

    worker: object
    works: list[Work] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)


def colorize_on_ray(
    paint: Callable[[Work], Outcome], works: Iterator[Work], diary: Diary, cluster: Cluster
) -> Iterator[Outcome]:
    """Yield what became of each work, each once, as they are done.

    The works of a worker that dies, or whose machine is lost, are given to others, each alone. Another worker takes its
    place as soon as there is room for it.

    Raises:
        InputError: Ray is not installed, the cluster cannot be reached, or its workers do not start. OSError: the diary
            cannot be written.
    """
    first = next(works, None)
    if first is None:
        return
    ray = _connected(cluster)
    try:
        most = cluster.workers or int(ray.cluster_resources().get("CPU", 0)) or 1
        known = [first, *islice(works, most - 1)]  # nobody is started for whom there is no picture
        yield from _Crew(ray, paint, chain(known, works), diary).work(len(known))
        diary.close()
    finally:
        ray.shutdown()


class _Crew:
    """The workers, what each is doing, and what is still to be done."""

    def __init__(self, ray, paint: Callable[[Work], Outcome], works: Iterator[Work], diary: Diary):
        self._ray, self._works, self._diary = ray, works, diary
        self._actor = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(Worker)
        self._paint = ray.put(paint)  # once: each machine fetches it from there
        self._calls: dict[Future, _Call] = {}
        self._idle: list = []  # workers
        self._groups: deque[list[Work]] = deque()  # to be done before what else there is
        self._outcomes: list[Outcome] = []  # not yet told
        self._size, self._lost_starts = float(FIRST_GROUP), 0

    def work(self, count: int) -> Iterator[Outcome]:
        """Yield what becomes of all works, with so many workers."""
        for _ in range(count):
            self._start()
        while True:
            while self._idle and (group := self._next_group()):
                worker = self._idle.pop()
                self._calls[worker.paint.remote(group).future()] = _Call(worker, group)
            yield from self._outcomes
            self._outcomes.clear()
            if self._idle and not any(call.works for call in self._calls.values()):
                return  # who is idle has found nothing to do, and nobody can die over anything
            # not by ray.wait: a signal in it ends in a SystemError
            for answer in wait(self._calls, return_when=FIRST_COMPLETED).done:
                self._settle(answer)

    def _start(self) -> None:
        worker = self._actor.remote(self._paint)
        self._calls[worker.is_ready.remote().future()] = _Call(worker)

    def _next_group(self) -> list[Work]:
        """Return what the next worker is to do; empty: there is nothing."""
        while not self._groups:
            batch = list(islice(self._works, round(self._size)))
            if not batch:
                return []
            self._divide(batch)
        return self._groups.popleft()

    def _divide(self, works: list[Work], why: str = "") -> None:
        aside, groups = self._diary.deaths.divide(works, why)
        self._outcomes += aside
        self._groups += groups

    def _settle(self, answer: Future) -> None:
        """Take a worker's answer, or give its works to others."""
        call = self._calls.pop(answer)
        try:
            outcomes = answer.result()
        except self._ray.exceptions.RayError as error:  # it died; or it raised what no picture should make it raise
            self._replace(call, _reason(error))
            return
        self._idle.append(call.worker)
        if not call.works:
            self._lost_starts = 0
            return
        self._outcomes += outcomes
        self._diary.deaths.forget(work.name for work in call.works)
        pace = (time.monotonic() - call.begun) / len(call.works)
        self._size = max(min(GROUP_SECONDS / pace, FASTER * self._size, LARGEST_GROUP), 1.0)

    def _replace(self, call: _Call, why: str) -> None:
        self._ray.kill(call.worker)
        if call.works:
            self._diary.deaths.blame(work.name for work in call.works)
            self._diary.write([])
            self._divide(call.works, why)
        else:
            self._lost_starts += 1
            if self._lost_starts == STARTS:
                raise InputError(f"the workers do not start; is the same version installed on all machines? ({why})")
        self._start()


def _reason(error: Exception) -> str:
    """Return the end of what Ray says of an error, where it names it."""
    lines = str(error).split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), type(error).__name__)
    return last if len(last) <= REASON else f"{last[:REASON]} ..."


def _connected(cluster: Cluster):
    """Return Ray, connected; raises InputError as colorize_on_ray does."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ModuleNotFoundError as error:
        raise InputError(
            "--engine ray needs Ray, which is not installed: `pip install '.[cluster]'` in the clone"
        ) from error
    how = {"address": cluster.address}
    if not cluster.address:
        how = {"address": "local", "num_cpus": cluster.workers or None, "include_dashboard": False}
        how["object_store_memory"] = OBJECT_STORE
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(**how, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # a bare one where a node takes more than 30 s to start
        where = f"--address {cluster.address}" if cluster.address else "--engine ray"
        raise InputError(f"{where}: {' '.join(str(error).split())}") from error
    finally:
        signal.signal(signal.SIGTERM, on_sigterm)  # Ray sets its own
    return ray
