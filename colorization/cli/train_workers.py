"""`train --strategy workers`: what a process says and does that is one of several."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from pathlib import Path

from colorization.cli.console import Console
from colorization.config import TrainingConfig
from colorization.errors import InputError
from colorization.training.devices import LOST, Worker, lost_worker, open_devices, read_worker
from colorization.training.fit import fit
from colorization.training.run_folder import RunFolder
from data_pipelines import Pictures


def join_cluster(training: TrainingConfig, console: Console) -> Worker:
    """Open the devices of the run, and return which worker this process is; the only one, if there is no cluster.

    Called before anything is calculated: TensorFlow demands it.
    """
    tf_config = os.environ.get("TF_CONFIG", "")
    if training.strategy == "workers":
        worker = read_worker(tf_config)
        chief = ", the chief" if worker.is_chief else ""
        console.say(f"{worker.name}{chief}; waiting for all of {', '.join(worker.addresses)}")
    return open_devices(training.strategy, tf_config).worker


def train_for_the_chief(run: RunFolder, pictures: Pictures, stop_after: int, worker: Worker, console: Console) -> int:
    """Train as the chief does and leave nothing behind: all is written into a copy of the run that is thrown away.

    TensorFlow wants all workers to do the same, saving included.
    """
    console.how_to_go_on = ""
    with tempfile.TemporaryDirectory(prefix="worker-") as folder:
        own = dataclasses.replace(run, path=Path(folder))
        if run.last.exists():
            own.last.parent.mkdir()
            shutil.copy(run.last, own.last)
        try:
            fit(own, pictures, stop_after)
        except LOST as error:
            raise InputError(
                f"{lost_worker(error, worker)}; start all workers again with --resume and the folder of the run, "
                "which the chief has named"
            ) from error
    console.say(f"{worker.name} is done; the chief evaluates and exports")
    return 0
