"""Colours of a visitor's own on the page: given by a click or the keyboard, moved, undone, saved and loaded."""

import json
import re

import numpy as np
import pytest
from skimage import color

from tests.colorization.formula_model import WARM
from tests.end_to_end.page_visitor import ab, photograph

sync_api = pytest.importorskip("playwright.sync_api")
BLUE = "#2040c0"


def is_blue(rgb):
    return color.rgb2lab(rgb)[..., 2] < -20


def test_a_place_gets_its_colour_which_is_moved_undone_and_removed(visit):
    visit.give(("cup.jpg", photograph()))
    assert not is_blue(visit.painted()).any()
    blue = is_blue(visit.colour(0.75, 0.25, BLUE))
    assert blue[100, 450]
    mark = visit.page.locator(".hint")
    sync_api.expect(mark).to_have_count(1)

    mark.focus()
    for _ in range(5):
        mark.press("Shift+ArrowLeft")  # a quarter of the width
    assert is_blue(visit.painted())[100, 300]
    box = visit.page.locator("#stage").bounding_box()
    place = mark.bounding_box()
    visit.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"], steps=4)
    visit.page.mouse.up()
    assert is_blue(visit.painted())[300, 150]

    for _ in range(7):  # the drag, five steps of the keyboard, the colour
        visit.page.locator("#undo").click()
    assert not is_blue(visit.painted()).any()
    sync_api.expect(mark).to_have_count(0)
    visit.page.keyboard.press("Control+Shift+Z")
    assert is_blue(visit.painted())[100, 450]
    visit.page.locator("#redo").click()
    mark.focus()
    mark.press("Enter")
    visit.page.locator("#remove").click()
    assert not is_blue(visit.painted()).any()
    sync_api.expect(visit.page.locator("#redo")).to_be_disabled()


def test_a_key_that_is_held_is_undone_in_one_step(visit):
    visit.give(("cup.jpg", photograph()))
    visit.colour(0.5, 0.5, BLUE)
    mark = visit.page.locator(".hint")
    mark.focus()
    for step in range(1, 3):
        for _ in range(4):  # after the first one they are repeats, as the keyboard of one who holds the key sends
            visit.page.keyboard.down("ArrowRight")
        visit.page.keyboard.up("ArrowRight")
        sync_api.expect(mark).to_have_attribute("style", re.compile(f"left: {50 + 4 * step}%"))
    for left in (54, 50):
        visit.page.locator("#undo").click()
        sync_api.expect(mark).to_have_attribute("style", re.compile(f"left: {left}%"))


def test_likely_colours_are_offered_and_grey_is_a_colour_too(visit):
    visit.give(("cup.jpg", photograph()))
    visit.click_at(0.5, 0.5)
    swatch = visit.page.locator(".swatch").first
    swatch.wait_for()
    rgb = np.uint8([[list(bytes.fromhex(swatch.get_attribute("title")[1:]))]])
    a, b = color.rgb2lab(rgb)[0, 0, 1:]
    assert b / a == pytest.approx(WARM[1] / WARM[0], rel=0.2)  # its hue; paler where the picture is dark or light
    visit.page.locator("#grey").click()
    a, b = color.rgb2lab(visit.painted())[200, 300, 1:]
    assert np.hypot(a, b) < 6
    visit.click_at(0.2, 0.2)
    visit.page.keyboard.press("Escape")
    sync_api.expect(visit.page.locator("#popover")).to_be_hidden()
    sync_api.expect(visit.page.locator(".hint")).to_have_count(1)
    visit.page.locator("#clear").click()
    np.testing.assert_allclose(ab(visit.painted()), WARM, atol=2)


def test_a_click_elsewhere_asks_for_the_colours_there(visit):
    visit.give(("cup.jpg", photograph()))
    for x in (0.7, 0.3):  # without closing what the first one opened
        visit.click_at(x, 0.2)
        sync_api.expect(visit.page.locator(".swatch").first).to_be_visible()
        sync_api.expect(visit.page.locator(".hint.new")).to_have_count(1)
    visit.page.locator("header").click(position={"x": 5, "y": 5})
    sync_api.expect(visit.page.locator("#popover")).to_be_hidden()
    sync_api.expect(visit.page.locator(".hint")).to_have_count(0)


def test_the_keyboard_is_enough(visit):
    page = visit.page
    page.keyboard.press("Tab")
    sync_api.expect(page.locator("#files")).to_be_focused()
    sync_api.expect(page.locator("label", has=page.locator("#files"))).to_have_css("outline-style", "solid")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("astronaut.jpg: ").wait_for()
    visit.painted()
    page.locator("#add").press("Enter")
    page.locator(".swatch").first.wait_for()
    page.keyboard.press("Enter")
    mark = page.locator(".hint")
    sync_api.expect(mark).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    sync_api.expect(mark).to_be_focused()
    sync_api.expect(mark).to_have_attribute("style", re.compile("left: 45%"))
    page.keyboard.press("Delete")
    sync_api.expect(mark).to_have_count(0)
    sync_api.expect(page.locator("#add")).to_be_focused()
    visit.painted()


def test_colours_are_saved_and_loaded(visit, tmp_path):
    visit.give(("cup.jpg", photograph()))
    coloured = visit.colour(0.5, 0.5, BLUE)
    visit.page.get_by_text("More", exact=True).click()
    name, content = visit.download("#save")
    assert name == "cup.jpg-colours.json"
    [hint] = json.loads(content)["hints"]
    assert hint["colour"] == BLUE
    assert (hint["x"], hint["y"]) == pytest.approx((0.5, 0.5), abs=0.01)
    visit.page.locator("#clear").click()
    visit.painted()
    visit.page.locator("#load").set_input_files({"name": name, "mimeType": "text/json", "buffer": content})
    visit.page.locator(".hint").wait_for()
    np.testing.assert_array_equal(visit.painted(), coloured)
    for wrong, message in (("{", "is no JSON"), ("{}", "no list"), ('{"hints": [{"x": 7}]}', "hint 1 is wrong")):
        visit.page.locator("#load").set_input_files({"name": "x", "mimeType": "a/b", "buffer": wrong.encode()})
        visit.told().filter(has_text=message).wait_for()
