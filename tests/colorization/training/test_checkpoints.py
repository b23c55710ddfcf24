"""A checkpoint is all or nothing, and fits exactly or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from colorization.errors import InputError
from colorization.training.checkpoints import load_checkpoint, read_progress, save_checkpoint


def network(channels=3, extra=False):
    x = inputs = keras.Input((4,))
    x = keras.layers.Dense(channels, name="first")(x)
    x = keras.layers.Dropout(0.5, name="drop")(x)
    if extra:
        x = keras.layers.Dense(2, name="second")(x)
    return keras.Model(inputs, x)


def test_everything_comes_back_random_states_too(tmp_path):
    first, second = network(), network()
    first(np.ones((1, 4)), training=True)  # moves the state of the dropout's generator
    save_checkpoint(tmp_path / "a.npz", {"network": first.variables}, {"epoch": 3, "best": 0.5})
    assert load_checkpoint(tmp_path / "a.npz", {"network": second.variables}) == {"epoch": 3, "best": 0.5}
    assert any("seed_generator_state" in v.path for v in first.variables)
    for one, other in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_a_part_can_be_read_alone(tmp_path):
    model = network()
    save_checkpoint(tmp_path / "a.npz", {"network": model.variables, "other": network().variables}, {})
    load_checkpoint(tmp_path / "a.npz", {"network": model.variables})


@pytest.mark.parametrize(
    ("kind", "told"),
    [({"extra": True}, "0003/second"), ({"channels": 5}, r"first/kernel has shape \(4, 3\), the network")],
)
def test_weights_that_do_not_fit_are_refused_by_name(tmp_path, kind, told):
    save_checkpoint(tmp_path / "a.npz", {"network": network().variables}, {})
    with pytest.raises(InputError, match=told):
        load_checkpoint(tmp_path / "a.npz", {"network": network(**kind).variables})


@pytest.mark.parametrize("content", [b"", b"no zip", "half"])
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "a.npz"
    save_checkpoint(path, {"network": network().variables}, {})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content == "half" else content)
    with pytest.raises(InputError, match="a.npz is broken"):
        load_checkpoint(path, {"network": network().variables})


def test_missing_file_says_what_to_do(tmp_path):
    assert read_progress(tmp_path / "a.npz") is None
    with pytest.raises(InputError, match="has no checkpoint yet; train it with --resume"):
        load_checkpoint(tmp_path / "a.npz", {})


def test_killed_while_saving_the_old_checkpoint_stays(tmp_path):
    """A process that is killed with -9 after the new file was written and before it takes the old one's place."""
    path = tmp_path / "a.npz"
    code = (
        "import os, signal, sys, numpy as np\nfrom pathlib import Path\n"
        "from colorization.training.checkpoints import save_checkpoint\n"
        "class V:\n    path, shape = 'v', ()\n    def __array__(self, dtype=None, copy=None): return np.ones(9)\n"
        "path = Path(sys.argv[1])\nsave_checkpoint(path, {'n': [V()]}, {'epoch': 1})\n"
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "save_checkpoint(path, {'n': [V()]}, {'epoch': 2})\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert read_progress(path) == {"epoch": 1}
    save_checkpoint(path, {}, {"epoch": 3})
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]  # what the kill left is gone


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path):
    path, model = tmp_path / "a.npz", network()
    save_checkpoint(path, {"network": model.variables}, {"epoch": 1})

    class Breaks:
        path, shape = "breaks", ()

        def __array__(self, dtype=None, copy=None):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, {"network": [*model.variables, Breaks()]}, {"epoch": 2})
    assert read_progress(path) == {"epoch": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]
