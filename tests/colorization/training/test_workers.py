"""TF_CONFIG says which worker a process is; what it lacks, and who was lost, is told in one line."""

import json

import pytest
import tensorflow as tf

from colorization.errors import InputError
from colorization.training.devices import Worker, lost_worker, open_devices, read_worker


def tf_config(kind, index, **cluster):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_the_first_worker_is_the_chief():
    text = tf_config("worker", 0, worker=["a:1", "b:2"])
    assert read_worker(text) == Worker(0, ("a:1", "b:2"))
    assert read_worker(text).is_chief
    assert not read_worker(tf_config("worker", 1, worker=["a:1", "b:2"])).is_chief


def test_a_chief_comes_before_the_workers():
    cluster = {"chief": ["a:1"], "worker": ["b:2", "c:3"]}
    assert read_worker(tf_config("chief", 0, **cluster)) == Worker(0, ("a:1", "b:2", "c:3"), 1)
    assert read_worker(tf_config("worker", 1, **cluster)).name == "worker 2 of 3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "--strategy workers needs the environment variable TF_CONFIG, such as "),
        ("{", "TF_CONFIG is '{', which names no task of a cluster; write "),
        ("[]", "TF_CONFIG is .*, which names no task of a cluster; write "),
        ('{"task": {"type": "worker", "index": 0}}', "names no task of a cluster"),
        (tf_config("worker", 2, worker=["a:1", "b:2"]), "names no task of a cluster"),
        (tf_config("worker", -1, worker=["a:1", "b:2"]), "names no task of a cluster"),
        (tf_config("worker", "0", worker=["a:1", "b:2"]), "names no task of a cluster"),
        (tf_config("ps", 0, worker=["a:1"], ps=["b:2"]), "makes this process a 'ps'; --strategy workers has chief and"),
    ],
)
def test_what_is_wrong_with_it_is_told_in_one_line(text, reason):
    with pytest.raises(InputError, match=reason) as told:
        open_devices("workers", text)
    assert "\n" not in str(told.value)


def test_the_example_of_the_message_is_one():
    with pytest.raises(InputError) as told:
        read_worker("")
    assert read_worker(str(told.value).partition("such as ")[2]).is_chief


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("unhealthy (no heartbeats):\n/job:worker/replica:0/task:1\nThe tasks have crashed", "worker 2 (c:3) was"),
        (
            "unhealthy:\n/job:worker/replica:0/task:0\n/job:chief/replica:0/task:0\n",
            "worker 0 (a:1) and worker 1 (b:2) were",
        ),
        ("Connection reset by peer", "another worker was"),
    ],
)
def test_who_was_lost(message, told):
    worker = Worker(1, ("a:1", "b:2", "c:3"), chiefs=1)
    error = tf.errors.UnavailableError(None, None, message)
    assert lost_worker(error, worker) == f"{told} lost (UnavailableError), so all end"
