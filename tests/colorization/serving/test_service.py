"""Pictures, names and messages between a visitor and a model."""

import json
from pathlib import Path

import numpy as np
import pytest

from colorization.images.writer import encode_picture
from colorization.serving.service import (
    BrokenModelError,
    ColorizationRequest,
    Service,
    UnfitRequestError,
    Upload,
    printed_name,
)
from tests.colorization.formula_model import save_formula_model

PICTURE = encode_picture(np.full((40, 48, 3), 120, np.uint8))


@pytest.fixture
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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


@pytest.mark.parametrize(
    ("own", "offered"), [(560, [280, 416, 560, 704, 840]), (24, [16, 24, 32, 48]), (2048, [1024, 2048])]
)
def test_input_sizes_that_are_offered_may_be_asked_for(in_tmp_path, own, offered):
    save_formula_model("unet", "model")
    Path("model/model.json").write_text(json.dumps({"input_size": own}))
    assert Service({"model": Path("model")}, max_pixels=10_000).described("model")["input_sizes"] == offered


def test_messages_name_models_as_visitors_know_them_and_no_dashes(in_tmp_path):
    save_formula_model("unet", "secret/place")
    Path("secret/broken").mkdir()
    Path("secret/broken/model.json").write_text(json.dumps({"conditions": {}, "input_size": 64}))
    service = Service({"good": Path("secret/place"), "bad": Path("secret/broken")}, max_pixels=10_000)
    with pytest.raises(
        UnfitRequestError, match="^good takes no temperature; leave temperature out, or choose another model$"
    ):
        service.colorize(Upload("cat.png", PICTURE), ColorizationRequest(temperature=0.5))
    with pytest.raises(BrokenModelError) as told:
        service.colorize(Upload("cat.png", PICTURE), ColorizationRequest(model="bad"))
    assert str(told.value).startswith("bad is no exported model")
    assert "secret" not in str(told.value)
    save_formula_model("nan", "secret/nan")
    with pytest.raises(BrokenModelError, match="^nans answers with NaN .* or choose another model$"):
        Service({"nans": Path("secret/nan")}, max_pixels=10_000).colorize(
            Upload("cat.png", PICTURE), ColorizationRequest()
        )
