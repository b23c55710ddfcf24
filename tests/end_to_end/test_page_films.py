"""Films on the page of `serve`, in a real browser: before and after side by side, and what cannot be shown."""

import pytest

from colorization.serving.short_films import LONGEST

sync_api = pytest.importorskip("playwright.sync_api")
av = pytest.importorskip("av")

from tests.colorization.films.made_films import moving_square, save_film  # noqa: E402


def give(visit, name: str, content: bytes) -> None:
    visit.page.locator("#files").set_input_files([{"name": name, "mimeType": "video/mp4", "buffer": content}])


def film(path, **how) -> bytes:
    save_film(path, moving_square(12), **how)
    return path.read_bytes()


def test_a_film_is_seen_before_and_in_colour_and_downloaded(visit, tmp_path):
    give(visit, "my film.mp4", film(tmp_path / "a.mp4", tone=True))
    visit.page.get_by_text("my film.mp4: in colour").wait_for()
    for video in ("#film-before", "#film-after"):
        loaded = "video => new Promise(done => video.readyState ? done() : video.onloadedmetadata = done)"
        visit.page.locator(video).evaluate(loaded)
        assert visit.page.locator(video).evaluate("video => video.videoWidth") == 64
    sync_api.expect(visit.page.get_by_role("button", name="Add a colour")).to_be_hidden()
    name, content = visit.download("#film-download")
    assert name == "my film-colorized.mp4"
    assert len(content) > 1000 and content[4:8] == b"ftyp"
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.page.get_by_label("vivid").check()
    visit.page.locator("#film-again").click()
    sync_api.expect(visit.page.locator("#film-download")).to_be_enabled()
    assert [address for address in visit.asked if "/film?" in address and "look=vivid" in address]


def test_a_film_that_is_too_long_is_told(visit, tmp_path):
    save_film(tmp_path / "a.mp4", moving_square(2), times_ms=[0, 1000 * (LONGEST + 5)])
    give(visit, "long.mp4", (tmp_path / "a.mp4").read_bytes())
    visit.told().filter(has_text=f"this server takes up to {LONGEST}").wait_for()
    sync_api.expect(visit.page.locator("#film")).to_be_hidden()
    sync_api.expect(visit.page.locator("#start")).to_be_visible()
