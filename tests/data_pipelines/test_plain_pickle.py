import os
import pickle

import numpy as np
import pytest

from colorization.errors import InputError
from data_pipelines.plain_pickle import read_pickle, text


class Command:
    """Unpickled freely, this runs a command."""

    def __init__(self, call, *arguments):
        self.call = call, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(5))
def test_arrays_and_plain_types(protocol):
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    tree = read_pickle(pickle.dumps({b"data": array, "labels": [1, 2]}, protocol=protocol), "file")
    np.testing.assert_array_equal(tree["data"], array)
    assert tree["labels"] == [1, 2]


def test_the_module_name_of_older_numpy():
    raw = pickle.dumps({"data": np.arange(3)}, protocol=2).replace(b"numpy._core", b"numpy.core")
    np.testing.assert_array_equal(read_pickle(raw, "file")["data"], np.arange(3))


def test_strings_of_python_2():
    raw = b"(dp0\nU\x04nameU\x03cats."  # {'name': 'cat'} with both written as SHORT_BINSTRING
    assert text(read_pickle(raw, "file")["name"]) == "cat"


@pytest.mark.parametrize(
    "command",
    [
        Command(os.system, "touch broken_out"),
        Command(eval, "open('broken_out', 'w')"),
        Command(getattr, "text", "upper"),
        Command(np.load, "broken_out"),
    ],
)
def test_nothing_else_is_called(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw = pickle.dumps({"data": command})
    with pytest.raises(InputError, match=r"data_batch_1 cannot be read \(it asks for .*which no picture needs"):
        read_pickle(raw, "data_batch_1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "raw", [b"", b"\x80", b"<html>", b"garbage" * 100, pickle.dumps([1]), pickle.dumps({1: 2})[:-3]]
)
def test_garbage_is_named(raw):
    with pytest.raises(InputError, match="^data_batch_1 cannot be read"):
        read_pickle(raw, "data_batch_1")


def test_every_cut_of_a_real_pickle_is_garbage():
    raw = pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [0, 1]}, protocol=2)
    for end in [*range(0, 200), *range(200, len(raw), 97)]:
        with pytest.raises(InputError):
            read_pickle(raw[:end], "file")
