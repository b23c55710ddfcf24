"""`import` as it is typed, with real files that do not fit: one line with what to do, and nothing is written."""

import numpy as np
import pytest

from tests.colorization.cli.tiny_published import publish_tiny, state_dict
from tests.end_to_end.processes import run_here

torch = pytest.importorskip("torch")

WORDS = {"ddcolor_tiny": ("ddcolor", "--variant", "tiny"), "deoldify": ("deoldify",)}
BIAS = {"ddcolor_tiny": "refine_net.0.0.bias", "deoldify": "layers.11.0.bias"}  # of each network's last layer


@pytest.fixture(scope="module", autouse=True)
def tiny_networks():
    with pytest.MonkeyPatch.context() as patch:
        publish_tiny(patch)
        yield


@pytest.fixture(params=WORDS)
def name(request):
    return request.param


def saved(weights, file):
    torch.save({key: torch.from_numpy(np.asarray(value)) for key, value in weights.items()}, file)


def refusal(name, folder, file="weights.pth"):
    """Return what the command says of the file; all else of the folder is as it was."""
    before = sorted(folder.iterdir())
    network, *variant = WORDS[name]
    _, err = run_here("import", network, file, *variant, "--output", "model", folder=folder, status=1)
    assert sorted(folder.iterdir()) == before
    assert err.count("\n") == 1, err
    return err.removeprefix("error: ").rstrip()


def test_a_renamed_array_is_told_by_both_names(name, tmp_path):
    weights = dict(state_dict(name))
    weights["last.bias"] = weights.pop(BIAS[name])
    saved(weights, tmp_path / "weights.pth")
    assert refusal(name, tmp_path) == (
        f"these are no weights of {name}: the array {BIAS[name]} is missing, last.bias belongs to no layer "
        "(1 missing, 1 left over); give another file"
    )


def test_a_surplus_array_is_told(name, tmp_path):
    saved(state_dict(name) | {"head.bias": np.zeros(3, np.float32)}, tmp_path / "weights.pth")
    assert refusal(name, tmp_path) == (
        f"these are no weights of {name}: head.bias belongs to no layer (0 missing, 1 left over); give another file"
    )


def test_an_array_of_another_shape_is_told(name, tmp_path):
    weights = dict(state_dict(name))
    wanted = weights[BIAS[name]].shape
    weights[BIAS[name]] = np.zeros(7, np.float32)
    saved(weights, tmp_path / "weights.pth")
    assert refusal(name, tmp_path) == f"{BIAS[name]} has the shape (7,), {name} wants {wanted}; give another file"


def test_a_truncated_download_is_told(name, tmp_path):
    file = tmp_path / "weights.pth"
    saved(state_dict(name), file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert refusal(name, tmp_path) == (
        "weights.pth is no file of PyTorch weights, is broken, or holds more than arrays (RuntimeError); fetch it anew"
    )


def test_a_picture_and_a_folder_are_told(name, tmp_path):
    (tmp_path / "cat.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more than its beginning")
    assert refusal(name, tmp_path, "cat.jpg").startswith("cat.jpg is no file of PyTorch weights, ")
    (tmp_path / "folder").mkdir()
    assert refusal(name, tmp_path, "folder") == (
        "folder is no file; give the .pth file, or leave it out to download it"
    )
