"""What the page does with one visitor's picture: colorize it again as the controls are moved and places are clicked."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import gradio as gr
import numpy as np

from colorization.errors import InputError, one_line
from colorization.images.resize import shrink
from colorization.images.writer import encode_picture
from colorization.inference.hints import USUAL_SHARE, Hint
from colorization.inference.presets import NUMBERS
from colorization.serving.bounded_work import BoundedWork
from colorization.serving.gate import visitor_of
from colorization.serving.service import Colorized, Service, Wish, printed_name
from colorization.serving.visits import Visits

NAME_BYTES = 150  # of a name; Gradio cuts it at 200, whatever its end says
PREVIEW_PX = 800  # shorter side of what the page shows; the download is in full size


@dataclass
class Tab:
    """The picture that a visitor works on in one tab of the browser: its file, what the visitor calls it, the hints.

    size, preview_size: height and width, px, of the picture and of what the page shows of it; nothing until it is
    shown. made, before: the files that the page shows now, and those of the time before, which it may still be
    fetching. number: of the newest event; what an older one comes to is not shown any more.
    """

    file: str
    name: str
    hints: tuple[Hint, ...] = ()
    size: tuple[int, int] | None = None
    preview_size: tuple[int, int] | None = None
    made: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    number: int = 0


@dataclass(frozen=True)
class Painted:
    """What a picture came to: its files (picture with marks, before, after, download), its sizes as in Tab, a line."""

    files: tuple[str, ...]
    size: tuple[int, int]
    preview_size: tuple[int, int]
    about: str


class Painting:
    """What the page's events call. Each gives what is then shown: picture, (before, after), a line, download.

    The tabs are kept here and not in the page's state, which an event would get as it was when the event was sent: of
    two hints given quickly the first one would be lost.
    """

    def __init__(self, service: Service, work: BoundedWork, visits: Visits):
        self.service, self.work, self.visits = service, work, visits
        self._tabs: dict[tuple[str, str], Tab] = {}  # by the visitor's word and Gradio's of the tab

    async def begin(self, upload: dict | None, model, temperature, saturation, vibrance, request: gr.Request):
        """A picture was dropped, pasted or chosen. upload: as Gradio describes a file."""
        if not upload:  # the picture was taken back before its event came
            return nothing()
        tab = Tab(upload["path"], one_line(printed_name(upload["orig_name"] or "")))
        self._tabs = {key: each for key, each in self._tabs.items() if self.visits.owns(key[0], each.file)}
        self._tabs[_key(request)] = tab
        try:
            return await self._paint(request, model, temperature, saturation, vibrance)
        except gr.Error as error:  # the page must not go on showing what cannot be colorized
            if self._tabs.get(_key(request)) is not tab:
                return unchanged()
            gr.Warning(error.message, title="Not colorized")
            return nothing(error.message)

    async def leave(self, request: gr.Request):
        """The picture was taken back."""
        self._tabs.pop(_key(request), None)
        return nothing()

    async def close(self, request: gr.Request) -> None:
        """The page was closed, or its machine went to sleep: nothing of the visit is kept. Who returns is told so."""
        visitor, _ = key = _key(request)
        if tab := self._tabs.get(key):
            tab.number += 1  # what is being painted is for nobody
            self.visits.drop(visitor, (tab.file, *tab.made, *tab.before))

    async def again(self, model, temperature, saturation, vibrance, request: gr.Request):
        """A control was moved."""
        return await self._paint(request, model, temperature, saturation, vibrance)

    async def hint(self, model, temperature, saturation, vibrance, colour, place: gr.SelectData, request: gr.Request):
        """A place of the picture was clicked."""
        tab = self._tabs.get(_key(request))
        if tab is None or not tab.size or not await self._takes_hints(model):
            return unchanged()
        y, x = (
            min(int((at + 0.5) * side / shown), side - 1)
            for at, side, shown in zip(reversed(place.index), tab.size, tab.preview_size, strict=True)
        )
        tab.hints = (*tab.hints, Hint(x, y, rgb_of(colour)))
        return await self._paint(request, model, temperature, saturation, vibrance)

    async def undo(self, model, temperature, saturation, vibrance, request: gr.Request):
        """The last place is taken back."""
        return await self._with_hints(-1, request, model, temperature, saturation, vibrance)

    async def clear_hints(self, model, temperature, saturation, vibrance, request: gr.Request):
        return await self._with_hints(0, request, model, temperature, saturation, vibrance)

    async def _with_hints(self, end: int, request: gr.Request, *asked):
        if tab := self._tabs.get(_key(request)):
            tab.hints = tab.hints[:end]
        return await self._paint(request, *asked)

    async def _takes_hints(self, model: str) -> bool:
        with told_on_the_page():
            return "hint_ab" in (await asyncio.to_thread(self.service.model, model)).conditions

    async def _paint(self, request: gr.Request, model, *numbers):
        key = _key(request)
        if (tab := self._tabs.get(key)) is None:
            return unchanged()
        tab.number += 1
        number, visitor = tab.number, key[0]

        def newest() -> bool:
            return self._tabs.get(key) is tab and tab.number == number

        wish = Wish(model=model, hints=tab.hints, **dict(zip(NUMBERS, numbers, strict=True)))
        with told_on_the_page():
            painted = await self.work.run(self._painted, visitor, tab, wish, newest)
        if painted is None or not newest():
            self.visits.drop(visitor, painted.files if painted else ())
            return unchanged()
        self.visits.drop(visitor, tab.before)
        tab.before, tab.made = tab.made, painted.files
        tab.size, tab.preview_size = painted.size, painted.preview_size
        marked, before, after, download = painted.files
        return [marked, (before, after), painted.about, gr.DownloadButton(value=download, interactive=True)]

    def _painted(self, visitor: str, tab: Tab, wish: Wish, newest: Callable[[], bool]) -> Painted | None:
        """None if there was something newer to do before this one's turn came."""
        if not newest():
            return None
        try:
            content = self.visits.read(visitor, tab.file)
        except FileNotFoundError as error:
            raise InputError("the picture is not kept any longer; give it once more") from error
        result = self.service.colorize(content, tab.name, self._what_the_model_has(wish))
        try:
            return self._written(visitor, tab.name, wish.hints, result)
        except OSError as error:
            raise InputError(f"the server has no room for the picture ({error.strerror or error})") from error

    def _what_the_model_has(self, wish: Wish) -> Wish:
        """What the controls say; of those that the model has not, nothing."""
        conditions = self.service.model(wish.model).conditions
        has_not = {name: None for name in NUMBERS if name not in conditions}
        return dataclasses.replace(wish, hints=wish.hints if "hint_ab" in conditions else (), **has_not)

    def _written(self, visitor: str, name: str, hints: tuple[Hint, ...], result: Colorized) -> Painted:
        before, after = (_preview(rgb) for rgb in (result.photograph.rgb, result.rgb))
        alpha = None if result.photograph.alpha is None else _preview(result.photograph.alpha[..., None])[..., 0]
        size, shown = result.rgb.shape[:2], before.shape[:2]
        previews = [encode_picture(rgb, alpha, "WEBP") for rgb in (_with_marks(before, hints, size), before, after)]
        files = [("preview.webp", preview) for preview in previews]
        files.append((_download_name(name, result.ending), result.encoded()))
        return Painted(tuple(str(self.visits.write(visitor, *file)) for file in files), size, shown, _about(result))


