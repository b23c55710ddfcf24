"""Pictures, names and messages between a visitor and a model."""

import json
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from colorization.images.reader import Photograph
from colorization.images.writer import encode_picture
from colorization.serving.service import BrokenModelError, Colorized, Service, UnfitWishError, Wish, printed_name
from tests.colorization.formula_model import save_formula_model

PICTURE = encode_picture(np.full((40, 48, 3), 120, np.uint8))


@pytest.fixture
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_colours_that_a_picture_has_are_noted():
    photograph = Photograph(data.coffee(), None, "PNG", ("its name lies",))
    notes = Colorized(photograph, photograph.rgb).notes
    assert notes == ("its name lies", "it has colours of its own; they were replaced")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("cat.png", "cat.png"),
        ("/album/old/cat.png", "cat.png"),
        (r"C:\album\cat.png", "cat.png"),
        ("a\0b.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
        ("", "picture"),
        ("album/", "picture"),
    ],
)
def test_of_a_name_the_last_part_is_said(name, printed):
    assert printed_name(name) == printed


def test_messages_name_models_as_visitors_know_them_and_no_dashes(in_tmp_path):
    save_formula_model("unet", "secret/place")
    Path("secret/broken").mkdir()
    Path("secret/broken/model.json").write_text(json.dumps({"conditions": {}, "input_size": 64}))
    service = Service({"good": Path("secret/place"), "bad": Path("secret/broken")}, max_pixels=10_000)
    with pytest.raises(
        UnfitWishError, match="^good takes no temperature; leave temperature out, or choose another model$"
    ):
        service.colorize(PICTURE, "cat.png", Wish(temperature=0.5))
    with pytest.raises(BrokenModelError) as told:
        service.colorize(PICTURE, "cat.png", Wish(model="bad"))
    assert str(told.value).startswith("bad is no exported model")
    assert "secret" not in str(told.value)
