import socket

import pytest

from colorization.config import SamplesConfig
from colorization.errors import InputError
from data_pipelines import samples


def test_validation_is_a_scene_of_its_own(tmp_path):
    pictures = samples.prepare(SamplesConfig(), tmp_path)
    assert pictures.validation.names == ("chelsea.png",)
    assert {"motorcycle_left.png", "motorcycle_right.png"} <= set(pictures.train.names)


def test_patches_are_those_of_the_options_for_training_only(tmp_path):
    pictures = samples.prepare(SamplesConfig(patches=3), tmp_path)
    assert len(pictures.train) == 3 * len(pictures.train.names)
    assert len(pictures.validation) == samples.VALIDATION_PATCHES


def test_no_network_and_no_disk_is_needed(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    samples.prepare(SamplesConfig(), tmp_path / "never made")
    assert not (tmp_path / "never made").exists()


def test_says_that_it_proves_the_way_not_quality(tmp_path):
    assert "not what quality it reaches" in samples.prepare(SamplesConfig(), tmp_path).description


def test_patches_larger_than_a_photograph(tmp_path):
    with pytest.raises(InputError, match="--size 301 does not fit the samples, whose smallest side is 300 px"):
        samples.prepare(SamplesConfig(size=301), tmp_path)


def test_a_wheel_without_the_photographs(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "VALIDATION", ("tea.png",))
    with pytest.raises(InputError, match="carries no tea.png; install requirements.txt"):
        samples.prepare(SamplesConfig(), tmp_path)
