"""What the tests of `colorize` share."""

import pytest

from colorization.painting import asked
from tests.colorization.cli.colorize_command import StandIn


@pytest.fixture
def warm_model(tmp_path, monkeypatch):
    """Work in an empty folder, with a stand-in for every model, which makes all warm."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asked, "Model", lambda path: StandIn())
