"""The page of `serve` in a real browser, on a large screen and on a phone: every control, and what must not happen."""

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from tests.colorization.formula_model import WARM
from tests.colorization.serving.server_process import export_models, serving
from tests.end_to_end.page_visitor import SCREENS, Visitor, ab, photograph, pixels

sync_api = pytest.importorskip("playwright.sync_api")
MAX_PIXELS = 300_000
BLUE = "#2040c0"
PHOTO = Path(__file__).parents[2] / "saved_models/pretrained/photo"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    export_models(folder)
    words = [word for model in ("saved_models/warm", "saved_models/hinted", PHOTO) for word in ("--model", str(model))]
    with serving(folder, *words, "--max-upload", "1", "--max-pixels", MAX_PIXELS) as server:
        yield server
    assert "Traceback" not in "".join(server.warned)


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=list(SCREENS))
def visit(browser, server, request):
    """A visitor who has just opened the page."""
    visitor = Visitor(browser, server, request.param)
    yield visitor
    assert visitor.faults == []
    visitor.context.close()


def test_a_picture_is_seen_in_colour_changed_and_downloaded(visit, server):
    visit.give(("my cup.jpg", photograph()))
    np.testing.assert_allclose(ab(visit.painted()), WARM, atol=2)
    visit.page.get_by_text("my cup.jpg: 600 × 400 px, JPEG").wait_for()
    name, content = visit.download()
    assert name == "my cup-colorized.jpg"
    assert content == server.ask("/colorize?model=warm&look=natural&temperature=1&saturation=1", photograph())[2]

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
    palette.click()
    sync_api.expect(palette).to_have_attribute("aria-pressed", "true")
    assert np.abs(visit.painted().astype(int) - alone).mean() > 1


def test_a_server_that_does_not_answer_is_asked_again(visit):
    visit.give(("cup.jpg", photograph()))
    visit.page.route("**/colorize*", lambda route: route.abort())
    visit.page.get_by_label("vivid").check()
    visit.told().filter(has_text="the server does not answer").wait_for()
    visit.page.unroute("**/colorize*")
    visit.told().get_by_role("button", name="Try again").click()
    assert np.linalg.norm(ab(visit.painted())) > 1.2 * np.linalg.norm(WARM)
    sync_api.expect(visit.told()).to_be_hidden()


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


def test_several_pictures_are_downloaded_together(visit):
    visit.give(("a.jpg", photograph()), ("a.jpg", photograph((300, 200))), ("b.png", photograph(format="PNG")))
    strip = visit.page.locator("#strip button")
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
    sync_api.expect(visit.page.locator("#strip button")).to_have_count(3)


def test_another_model_is_chosen(visit):
    visit.give(("cup.jpg", photograph()))
    visit.page.get_by_text("More", exact=True).click()
    visit.page.locator("#model").select_option("hinted")
    np.testing.assert_allclose(ab(visit.painted()), [0, 0], atol=1)
    sync_api.expect(visit.page.get_by_text("Look", exact=True)).to_be_hidden()


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


def test_no_other_host_is_asked(visit, server):
    visit.give(("cup.jpg", photograph()))
    hosts = {urlparse(address).hostname for address in visit.asked if not address.startswith(("data:", "blob:"))}
    assert hosts == {urlparse(server.url).hostname}
    policy = server.ask("/")[1]["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert not re.search(r"https?://", policy)


def test_the_logic_of_the_page_without_a_browser():
    tests = sorted(map(str, Path(__file__).with_name("page_logic").glob("*.test.mjs")))
    assert tests
    ended = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
