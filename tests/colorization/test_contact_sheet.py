"""A sheet of one picture at several working sizes, by a model that paints how large it sees pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.contact_sheet import GAP_PX, LABEL_PX, TILE_PX, contact_sheet, sheet_sizes
from colorization.inference import load_colorizer
from tests.colorization.commands.colorize_command import colorized
from tests.colorization.formula_model import WORKING_SIZE, save_formula_model


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
    for i, size in enumerate(sheet_sizes(WORKING_SIZE)):
        top, left = GAP_PX + i // 3 * high + LABEL_PX, GAP_PX + i % 3 * wide
        tile = sheet[top : top + TILE_PX, left : left + TILE_PX * 3 // 2]
        painted = model.asked_otherwise(size)(np.full((TILE_PX, TILE_PX * 3 // 2, 3), 128, np.uint8))
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
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.jpg", "a.jpg-sizes.png"]
    with Image.open("out/a.jpg-sizes.png") as sheet:
        assert sheet.width > 3 * 90
