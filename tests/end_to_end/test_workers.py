"""`train --strategy workers` on two processes: they learn what one would, and what a kill interrupts goes on.

One step of plain SGD goes as far as the gradient is long, as in test_devices.py: a share that is counted twice, or a
statistic that is not synchronized, would make a tensor's way another one by far more than the tenth that is allowed.
"""

import re
import signal

import numpy as np
import pytest

from tests.colorization.models.tiny import shorten
from tests.colorization.training.plain_descent import descend_plainly
from tests.end_to_end.cluster import MAIN, ended, start_workers
from tests.end_to_end.one_of_two_workers import NETWORKS, one_step
from tests.end_to_end.processes import history

pytestmark = pytest.mark.slow  # three pairs of processes

SMALL = ["--model", "unet", "--width", "2", "--depth", "1", "--size", "16", "--patches", "16", "--batch-size", "8"]
TRAIN = ["train", *SMALL, "--epochs", "3", "--strategy", "workers", "--cache-dir", "cache", "--no-export"]


def weights(file, part=""):
    with np.load(file) as opened:
        return {key: opened[key] for key in opened.files if key.startswith(part) and key != "progress.json"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder in which two workers have trained a step of each network, then a run of three epochs, "whole"."""
    folder = tmp_path_factory.mktemp("workers")
    script = [MAIN.parent / "tests/end_to_end/one_of_two_workers.py"]
    for index in (0, 1):
        (folder / str(index)).mkdir()
    workers = start_workers(script, folder, own=lambda index: [folder / str(index), *TRAIN, "--name", "whole"])
    for status, out, err in ended(workers):
        assert status == 0, f"{out}\n{err}"
    return folder


def test_workers_that_were_given_other_words_are_refused(whole):
    for index in "01":
        said = (whole / index / "refused.txt").read_text()
        assert said.startswith("worker 1 (localhost:")
        assert "has other options, other pictures or another checkpoint than the chief" in said


@pytest.mark.parametrize("name", NETWORKS)
def test_two_workers_step_where_one_process_does(whole, tmp_path, monkeypatch, eagerly, name):
    descend_plainly(monkeypatch)
    shorten(monkeypatch)
    before = one_step(tmp_path, name, "none")
    one, two, other = (
        weights(folder / name / "checkpoints/last.npz", "network/") for folder in (tmp_path, whole / "0", whole / "1")
    )
    assert set(one) == set(two) == set(other) == set(before)
    for key in one:
        np.testing.assert_array_equal(two[key], other[key], err_msg=key)
    ways = {key: np.linalg.norm(np.float64(one[key]) - before[key]) for key in one}
    longest = max(ways.values())
    assert longest > 0
    apart = {key: np.linalg.norm(np.float64(one[key]) - two[key]) for key in one}
    assert [key for key in apart if apart[key] > 0.1 * ways[key] + 1e-4 * longest] == []


@pytest.fixture(scope="module")
def cut(whole):
    """What each of two workers said when the second was killed after the first epoch of the run "cut"."""
    chief, other = start_workers([MAIN, *TRAIN, "--name", "cut"], whole)
    for line in chief.stdout:
        if line.startswith("epoch 1/3"):
            break
    other.send_signal(signal.SIGKILL)
    return ended([chief, other])


def test_when_a_worker_is_killed_the_chief_ends_and_says_how_to_go_on(cut):
    (status, _, err), (killed, _, _) = cut
    assert (status, killed) == (1, -signal.SIGKILL)
    # which error TensorFlow raises, and whether it names the worker, depends on what was just being sent
    going_on = re.escape(f"start all workers again with: python {MAIN} train --resume logs/cut\n")
    *progress, error = err.splitlines(keepends=True)
    assert all(line.startswith("epoch ") for line in progress)  # told where a step takes long
    assert re.fullmatch(
        rf"error: (worker 1 \(localhost:\d+\)|another worker) was lost \(\w+Error\), so all end; {going_on}", error
    )


@pytest.mark.usefixtures("cut")
def test_going_on_gives_the_weights_of_a_run_that_was_not_interrupted(whole):
    words = ["train", "--resume", "logs/cut", "--cache-dir", "cache", "--no-export"]
    for status, out, err in ended(start_workers([MAIN, *words], whole)):
        assert status == 0, f"{out}\n{err}"
    assert history(whole, "cut") == history(whole, "whole")
    for which in ("last", "best"):
        one, other = (weights(whole / f"logs/{name}/checkpoints/{which}.npz") for name in ("whole", "cut"))
        assert set(one) == set(other)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key], err_msg=key)


def test_only_the_chief_writes_and_nothing_is_left_behind(whole):
    assert {path.name for path in (whole / "logs").iterdir()} <= {"whole", "cut"}
    assert (whole / "logs/whole/history.csv").read_text().count("\n") == 4
    assert len(list((whole / "logs/whole/events/train").iterdir())) == 1