def _key(request: gr.Request) -> tuple[str, str]:
    return visitor_of(request.headers.get("cookie", "")), request.session_hash or ""


def unchanged() -> list:
    """The page stays as it is."""
    return [gr.skip()] * 4


def nothing(message: str = "") -> list:
    """What is shown while there is no picture."""
    return [None, None, message, gr.DownloadButton(value=None, interactive=False)]


def rgb_of(colour: str) -> tuple[int, int, int]:
    """ "#c03020", or "rgba(192.4, 48, 32, 1)" as Gradio's colour picker gives it, as sRGB 0..255."""
    if match := re.fullmatch(r"#([0-9a-fA-F]{6})", colour or ""):
        return tuple(bytes.fromhex(match[1]))
    numbers = re.findall(r"\d+(?:\.\d+)?", colour or "")
    if len(numbers) < 3:
        raise gr.Error(f"{colour} is no colour; choose one", print_exception=False)
    return tuple(min(round(float(number)), 255) for number in numbers[:3])


@contextlib.contextmanager
def told_on_the_page():
    """What is wrong with a wish, or a picture, is said to who made it."""
    try:
        yield
    except InputError as error:
        raise gr.Error(one_line(str(error)), print_exception=False) from error


def _preview(pixels: np.ndarray) -> np.ndarray:
    return shrink(pixels, PREVIEW_PX)


def _with_marks(preview: np.ndarray, hints: tuple[Hint, ...], size: tuple[int, int]) -> np.ndarray:
    """A square of its colour at the place of each hint, with a white rim, somewhat larger than the hint is.

    size: height and width, px, of the picture that hints are in the pixels of.
    """
    marked = preview.copy()
    half = max(round(1.5 * USUAL_SHARE * min(preview.shape[:2])), 3)
    for hint in hints:
        y, x = (at * shown // side for at, side, shown in zip((hint.y, hint.x), size, preview.shape[:2], strict=True))
        marked[max(y - half - 2, 0) : y + half + 3, max(x - half - 2, 0) : x + half + 3] = 255
        marked[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1] = hint.rgb
    return marked


def _about(result: Colorized) -> str:
    height, width = result.rgb.shape[:2]
    notes = "; ".join(result.notes)
    return f"{width:,} x {height:,} px, {result.format}" + (f". Note: {notes}" if notes else "")


def _download_name(name: str, ending: str) -> str:
    """As the visitor calls it, cut to what a file system takes, which counts bytes."""
    stem = PurePath(name).stem.encode()[:NAME_BYTES].decode(errors="ignore")
    return f"{stem or 'picture'}-colorized{ending}"
