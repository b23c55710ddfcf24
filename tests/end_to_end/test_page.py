"""The page of `serve` in a real browser: a visitor's whole way, and what must not happen on it."""

import io
import re
import time
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from tests.colorization.formula_model import WARM
from tests.colorization.serving.server_process import export_models, serving

sync_api = pytest.importorskip("playwright.sync_api")
SIZE = (600, 400)  # px, as the page shows it at least
MAX_PIXELS = 300_000
EMPTY = "Drop or paste a photograph here"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    export_models(folder)
    words = ["--model", "saved_models/warm", "--model", "saved_models/hinted"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        with serving(folder, *words, "--max-upload", "1", "--max-pixels", MAX_PIXELS) as server:
            server.temporary = folder
            yield server
    assert "Traceback" not in "".join(server.warned)


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """One person with a browser of their own at the page; `asked` holds every address that it asked for."""

    def __init__(self, browser, server):
        self.context = browser.new_context(viewport={"width": 1280, "height": 1100})
        self.server, self.page, self.asked = server, self.context.new_page(), []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(server.url)
        self.page.get_by_text(EMPTY).wait_for()

    def give(self, name, content):
        file = {"name": name, "mimeType": "image/png", "buffer": content}
        self.page.locator("#photograph input[type=file]").set_input_files(file)

    def shown(self):
        """Addresses of the pictures on the page: the photograph, before, after."""
        sources = self.page.locator("img").evaluate_all("images => images.map(image => image.src)")
        return [source for source in sources if "/gradio_api/file=" in source]

    def wait_for_change(self, before):
        """Until the page shows other pictures than these; gives them."""
        self.page.wait_for_function(
            "before => { const now = [...document.images].filter(image => image.src.includes('preview.webp'));"
            "return now.length == 3 && now.every(image => image.complete && !before.includes(image.src)) }",
            arg=before,
        )
        return self.shown()

    def get(self, address):
        """Status and bytes of a file, asked for as the page would."""
        answer = self.context.request.get(address)
        return answer.status, answer.body()

    def download(self):
        with self.page.expect_download() as download:
            self.page.get_by_text("Download in full size").click()
        return download.value.suggested_filename, download.value.path().read_bytes()


@pytest.fixture
def visit(browser, server):
    """Open the page as another visitor at each call."""
    visitors = []

    def arrive():
        visitors.append(Visitor(browser, server))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()


@pytest.fixture(scope="module")
def photograph():
    file = io.BytesIO()
    Image.fromarray(data.coffee()).convert("L").resize(SIZE).save(file, "JPEG", quality=95)
    return file.getvalue()


def pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def ab(rgb):
    return np.median(color.rgb2lab(rgb)[..., 1:].reshape(-1, 2), axis=0)


def test_a_picture_is_seen_in_colour_changed_and_taken_home(visit, server, photograph):
    visitor = visit()
    visitor.give("my cup.jpg", photograph)
    before, after = (pixels(visitor.get(address)[1]) for address in visitor.wait_for_change([])[1:])
    np.testing.assert_allclose(ab(before), [0, 0], atol=1)
    np.testing.assert_allclose(ab(after), WARM, atol=2)
    visitor.page.get_by_text("600 x 400 px, JPEG").wait_for()
    name, content = visitor.download()
    assert name == "my cup-colorized.jpg"
    assert content == server.ask("/colorize", photograph)[2]  # the two doors give the same

    shown = visitor.shown()
    visitor.page.get_by_label("vivid").click()
    _, _, after = visitor.wait_for_change(shown)
    assert np.linalg.norm(ab(pixels(visitor.get(after)[1]))) > 1.2 * np.linalg.norm(WARM)
    shown = visitor.shown()
    slider = visitor.page.get_by_role("slider", name=re.compile("Saturation"))
    slider.focus()
    slider.press("Home")  # 0: grey
    _, _, after = visitor.wait_for_change(shown)
    np.testing.assert_allclose(ab(pixels(visitor.get(after)[1])), [0, 0], atol=1)


def test_the_line_between_before_and_after_is_moved(visit, photograph):
    visitor = visit()
    visitor.give("cup.jpg", photograph)
    visitor.wait_for_change([])
    visitor.page.wait_for_function("[...document.images].every(image => image.complete && image.height)")
    place = visitor.page.locator("img").last.bounding_box()
    middle = place["y"] + place["height"] / 2

    def colourful():
        """Share of the picture that is seen in colour."""
        seen = visitor.page.screenshot(clip=place, type="png")
        return (np.ptp(pixels(seen).astype(int), axis=-1) > 12).mean()

    half = colourful()
    visitor.page.mouse.move(place["x"] + place["width"] / 2, middle)
    visitor.page.mouse.down()
    visitor.page.mouse.move(place["x"] + place["width"] * 0.9, middle, steps=5)
    visitor.page.mouse.up()
    assert 0.3 < half < 0.7
    assert colourful() < half - 0.25


def test_a_click_gives_a_place_its_colour(visit, photograph):
    visitor = visit()
    assert not visitor.page.get_by_text("Colour of the next place").is_visible()
    visitor.give("cup.jpg", photograph)
    shown = visitor.wait_for_change([])
    visitor.page.get_by_label("Model").click()
    visitor.page.get_by_role("option", name="hinted").click()
    visitor.page.get_by_text("Colour of the next place").wait_for()
    assert not visitor.page.get_by_text("Temperature").is_visible()
    shown = visitor.wait_for_change(shown)
    place = visitor.page.locator("#photograph img").bounding_box()
    visitor.page.mouse.click(place["x"] + place["width"] * 0.75, place["y"] + place["height"] * 0.25)
    shown = visitor.wait_for_change(shown)
    mark = pixels(visitor.get(shown[0])[1])[100, 450].astype(int)
    np.testing.assert_allclose(mark, [0xC0, 0x30, 0x20], atol=12)
    red = color.rgb2lab(pixels(visitor.download()[1]))[..., 1]
    np.testing.assert_allclose(np.argwhere(red > 15).mean(axis=0), [100, 450], atol=8)
    assert red[300:, :300].max() < 10
    visitor.page.get_by_text("Take the last place back").click()
    visitor.wait_for_change(shown)
    assert color.rgb2lab(pixels(visitor.download()[1]))[..., 1].max() < 10


def test_a_picture_is_pasted(visit):
    visitor = visit()
    visitor.page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(300, 200), clipboard = new DataTransfer();
            canvas.getContext("2d").fillRect(0, 0, 150, 200);
            clipboard.items.add(new File([await canvas.convertToBlob()], "pasted.png", {type: "image/png"}));
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true}));
        }"""
    )
    visitor.page.get_by_text("300 x 200 px, PNG").wait_for()
    assert visitor.download()[0] == "pasted-colorized.png"


def test_what_cannot_be_colorized_is_told_and_the_page_lives_on(visit, photograph):
    visitor = visit()
    large = io.BytesIO()
    Image.new("L", (1000, 301)).save(large, "PNG")
    told = {
        "text.png": (b"no picture at all", "text.png: not a picture: text"),
        "torn.jpg": (photograph[:5000], "torn.jpg: truncated"),
        "large.png": (large.getvalue(), "large.png: too large, has 301,000 pixels; this server takes up to 300,000"),
        "bytes.png": (bytes(1_200_000), "exceed the maximum allowed size"),
    }
    for name, (content, message) in told.items():
        visitor.give(name, content)
        visitor.page.get_by_text(message).first.wait_for()
        visitor.page.get_by_text(EMPTY).wait_for()
    visitor.give("cup.jpg", photograph)
    visitor.page.get_by_text("600 x 400 px, JPEG").wait_for()


def test_no_other_host_is_asked_and_no_file_is_shown_to_others(visit, server, photograph):
    one, other = visit(), visit()
    one.give("cup.jpg", photograph)
    one.wait_for_change([])
    assert {urlparse(address).hostname for address in one.asked if not address.startswith(("data:", "blob:"))} == {
        urlparse(server.url).hostname
    }
    files = [address for address in one.asked if "/gradio_api/file=" in address]
    assert len(files) >= 3
    assert [one.get(address)[0] for address in files] == [200] * len(files)
    assert [other.get(address)[0] for address in files] == [404] * len(files)

    # nor may an event name the other's file, or an address that the server should fetch
    mine = urlparse(files[0]).path.removeprefix("/gradio_api/file=")
    for path, status in ((mine, 403), ("http://192.0.2.1/a.png", 403), (None, 403), ("/etc/passwd", 403)):
        event = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}], "fn_index": 0, "session_hash": "x"}
        assert other.context.request.post(f"{server.url}/gradio_api/queue/join", data=event).status == status


def test_when_the_page_is_closed_its_files_are_gone(visit, server, photograph):
    visitor = visit()
    visitor.give("closing time.jpg", photograph)
    visitor.wait_for_change([])
    [folder] = server.temporary.glob("colorization-*")
    assert list(folder.rglob("closing time-colorized.jpg"))
    visitor.page.close()
    deadline = time.monotonic() + 60
    while list(folder.rglob("closing time*")) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert list(folder.rglob("closing time*")) == []
