"""What the tests of exports share."""

import shutil

import pytest

from colorization.export import model_folder
from colorization.export.model_folder import export_run
from tests.colorization.export.random_run import random_run


@pytest.fixture(scope="session")
def every_form(tmp_path_factory):
    """A U-Net, exported in all forms, for what is not said of every network."""
    folder = tmp_path_factory.mktemp("forms")
    export_run(random_run(folder, "unet"), folder / "e", formats=("saved_model", "litert"), half=True)
    return folder / "e"


@pytest.fixture
def unproved(every_form, monkeypatch):
    """An export that is quick: its model.onnx is that of `every_form`, and nobody asks whether it answers alike."""
    monkeypatch.setattr(model_folder, "write_onnx", lambda _, path, half: shutil.copy(every_form / "model.onnx", path))
    monkeypatch.setattr(model_folder, "verify_onnx", lambda *_: None)
