"""A person at the page of `serve`, in a browser of their own, and the photograph that they bring."""

import io

import numpy as np
from PIL import Image
from skimage import color, data

SIZE = (600, 400)  # px
MAX_PIXELS = 300_000  # that the server takes
SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class Visitor:
    """One person with a browser of their own at the page; `asked` holds every address that it asked for."""

    def __init__(self, browser, server, screen):
        self.context = browser.new_context(viewport=SCREENS[screen], has_touch=screen == "phone")
        self.page, self.asked, self.faults = self.context.new_page(), [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(server.url)
        self.page.locator("#examples button").first.wait_for()

    def give(self, *files):
        """Open files, (name, content) each, and wait until the first one, which is shown, is in colour."""
        self.put(*files)
        self.page.get_by_text(f"{files[0][0]}: ").wait_for()
        self.painted()

    def put(self, *files):
        payload = [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files]
        self.page.locator("#files").set_input_files(payload)

    def painted(self):
        """Wait until nothing is being colorized; gives what is shown, uint8 (H, W, 3)."""
        self.page.locator("#busy").wait_for(state="hidden")
        source = "image => fetch(image.src).then(it => it.arrayBuffer()).then(it => [...new Uint8Array(it)])"
        return pixels(bytes(self.page.locator("#after").evaluate(source)))

    def click_at(self, x, y):
        """Click the place at these shares of the picture."""
        box = self.page.locator("#stage").bounding_box()
        self.page.locator("#stage").click(position={"x": x * box["width"], "y": y * box["height"]})

    def colour(self, x, y, colour):
        """Give a place a colour, and wait for the answer."""
        self.click_at(x, y)
        self.page.locator("#picker").fill(colour)
        self.page.locator("#use").click()
        return self.painted()

    def download(self, button="#download"):
        with self.page.expect_download() as download:
            self.page.locator(button).click()
        return download.value.suggested_filename, download.value.path().read_bytes()

    def told(self):
        return self.page.get_by_role("alert")


def photograph(size=SIZE, format="JPEG"):
    file = io.BytesIO()
    Image.fromarray(data.coffee()).convert("L").resize(size).save(file, format, quality=95)
    return file.getvalue()


def pixels(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def ab(rgb):
    return np.median(color.rgb2lab(rgb)[..., 1:].reshape(-1, 2), axis=0)
