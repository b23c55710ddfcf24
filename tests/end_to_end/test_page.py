"""The page of `serve` in a real browser, on a large screen and on a phone: what is shown, settings, other hosts."""

import io
import re
import subprocess
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.colorization.formula_model import WARM
from tests.end_to_end.page_visitor import ab, photograph, pixels

sync_api = pytest.importorskip("playwright.sync_api")


def test_a_picture_is_seen_in_colour_changed_and_downloaded(visit, page_server):
    visit.give(("my cup.jpg", photograph()))
    np.testing.assert_allclose(ab(visit.painted()), WARM, atol=2)
    visit.page.get_by_text("my cup.jpg: 600 × 400 px, JPEG").wait_for()
    name, content = visit.download()
    assert name == "my cup-colorized.jpg"
    assert content == page_server.ask("/colorize?model=warm&look=natural&temperature=1&saturation=1", photograph())[2]

    visit.page.get_by_label("vivid").check()
    assert np.linalg.norm(ab(visit.painted())) > 1.2 * np.linalg.norm(WARM)
    visit.page.get_by_text("More", exact=True).click()
    slider = visit.page.get_by_role("slider", name="Saturation")
    slider.focus()
    slider.press("Home")  # 0: grey
    np.testing.assert_allclose(ab(visit.painted()), [0, 0], atol=1)
    visit.page.locator("#input-size").select_option(index=0)
    visit.painted()
    assert any("input_size=32" in address for address in visit.asked)


def test_another_photograph_gives_its_colours(visit):
    visit.give(("cup.jpg", photograph()))
    visit.page.get_by_text("More", exact=True).click()
    visit.page.locator("#model").select_option("photo")
    alone = visit.painted()
    reference, chosen = visit.page.locator("#reference"), visit.page.locator("#reference-chosen")
    reference.set_input_files({"name": "grey.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    visit.told().filter(has_text="grey.jpg: the reference is grey").wait_for()
    sync_api.expect(chosen).to_be_hidden()
    colourful = io.BytesIO()
    Image.fromarray(data.coffee()).save(colourful, "TIFF")  # which no browser shows; 720 kB
    reference.set_input_files({"name": "cup.tif", "mimeType": "image/tiff", "buffer": colourful.getvalue()})
    sync_api.expect(chosen).to_be_visible()
    assert (
        visit.page.locator("#reference-picture").evaluate("image => image.decode().then(() => image.naturalWidth)")
        == 256
    )
    assert np.abs(visit.painted().astype(int) - alone).mean() > 1
    visit.page.locator("#no-reference").click()
    np.testing.assert_array_equal(visit.painted(), alone)
    palette = visit.page.get_by_role("button", name="Palette Sea")
    sync_api.expect(palette).to_have_text("Sea")
    palette.click()
    sync_api.expect(palette).to_have_attribute("aria-pressed", "true")
    assert np.abs(visit.painted().astype(int) - alone).mean() > 1


def test_before_and_after_are_compared(visit):
    visit.give(("cup.jpg", photograph()))
    stage = visit.page.locator("#stage")

    def colourful():
        """Share of the picture that is seen in colour."""
        return (np.ptp(pixels(stage.screenshot()).astype(int), axis=-1) > 12).mean()

    whole = colourful()
    visit.page.locator("#split").focus()
    visit.page.keyboard.press("End")
    assert colourful() < 0.1
    for _ in range(50):
        visit.page.keyboard.press("ArrowLeft")
    assert 0.3 * whole < colourful() < 0.7 * whole
    box = visit.page.locator("#divider").bounding_box()
    at = stage.bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.mouse.down()
    visit.page.mouse.move(at["x"], box["y"], steps=4)
    visit.page.mouse.up()
    assert colourful() > 0.9 * whole
    sync_api.expect(visit.page.locator("#popover")).to_be_hidden()
    visit.page.locator("#hold").dispatch_event("pointerdown")
    assert colourful() < 0.1
    visit.page.locator("#hold").dispatch_event("pointerup")
    assert colourful() > 0.9 * whole


def test_another_model_is_chosen(visit):
    visit.give(("cup.jpg", photograph()))
    visit.page.get_by_text("More", exact=True).click()
    visit.page.locator("#model").select_option("hinted")
    np.testing.assert_allclose(ab(visit.painted()), [0, 0], atol=1)
    sync_api.expect(visit.page.get_by_text("Look", exact=True)).to_be_hidden()


def test_no_other_host_is_asked(visit, page_server):
    visit.give(("cup.jpg", photograph()))
    hosts = {urlparse(address).hostname for address in visit.asked if not address.startswith(("data:", "blob:"))}
    assert hosts == {urlparse(page_server.url).hostname}
    policy = page_server.ask("/")[1]["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert not re.search(r"https?://", policy)


def test_the_logic_of_the_page_without_a_browser():
    tests = sorted(map(str, Path(__file__).with_name("page_logic").glob("*.test.mjs")))
    assert tests
    ended = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
