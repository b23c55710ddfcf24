"""A sheet of one picture at several input sizes, by a model that paints how large it sees pictures."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from skimage import color

from colorization.errors import InputError
from colorization.inference import input_size
from colorization.inference.colorize import Colorizer, load_colorizer
from colorization.inference.input_size import GAP_PX, LABEL_PX, TILE_PX, agreed_size, contact_sheet, sheet_sizes
from colorization.inference.model import ModelCard
from tests.colorization.cli.colorize_command import colorized, written
from tests.colorization.formula_model import INPUT_SIZE, save_formula_model


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_sizes_are_around_the_models_own():
    assert sheet_sizes(128) == [64, 96, 128, 160, 192, 256]


def test_each_tile_is_the_picture_at_its_size():
    save_formula_model("ruler")  # a is half the height that it sees
    model = load_colorizer(Path("model"))
    rgb = np.full((400, 600, 3), 128, np.uint8)
    sheet = contact_sheet(model, rgb, {})
    high, wide = TILE_PX + LABEL_PX + GAP_PX, TILE_PX * 3 // 2 + GAP_PX
    assert sheet.shape == (2 * high + GAP_PX, 3 * wide + GAP_PX, 3)
    for i, size in enumerate(sheet_sizes(INPUT_SIZE)):
        top, left = GAP_PX + i // 3 * high + LABEL_PX, GAP_PX + i % 3 * wide
        tile = sheet[top : top + TILE_PX, left : left + TILE_PX * 3 // 2]
        painted = replace(model, input_size=size)(np.full((TILE_PX, TILE_PX * 3 // 2, 3), 128, np.uint8))
        np.testing.assert_allclose(tile[40:-40, 40:-40], painted[40:-40, 40:-40], atol=3)
        label = sheet[top - LABEL_PX : top, left : left + TILE_PX]
        assert label.min() < 80 < 200 < np.median(label)


def test_a_small_picture_is_not_shown_at_sizes_that_it_has_not():
    save_formula_model("ruler")
    sheet = contact_sheet(load_colorizer(Path("model")), np.full((70, 70, 3), 128, np.uint8), {})
    assert sheet.shape[:2] == (70 + LABEL_PX + 2 * GAP_PX, 3 * (70 + GAP_PX) + GAP_PX)  # of 32, 48 and 64 px


def test_the_command_writes_it_beside_the_picture():
    save_formula_model("ruler")
    Image.new("L", (90, 80), 128).save("a.jpg")
    status, console = colorized("a.jpg", contact_sheet=True)
    assert (status, console.warned) == (0, [])
    assert written() == ["a.jpg", "a.jpg-sizes.png"]
    with Image.open("out/a.jpg-sizes.png") as sheet:
        assert sheet.width > 3 * 90
    Path("out/a.jpg-sizes.png").unlink()
    Path("out/a.jpg").write_bytes(b"precious")
    status, console = colorized("a.jpg", contact_sheet=True)
    assert (status, console.said[-1][:11]) == (0, "1 colorized")
    assert Path("out/a.jpg-sizes.png").stat().st_size > 100
    assert Path("out/a.jpg").read_bytes() == b"precious"


@pytest.mark.parametrize(("odd", "agreed"), [(48, 80), (64, 80), (80, 64), (0, 64)])
def test_the_size_that_agrees_with_the_others_is_taken(odd, agreed):
    def predict(L):
        return {"ab": np.full((*L.shape[:3], 2), 30.0 if L.shape[1] == odd else L.shape[1] / 100)}

    model = SimpleNamespace(predict=predict, card=ModelCard.from_json({"input_size": 64}), path=Path("model"))
    assert agreed_size(Colorizer(model), np.full((100, 150, 3), 90, np.uint8), {}) == agreed


def test_auto_is_a_size_of_its_own_for_each_picture(monkeypatch):
    save_formula_model("ruler")
    agreed = {100: 48, 140: 80}
    monkeypatch.setattr(input_size, "agreed_size", lambda model, rgb, ask: agreed[int(rgb[0, 0, 0])])
    for level, size in agreed.items():
        Image.new("L", (120, 100), level).save("a.png")
        assert colorized("a.png", input_size="auto", overwrite=True)[0] == 0
        with Image.open("out/a.png") as image:
            a = color.rgb2lab(np.array(image))[50, 5, 1]
        assert a == pytest.approx(size / 2, abs=1.5)  # the ruler's a is half the height that the network sees


@pytest.mark.parametrize("word", ["large", "7", "5000", "-3", "1.5"])
def test_what_is_no_size_is_told(word):
    Image.new("L", (90, 80), 128).save("a.jpg")
    with pytest.raises(InputError, match=f"--input-size {word}: give pixels, 8 to 4096, or auto"):
        colorized("a.jpg", input_size=word)
