"""The models that come with the program: found wherever one stands, and packed when it is installed."""

import os
import tomllib
from pathlib import Path

import pytest

from colorization.errors import InputError
from colorization.inference import bundled as module
from colorization.inference.bundled import bundled_model, bundled_names, model_path

ROOT = Path(__file__).resolve().parents[3]


def test_a_model_is_found_and_called_as_shortly_as_can_be(tmp_path, monkeypatch):
    clone, installed = tmp_path / "clone/saved_models/pretrained", tmp_path / "site/pretrained_models"
    monkeypatch.setattr(module, "PLACES", (clone, installed))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="saved_models/pretrained/photo is missing.*give another one with --model"):
        bundled_model()
    (installed / "photo").mkdir(parents=True)
    assert bundled_model() == Path("site/pretrained_models/photo")
    (clone / "photo").mkdir(parents=True)
    assert bundled_model() == Path("clone/saved_models/pretrained/photo")
    monkeypatch.chdir("/")
    assert bundled_model() in (clone / "photo", Path(os.path.relpath(clone / "photo")))


def test_a_bundled_model_is_meant_by_its_name_unless_a_model_or_a_run_lies_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bundled_names() == ["cifar10", "photo", "photo-open"]
    assert model_path("cifar10") == bundled_model("cifar10")
    assert model_path("photo-none") == Path("photo-none")
    for name, file, own in (
        ("photo", "old.jpg", False),
        ("cifar10", "model.json", True),
        ("photo-open", "config.json", True),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
        assert (model_path(name) == Path(name)) == own


def test_an_installation_has_every_package_and_the_models():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {
        path.parent.relative_to(ROOT)
        for top in ("colorization", "data_pipelines")
        for path in (ROOT / top).rglob("*.py")
    }
    ours = {".".join(folder.parts) for folder in folders}
    assert set(setuptools["packages"]) == ours | {"colorization.pretrained_models"}
    place = setuptools["package-dir"]["colorization.pretrained_models"]
    assert ROOT / place == module.PLACES[0]
    assert module.PLACES[1].relative_to(ROOT) == Path("colorization/pretrained_models")
