"""What the tests of `colorize` share."""

import pytest

from colorization.cli import colorize_picture
from tests.colorization.cli.colorize_command import StandIn


@pytest.fixture
def warm_model(tmp_path, monkeypatch):
    """Work in an empty folder, with a stand-in for every model, which makes all warm."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(colorize_picture, "Model", lambda path: StandIn())
