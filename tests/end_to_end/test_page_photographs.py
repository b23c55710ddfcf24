"""Photographs on the page: how they come in, several at once, and what is told where one cannot be colorized."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.colorization.formula_model import WARM
from tests.end_to_end.page_visitor import ab, photograph, pixels

sync_api = pytest.importorskip("playwright.sync_api")


def test_a_server_that_does_not_answer_is_asked_again(visit):
    visit.give(("cup.jpg", photograph()))
    visit.page.route("**/colorize*", lambda route: route.abort())
    visit.page.get_by_label("vivid").check()
    visit.told().filter(has_text="the server does not answer").wait_for()
    visit.page.unroute("**/colorize*")
    visit.told().get_by_role("button", name="Try again").click()
    assert np.linalg.norm(ab(visit.painted())) > 1.2 * np.linalg.norm(WARM)
    sync_api.expect(visit.told()).to_be_hidden()


def test_several_pictures_are_downloaded_together(visit):
    visit.give(("a.jpg", photograph()), ("a.jpg", photograph((300, 200))), ("b.png", photograph(format="PNG")))
    strip = visit.page.locator("#strip .thumbnail")
    sync_api.expect(strip).to_have_count(3)
    sync_api.expect(visit.page.locator("#about")).to_contain_text(
        "a.jpg: 600 × 400 px"
    )  # the others do not take its place
    strip.nth(2).click()
    visit.page.get_by_text("b.png: 600 × 400 px").wait_for()
    np.testing.assert_allclose(ab(visit.painted()), WARM, atol=2)
    strip.first.click()
    visit.page.get_by_text("a.jpg: 600 × 400 px").wait_for()
    name, content = visit.download("#download-all")
    assert name == "colorized.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a-colorized.jpg", "a-colorized-2.jpg", "b-colorized.png"]
        sizes = [pixels(archive.read(name)).shape[:2] for name in archive.namelist()]
    assert sizes == [(400, 600), (200, 300), (400, 600)]


def test_a_photograph_is_taken_out(visit):
    visit.give(*((f"{name}.png", photograph(format="PNG")) for name in "abc"))
    strip, about = visit.page.locator("#strip li"), visit.page.locator("#about")
    sync_api.expect(strip).to_have_count(3)
    visit.page.get_by_role("button", name="Take out c.png").click()
    sync_api.expect(strip).to_have_count(2)
    sync_api.expect(about).to_contain_text("a.png")  # what is shown stays
    visit.colour(0.5, 0.5, "#2040c0")
    take_out = visit.page.get_by_role("button", name="Take out a.png")
    visit.page.once("dialog", lambda dialog: dialog.dismiss())
    take_out.click()
    sync_api.expect(strip).to_have_count(2)
    visit.page.once("dialog", lambda dialog: dialog.accept())
    take_out.click()
    sync_api.expect(about).to_contain_text("b.png")
    sync_api.expect(visit.page.locator("#strip")).to_be_hidden()
    sync_api.expect(visit.page.locator("#download-all")).to_be_hidden()
    visit.painted()


def test_a_busy_server_is_asked_again_unasked(visit):
    visit.give(("cup.jpg", photograph()))
    answers = []

    def busy_once(route):
        answers.append(503)
        if len(answers) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": "busy"})
        else:
            route.continue_()

    visit.page.route("**/colorize*", busy_once)
    visit.page.get_by_label("vivid").check()
    visit.page.get_by_text("server busy, asking again").wait_for()
    assert np.linalg.norm(ab(visit.painted())) > 1.2 * np.linalg.norm(WARM)
    sync_api.expect(visit.told()).to_be_hidden()
    sync_api.expect(visit.page.locator("#status")).to_have_text("in colour")


def test_an_example_a_pasted_and_a_dropped_picture(visit):
    visit.page.locator("#examples button").nth(1).click()
    visit.page.get_by_text("coffee.jpg: 480 × 320 px").wait_for()
    for kind, event in (("paste", "ClipboardEvent"), ("drop", "DragEvent")):
        visit.page.locator("body").evaluate(
            """async (body, [kind, event]) => {
                const canvas = new OffscreenCanvas(300, 200), files = new DataTransfer();
                canvas.getContext("2d").fillRect(0, 0, 150, 200);
                files.items.add(new File([await canvas.convertToBlob()], `${kind}.png`, {type: "image/png"}));
                const given = {clipboardData: files, dataTransfer: files, bubbles: true};
                body.dispatchEvent(new {ClipboardEvent, DragEvent}[event](kind, given));
            }""",
            [kind, event],
        )
        visit.page.get_by_text(f"{kind}.png: 300 × 200 px, PNG").wait_for()
        visit.painted()
    sync_api.expect(visit.page.locator("#strip .thumbnail")).to_have_count(3)


def test_what_cannot_be_colorized_is_told_and_the_page_lives_on(visit):
    large = io.BytesIO()
    Image.new("L", (1000, 301)).save(large, "PNG")
    told = {
        "text.png": (b"no picture at all", "text.png: not a picture: text"),
        "torn.jpg": (photograph()[:5000], "torn.jpg: truncated"),
        "large.png": (large.getvalue(), "large.png: too large, has 301,000 pixels; this server takes up to 300,000"),
        "bytes.png": (bytes(1_200_000), "file is too large"),
    }
    for name, (content, message) in told.items():
        visit.put((name, content))
        visit.told().filter(has_text=message).wait_for()
        sync_api.expect(visit.page.locator("#start")).to_be_visible()
    visit.told().get_by_role("button", name="Close").click()
    sync_api.expect(visit.told()).to_be_hidden()
    visit.give(("cup.jpg", photograph()))
