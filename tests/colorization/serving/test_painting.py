"""What one visitor's events come to when they overtake each other, and when something is wrong; without a browser."""

import asyncio
import io
import threading
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from colorization.images.reader import read_picture
from colorization.serving.bounded_work import BoundedWork
from colorization.serving.gate import COOKIE
from colorization.serving.painting import Painting, unchanged
from colorization.serving.service import Colorized, UnfitWishError
from colorization.serving.visits import Visits

ONE, TWO = "1" * 32, "2" * 32
UNCHANGED = str(unchanged())


class SlowService:
    """Colorizes when it is let; remembers what was wished for."""

    def __init__(self):
        self.let, self.begun, self.wishes = threading.Event(), threading.Semaphore(0), []
        self.let.set()

    def model(self, name=""):
        if name == "broken":
            raise UnfitWishError("broken cannot be loaded")
        return SimpleNamespace(conditions={"saturation": 1.0, "hint_ab": None}, looks={})

    def colorize(self, content, name, wish):
        self.wishes.append((name, wish))
        self.begun.release()
        assert self.let.wait(30)
        photograph = read_picture(name, content=content)
        return Colorized(photograph, photograph.rgb)


class Visitor:
    def __init__(self, painting, word=ONE, tab="a"):
        self.painting, self.word = painting, word
        cookies = f'other={{"json": 1}}; a b=c; {COOKIE}={word}'
        self.request = SimpleNamespace(headers={"cookie": cookies}, session_hash=tab)

    def begin(self, name, model="m"):
        file = io.BytesIO()
        Image.new("L", (60, 40), 90).save(file, "PNG")
        path = self.painting.visits.write(self.word, "upload", file.getvalue())
        return self.painting.begin({"path": str(path), "orig_name": name}, model, None, 2.0, 0.5, self.request)

    def again(self, model="m"):
        return self.painting.again(model, 0.4, None, None, self.request)

    def hint(self, x, y):
        return self.painting.hint("m", None, 1.0, 0.0, "#c03020", SimpleNamespace(index=(x, y)), self.request)

    def leave(self):
        return self.painting.leave(self.request)


@pytest.fixture
def service():
    return SlowService()


@pytest.fixture
def painting(service, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "visits"))
    return Painting(service, BoundedWork(at_once=1, waiting=8), Visits(tmp_path / "visits"))


async def begun(service):
    await asyncio.to_thread(service.begun.acquire)


def test_a_picture_that_is_taken_back_is_not_shown_over_the_next_one(painting, service):
    async def visit():
        visitor = Visitor(painting)
        service.let.clear()
        first = asyncio.create_task(visitor.begin("first.png"))
        await begun(service)
        await visitor.leave()
        second = asyncio.create_task(visitor.begin("second.png"))
        await asyncio.sleep(0)
        service.let.set()
        assert str(await first) == UNCHANGED
        _, _, about, download = await second
        assert about.startswith("60 x 40 px")
        assert download.value["path"].endswith("second-colorized.png")
        made = [path for path in painting.visits.folder.rglob("*.png") if "colorized" in path.name]
        assert [path.name for path in made] == ["second-colorized.png"]  # nothing is left of the first

    asyncio.run(visit())


def test_of_hints_given_quickly_none_is_lost_and_only_the_last_picture_is_painted(painting, service):
    async def visit():
        visitor = Visitor(painting)
        await visitor.begin("a.png")
        service.let.clear()
        hints = [asyncio.create_task(visitor.hint(x, 10)) for x in (5, 15, 25)]
        for _ in range(3):
            await asyncio.sleep(0.01)
        service.let.set()
        results = [str(await hint) for hint in hints]
        assert results[:2] == [UNCHANGED, UNCHANGED]
        assert results[2] != UNCHANGED
        assert [(hint.x, hint.y) for hint in service.wishes[-1][1].hints] == [(5, 10), (15, 10), (25, 10)]
        assert len(service.wishes) <= 3  # the picture, perhaps the first hint, the last one
        await painting.undo("m", None, 1.0, 0.0, visitor.request)
        assert len(service.wishes[-1][1].hints) == 2
        await painting.clear_hints("m", None, 1.0, 0.0, visitor.request)
        assert service.wishes[-1][1].hints == ()

    asyncio.run(visit())


def test_a_tab_is_its_visitors_alone(painting, service):
    async def visit():
        await Visitor(painting).begin("a.png")
        assert str(await Visitor(painting, TWO).again()) == UNCHANGED  # who has learnt the tab's name
        assert str(await Visitor(painting, tab="b").again()) == UNCHANGED
        assert str(await Visitor(painting).again()) != UNCHANGED

    asyncio.run(visit())


def test_controls_that_the_model_has_not_or_that_are_empty_say_nothing(painting, service):
    async def visit():
        await Visitor(painting).begin("a.png")
        await Visitor(painting).again()

    asyncio.run(visit())
    assert [(wish.temperature, wish.saturation) for _, wish in service.wishes] == [(None, 2.0), (None, None)]


def test_names_longer_than_a_file_system_takes_are_cut(painting):
    async def visit():
        _, _, _, download = await Visitor(painting).begin("写" * 120 + ".png")
        assert download.value["path"].endswith("写-colorized.png")

    asyncio.run(visit())


def test_a_model_that_cannot_be_loaded_and_a_full_disk_are_told(painting, monkeypatch):
    async def visit():
        visitor = Visitor(painting)
        await visitor.begin("a.png")
        with pytest.raises(gr.Error, match="broken cannot be loaded"):
            await visitor.again("broken")

        def full(*args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(painting.visits, "write", full)
        with pytest.raises(gr.Error, match="the server has no room for the picture"):
            await visitor.again()

    asyncio.run(visit())


def test_hints_are_in_the_pixels_of_the_picture(painting, service):
    async def visit():
        visitor = Visitor(painting)
        await visitor.begin("a.png")
        result = await visitor.hint(59, 0)
        marked = np.asarray(Image.open(result[0]))
        assert np.abs(marked[0, 59].astype(int) - (192, 48, 32)).max() < 40  # WebP's loss
        assert np.ptp(marked[39, 0]) < 10

    asyncio.run(visit())
    assert [(hint.x, hint.y, hint.rgb) for hint in service.wishes[-1][1].hints] == [(59, 0, (192, 48, 32))]


def test_of_a_page_that_was_closed_nothing_is_kept_and_who_returns_is_told(painting):
    async def visit():
        visitor = Visitor(painting)
        await visitor.begin("a.png")
        other = Visitor(painting, TWO)
        await other.begin("b.png")
        await painting.close(visitor.request)
        assert not [path for path in painting.visits.folder.rglob("*") if painting.visits.owns(ONE, path)]
        with pytest.raises(gr.Error, match="the picture is not kept any longer; give it once more"):
            await visitor.again()
        assert str(await other.again()) != UNCHANGED

    asyncio.run(visit())
