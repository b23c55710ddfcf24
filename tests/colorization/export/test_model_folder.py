"""What is asked of an export, where it lies, and what it leaves alone."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

import colorization
from colorization.cli import export
from colorization.cli.parser import Request
from colorization.config import ExportOptions
from colorization.errors import InputError
from colorization.export.model_folder import export_run
from colorization.models.weights import holds_half, read_weights
from tests.colorization.cli.notebook import Notebook
from tests.colorization.export.random_run import ONNX_ONLY, random_run


def run_export(options):
    return export.run(Request("export", options), Notebook())


def test_weights_of_16_bits_stay_so(every_form, tmp_path):
    assert run_export(ExportOptions(str(every_form), output=str(tmp_path / "again"), format=ONNX_ONLY)) == 0
    assert holds_half(tmp_path / "again/model.onnx")
    half = read_weights(every_form / "model.onnx")
    for key, weight in read_weights(tmp_path / "again/model.onnx").items():
        np.testing.assert_array_equal(weight, half[key])


@pytest.mark.usefixtures("unproved")
def test_the_first_preset_is_what_an_export_does_unasked(tmp_path):
    run = random_run(tmp_path, "unet")
    presets = {"pale": {"saturation": 0.5}, "vivid": {"saturation": 1.5}}
    export_run(run, tmp_path / "e", presets=presets, formats=ONNX_ONLY)
    model = colorization.load(tmp_path / "e")
    assert model.presets == presets
    assert model.conditions == {"reference": None, "saturation": 0.5, "vibrance": 0.0}
    with pytest.raises(InputError, match="a unet network takes no temperature"):
        export_run(run, tmp_path / "f", presets={"bold": {"temperature": 0.1}})
    assert not (tmp_path / "f").exists()


@pytest.mark.usefixtures("unproved")
def test_a_run_that_began_with_an_exported_model_has_its_presets(tmp_path):
    run, first = random_run(tmp_path, "unet"), tmp_path / "first"
    first.mkdir()
    presets = {"vivid": {"saturation": 1.5}, "bold": {"temperature": 0.1}}  # no U-Net takes a temperature
    (first / "model.json").write_text(json.dumps({"presets": presets}))
    began = dataclasses.replace(run.config.training, init=str(first))
    tuned = dataclasses.replace(run, config=dataclasses.replace(run.config, training=began))
    vivid = {"vivid": {"saturation": 1.5}}
    assert export_run(tuned, tmp_path / "e", defaults={"vibrance": 0.25}, formats=ONNX_ONLY) == vivid
    model = colorization.load(tmp_path / "e")
    assert model.presets == vivid
    assert model.conditions == {"reference": None, "saturation": 1.5, "vibrance": 0.25}
    shutil.rmtree(first)
    assert export_run(tuned, tmp_path / "g", formats=ONNX_ONLY) == {}


@pytest.mark.usefixtures("unproved")
def test_an_export_has_the_temperature_that_was_given(tmp_path):
    run = random_run(tmp_path, "classification")
    export_run(run, tmp_path / "e", defaults={"temperature": 0.25}, formats=ONNX_ONLY)
    card = json.loads((tmp_path / "e/model.json").read_text())
    assert card["conditions"]["temperature"] == {"kind": "number", "default": 0.25}
    with pytest.raises(InputError, match="a unet network takes no temperature; leave --temperature out"):
        export_run(random_run(tmp_path / "u", "unet"), tmp_path / "e2", defaults={"temperature": 0.5})


@pytest.mark.parametrize("damage", ["no network", "half a network", "no card", "{}", "not utf-8", "other inputs"])
def test_a_broken_export_is_told_in_one_line(every_form, tmp_path, damage):
    path = shutil.copytree(every_form, tmp_path / "e")
    card, network = path / "model.json", path / "model.onnx"
    if damage == "no network":
        network.unlink()
    elif damage == "half a network":
        network.write_bytes(network.read_bytes()[:2000])
    elif damage == "no card":
        card.unlink()
    elif damage == "other inputs":
        card.write_text(json.dumps({"conditions": {"hint_ab": {"kind": "plane", "channels": 2}}}))
    else:
        card.write_bytes(b"[]" if damage == "{}" else b"\xff\xfe")
    with pytest.raises(InputError, match="is no exported model, or a broken one") as told:
        colorization.load(path)
    assert "\n" not in str(told.value)


def test_wrong_input_is_refused(every_form, tmp_path):
    model = colorization.load(every_form)
    with pytest.raises(ValueError, match="must be uint8, or uint16, got float64"):
        model(np.zeros((4, 4)))
    with pytest.raises(ValueError, match=r"C 1 or 3, got \(4, 4, 2\)"):
        model(np.zeros((4, 4, 2), np.uint8))
    with pytest.raises(InputError, match="is no exported model"):
        colorization.load(tmp_path)


@pytest.mark.usefixtures("unproved")
def test_an_export_is_not_written_over_unasked(tmp_path):
    run = random_run(tmp_path, "unet")
    path = tmp_path / "e"
    export_run(run, path, formats=ONNX_ONLY)
    export_run(run, path, formats=ONNX_ONLY)  # its own it may replace
    other = random_run(tmp_path / "other", "unet")
    with pytest.raises(InputError, match="e exists and is no export of .*; give --overwrite"):
        export_run(other, path)
    (path / "README.md").write_text("precious")
    (path / "pictures").mkdir()
    (path / "pictures/cases.png").write_text("precious")
    (path / "saved_model").mkdir()  # of the network that is replaced
    export_run(other, path, overwrite=True, formats=ONNX_ONLY)
    assert json.loads((path / "model.json").read_text())["run"] == other.id
    assert sorted(p.name for p in path.iterdir()) == ["README.md", "model.json", "model.onnx", "pictures"]
    assert (path / "pictures/cases.png").read_text() == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e", "other", "unet"]
