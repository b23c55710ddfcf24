"""Training that starts from an exported model, and training with conditions (hints) beside the picture."""

import functools
import json
import shutil

import numpy as np
import pytest

from colorization.config import ClassificationConfig, RunConfig, SamplesConfig, Siggraph17Config, TrainingConfig
from colorization.errors import InputError
from colorization.export.model_folder import export_run
from colorization.models.colorizer import DatasetStats
from colorization.models.siggraph17 import random_hints
from colorization.training.checkpoints import save_checkpoint
from colorization.training.fit import build_for_training, fit
from colorization.training.run_folder import create_run, open_run
from data_pipelines import Pictures
from tests.colorization.models.tiny import give_random_weights
from tests.colorization.training.noise import noise

PRIOR = tuple(np.random.default_rng(0).dirichlet(np.full(313, 2.0)))
MODELS = {"classification": ClassificationConfig(width=2), "siggraph17": Siggraph17Config(width=2)}


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return noise(8, 4, size=(32, 32))


def new_run(folder, name, model, size=32, **training):
    config = RunConfig(model, SamplesConfig(size=size), TrainingConfig(**{"epochs": 2, "batch_size": 4} | training))
    return create_run(folder, name, config, DatasetStats(prior=PRIOR, size=size))


def weights(run):
    return [np.asarray(v) for v in run.load_colorizer().network.variables]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Name -> a run whose network has random weights, and its export; each made once, when it is first asked for."""

    @functools.cache
    def make(name):
        folder = tmp_path_factory.mktemp(name)
        run = new_run(folder, "first", MODELS[name])
        network = build_for_training(run).network
        give_random_weights(network)
        save_checkpoint(run.best, {"network": network.variables}, {"epoch": 1})
        export_run(run, folder / "exported", formats=("onnx",))
        return run, folder / "exported"

    return make


@pytest.mark.parametrize("name", ["classification", pytest.param("siggraph17", marks=pytest.mark.slow)])
def test_a_run_starts_from_the_weights_of_an_exported_model(tmp_path, exported, pictures, eagerly, name):
    first, path = exported(name)
    path = shutil.copytree(path, tmp_path / "exported")
    tuned = new_run(tmp_path, "tuned", MODELS[name], init=str(path), epochs=1)
    for a, b in zip(weights(first), build_for_training(tuned).network.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    fit(tuned, pictures)
    assert any((a != b).any() for a, b in zip(weights(first), weights(tuned), strict=True))
    path.rename(tmp_path / "gone")  # a resumed run has its weights itself
    assert len(fit(open_run(tuned.path), pictures)) == 1


def test_a_model_of_another_width_or_for_other_sizes_does_not_fit(tmp_path, exported):
    _, path = exported("classification")
    wider = new_run(tmp_path, "wider", ClassificationConfig(width=3), init=str(path))
    told = (
        r"model1/kernel has shape \(3, 3, 1, 2\), the network wants \(3, 3, 1, 3\); leave out what .* such as --width"
    )
    with pytest.raises(InputError, match=told):
        build_for_training(wider)
    larger = new_run(tmp_path, "larger", MODELS["classification"], size=64, init=str(path))
    with pytest.raises(InputError, match="is made for pictures of about 32 px; those of 64 px are another network's"):
        build_for_training(larger)


def test_published_logits_are_softened_and_answer_as_before(tmp_path, exported):
    """eccv16's logits are divided by 0.38 in its weights: asked at 1 it answers as a network trained here at 0.38.

    That the weights are softened is exact; the answers are alike but for rounding.
    """
    first, path = exported("classification")
    path = shutil.copytree(path, tmp_path / "exported")
    card = json.loads((path / "model.json").read_text())
    (path / "model.json").write_text(json.dumps(card | {"sharpening": 0.38}))
    tuned = build_for_training(
        new_run(tmp_path, "tuned", ClassificationConfig(width=2, temperature=0.38), init=str(path))
    )
    before = first.load_colorizer()
    logits = {v.path for v in tuned.network.get_layer("model8_6").weights}
    for ours, theirs in zip(tuned.network.variables, before.network.variables, strict=True):
        softened = np.asarray(theirs) * np.float32(0.38 if ours.path in logits else 1)
        np.testing.assert_array_equal(np.asarray(ours), softened, err_msg=ours.path)
    L = np.random.default_rng(4).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
    published = np.asarray(before.predict_ab(L, temperature=1.0))
    asked, unsoftened = (
        np.abs(np.asarray(each) - published).max()
        for each in (tuned.predict_ab(L), before.predict_ab(L, temperature=0.38))
    )
    assert asked < unsoftened / 10


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_resumed_equals_never_stopped(tmp_path, pictures, same_bits, name):
    """The hints of each step are part of that: they are drawn anew from (seed, step)."""
    whole, parts = (new_run(tmp_path, title, MODELS[name]) for title in ("whole", "parts"))
    fit(whole, pictures)
    fit(parts, pictures, stop_after=1)
    fit(open_run(parts.path), pictures)
    for a, b in zip(weights(whole), weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "precision"), [("classification", "mixed_float16"), ("siggraph17", "mixed_bfloat16")])
def test_half_precision_learns_about_the_same(tmp_path, pictures, eagerly, name, precision):
    full, half = (new_run(tmp_path, kind, MODELS[name], precision=kind, epochs=1) for kind in ("float32", precision))
    for a, b in zip(fit(full, pictures), fit(half, pictures), strict=True):
        assert a["val_loss"] == pytest.approx(b["val_loss"], rel=0.05)


def test_the_floor_stands_beside_the_loss(tmp_path, pictures, eagerly):
    history = fit(new_run(tmp_path, "run", MODELS["classification"]), pictures)
    assert 0 < history[-1]["val_loss_floor"] < history[-1]["val_loss"]
    assert "val_loss_floor" in (tmp_path / "run" / "history.csv").read_text()


def test_hints_are_patches_of_the_true_colours():
    ab = np.random.default_rng(2).normal(0, 30, (400, 24, 40, 2)).astype(np.float32)
    hints = random_hints(None, ab, np.random.default_rng(3))
    mask = hints["hint_mask"]
    assert set(np.unique(mask)) == {0, 1}
    np.testing.assert_array_equal(hints["hint_ab"] * (1 - mask), 0)
    without = (mask.sum(axis=(1, 2, 3)) == 0).mean()
    assert without == pytest.approx(1 / 8, abs=4 * np.sqrt(1 / 8 * 7 / 8 / 400))
    alone = mask.sum(axis=(1, 2, 3)) == 1  # a single patch of one pixel: its colour is the pixel's own
    np.testing.assert_allclose(hints["hint_ab"][alone], (ab * mask)[alone])
    assert alone.any()
