"""What the page does with one visitor's picture: colorize it again as the controls are moved and places are clicked."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from dataclasses import dataclass
from pathlib import PurePath

import gradio as gr
import numpy as np

from colorization.errors import InputError
from colorization.hints import USUAL_SHARE, Hint
from colorization.pictures import encode_picture
from colorization.printable import printable
from colorization.resize import shrink
from colorization.serving.bounded_work import BoundedWork
from colorization.serving.gate import visitor_of
from colorization.serving.service import Colorized, Service, Wish, printed_name
from colorization.serving.visits import Visits

PREVIEW_PX = 800  # shorter side of what the page shows; the download is in full size


@dataclass(frozen=True)
class Visit:
    """The picture that a visitor works on: its file, what the visitor calls it, its size, and the hints so far.

    size, preview_size: height and width, px, of the picture and of what the page shows of it. made, before: the files
    that the page shows now, and those of the time before, which it may still be fetching.
    """

    file: str
    name: str
    size: tuple[int, int] = (0, 0)
    preview_size: tuple[int, int] = (0, 0)
    hints: tuple[Hint, ...] = ()
    made: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


class Painting:
    """What the page's events call. Each gives what is then shown: visit, picture, (before, after), a line, download."""

    def __init__(self, service: Service, work: BoundedWork, visits: Visits):
        self.service, self.work, self.visits = service, work, visits

    async def begin(self, upload: dict | None, model, temperature, saturation, request: gr.Request):
        """A picture was dropped, pasted or chosen. upload: as Gradio describes a file."""
        upload = upload or {"path": "", "orig_name": ""}  # the picture was taken back before its event came
        visit = Visit(upload["path"], printable(printed_name(upload["orig_name"] or "")))
        try:
            return await self._paint(visit, model, temperature, saturation, request)
        except gr.Error as error:  # the page must not go on showing what cannot be colorized
            gr.Warning(error.message, title="Not colorized")
            return nothing(error.message)

    async def again(self, visit: Visit | None, model, temperature, saturation, request: gr.Request):
        """A control was moved."""
        return await self._paint(visit, model, temperature, saturation, request)

    async def hint(self, visit, model, temperature, saturation, colour, place: gr.SelectData, request: gr.Request):
        """A place of the picture was clicked."""
        if visit is None or "hint_ab" not in self.service.model(model).conditions:
            return [gr.skip()] * 5
        y, x = (
            min(int((at + 0.5) * side / shown), side - 1)
            for at, side, shown in zip(reversed(place.index), visit.size, visit.preview_size, strict=True)
        )
        visit = dataclasses.replace(visit, hints=(*visit.hints, Hint(x, y, rgb_of(colour))))
        return await self._paint(visit, model, temperature, saturation, request)

    async def undo(self, visit: Visit | None, model, temperature, saturation, request: gr.Request):
        """The last place is taken back."""
        visit = visit and dataclasses.replace(visit, hints=visit.hints[:-1])
        return await self._paint(visit, model, temperature, saturation, request)

    async def clear_hints(self, visit: Visit | None, model, temperature, saturation, request: gr.Request):
        visit = visit and dataclasses.replace(visit, hints=())
        return await self._paint(visit, model, temperature, saturation, request)

    async def _paint(self, visit: Visit | None, model, temperature, saturation, request):
        if visit is None:
            return [gr.skip()] * 5
        visitor = visitor_of(request.headers.get("cookie", ""))
        wish = self._wish(visit, model, temperature, saturation)
        with _told_on_the_page():
            return await self.work.run(self._painted, visitor, visit, wish)

    def _wish(self, visit: Visit, model: str, temperature, saturation) -> Wish:
        """What the controls say; of those that the model has not, nothing."""
        conditions = self.service.model(model).conditions
        numbers = {"temperature": temperature, "saturation": saturation}
        return Wish(
            model=model,
            hints=visit.hints if "hint_ab" in conditions else (),
            **{name: float(value) for name, value in numbers.items() if name in conditions},
        )

    def _painted(self, visitor: str, visit: Visit, wish: Wish) -> list:
        try:
            content = self.visits.read(visitor, visit.file)
        except FileNotFoundError as error:
            minutes = self.visits.keep_seconds / 60
            raise InputError(f"the picture was deleted after {minutes:.0f} minutes; give it once more") from error
        result = self.service.colorize(content, visit.name, wish)
        self.visits.drop(visitor, visit.before)
        return self._shown(visitor, visit, result)

    def _shown(self, visitor: str, visit: Visit, result: Colorized) -> list:
        before, after = (_preview(rgb) for rgb in (result.photograph.rgb, result.rgb))
        visit = dataclasses.replace(visit, size=result.rgb.shape[:2], preview_size=before.shape[:2])
        alpha = None if result.photograph.alpha is None else _preview(result.photograph.alpha[..., None])[..., 0]

        previews = [encode_picture(rgb, alpha, "WEBP") for rgb in (_with_marks(before, visit), before, after)]
        files = [("preview.webp", preview) for preview in previews]
        files.append((_download_name(visit.name, result.ending), result.encoded()))
        made = tuple(str(self.visits.write(visitor, *file)) for file in files)
        marked, before, after, download = made
        return [
            dataclasses.replace(visit, made=made, before=visit.made),
            marked,
            (before, after),
            _about(result),
            gr.DownloadButton(value=download, interactive=True),
        ]


def nothing(message: str = "") -> list:
    """What is shown while there is no picture."""
    return [None, None, None, message, gr.DownloadButton(value=None, interactive=False)]


def rgb_of(colour: str) -> tuple[int, int, int]:
    """ "#c03020", or "rgba(192.4, 48, 32, 1)" as Gradio's colour picker gives it, as sRGB 0..255."""
    if match := re.fullmatch(r"#([0-9a-fA-F]{6})", colour or ""):
        return tuple(bytes.fromhex(match[1]))
    numbers = re.findall(r"\d+(?:\.\d+)?", colour or "")
    if len(numbers) < 3:
        raise gr.Error(f"{colour} is no colour; choose one", print_exception=False)
    return tuple(min(round(float(number)), 255) for number in numbers[:3])


@contextlib.contextmanager
def _told_on_the_page():
    try:
        yield
    except InputError as error:
        raise gr.Error(printable(str(error)), print_exception=False) from error


def _preview(pixels: np.ndarray) -> np.ndarray:
    return shrink(pixels, PREVIEW_PX).numpy()


def _with_marks(preview: np.ndarray, visit: Visit) -> np.ndarray:
    """A square of its colour at the place of each hint, with a white rim, somewhat larger than the hint is."""
    marked = preview.copy()
    half = max(round(1.5 * USUAL_SHARE * min(preview.shape[:2])), 3)
    for hint in visit.hints:
        y, x = (
            at * shown // side for at, side, shown in zip((hint.y, hint.x), visit.size, visit.preview_size, strict=True)
        )
        marked[max(y - half - 2, 0) : y + half + 3, max(x - half - 2, 0) : x + half + 3] = 255
        marked[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1] = hint.rgb
    return marked


def _about(result: Colorized) -> str:
    height, width = result.rgb.shape[:2]
    notes = "; ".join(result.notes)
    return f"{width:,} x {height:,} px, {result.format}" + (f". Note: {notes}" if notes else "")


def _download_name(name: str, ending: str) -> str:
    return f"{PurePath(name).stem or 'picture'}-colorized{ending}"
