"""The published DDColor as a file: the authors' answers by ONNX Runtime, and by the restatement of the benchmark."""

import runpy

import numpy as np
import onnxruntime
import pytest

from colorization.color.lab import rgb_to_lab
from colorization.export.onnx import write_onnx
from colorization.export.published import convert

LIMIT = 2e-5  # of the largest value
SIZES = ("64x64", "96x128")


@pytest.fixture(scope="module")
def weights(shared_parity):
    return runpy.run_path(str(shared_parity / "weights.py"))["load"]("ddcolor_tiny")


@pytest.fixture(scope="module")
def session(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("ddcolor") / "model.onnx"
    write_onnx(convert("ddcolor_tiny", weights), path)
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


@pytest.mark.slow  # writing the full-size network takes half a minute
@pytest.mark.parametrize("size", SIZES)
def test_onnx_runtime_agrees_with_the_authors_network(session, shared_parity, size):
    answer = np.load(shared_parity / f"ddcolor_tiny_{size}.npz")
    [ab] = session.run(["ab"], {"L": rgb_to_lab(answer["rgb"][None])[..., :1]})
    assert np.abs(ab[0] - answer["ab"]).max() <= LIMIT * np.abs(answer["ab"]).max()


@pytest.mark.parametrize("size", SIZES)
def test_the_restatement_that_is_measured_agrees_with_the_authors_network(weights, shared_parity, size):
    torch = pytest.importorskip("torch")
    from benchmarks.ddcolor_torch import DDColor

    answer = np.load(shared_parity / f"ddcolor_tiny_{size}.npz")
    rgb = torch.from_numpy(answer["rgb"].transpose(2, 0, 1).copy())[None]
    ab = DDColor(weights)(rgb)[0].numpy().transpose(1, 2, 0)
    assert np.abs(ab - answer["ab"]).max() <= LIMIT * np.abs(answer["ab"]).max()
