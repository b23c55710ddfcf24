"""One picture's bytes -> the same picture in colour, by one of several models that are loaded when first asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.errors import InputError
from colorization.images.opening import TooLargeError
from colorization.images.reader import Photograph, read_picture
from colorization.images.resize import shrink
from colorization.images.writer import OUTPUTS, encode_picture, output_format
from colorization.inference.colorize import Colorizer, load_colorizer
from colorization.inference.hints import Hint, hint_planes
from colorization.inference.input_checks import notes_on_colour
from colorization.inference.input_size import sheet_sizes
from colorization.inference.likely_colours import likely_colours
from colorization.inference.model import NonFiniteError
from colorization.inference.presets import NUMBERS, asked_conditions
from colorization.inference.reference import reference_shares

NAME_LENGTH = 100  # longest name of a picture in a message
LEAST_INPUT_SIZE, MOST_INPUT_SIZE = 16, 1024  # px that may be asked for


@dataclass(frozen=True)
class Upload:
    """A file that was sent: what its sender calls it, which is said in errors and nothing else, and its bytes."""

    name: str
    content: bytes


class UnfitRequestError(InputError):
    """A visitor asks for what the model, or this picture, cannot take."""


class TooMuchError(InputError):
    """A picture is larger than this server takes."""


class BrokenModelError(InputError):
    """What was given to --model cannot be loaded, or answers with no colours: no visitor's fault."""


@dataclass(frozen=True)
class ColorizationRequest:
    """What is asked for beside the picture; what is left out is the first model's, and the model's own.

    reference: float32 (313,), shares of the colour bins. input_size: px, shorter side that the network sees.
    """

    model: str = ""
    look: str = ""
    temperature: float | None = None
    saturation: float | None = None
    vibrance: float | None = None
    hints: tuple[Hint, ...] = ()
    reference: np.ndarray | None = None
    input_size: int = 0


@dataclass(frozen=True)
class Colorized:
    """A picture in colour beside what it was: rgb is uint8 (H, W, 3), the photograph's size."""

    photograph: Photograph
    rgb: np.ndarray

    @property
    def format(self) -> str:
        """Return the format of `encoded`: the photograph's own if that can hold it, else PNG."""
        return output_format(self.photograph)[0]

    @property
    def ending(self) -> str:
        """Return the ending of that file's name, with its dot."""
        return output_format(self.photograph)[1]

    def encoded(self) -> bytes:
        """Return the file's bytes; its transparency is kept."""
        try:
            metadata = self.photograph.metadata.marked()
            return encode_picture(self.rgb, self.photograph.alpha, self.format, metadata)
        except OSError as error:  # WebP, for one, ends at 16,383 px
            raise InputError(f"the picture in colour cannot be written as {self.format} ({error})") from error


@dataclass(frozen=True)
class Preview:
    """A picture small enough for a screen: its file, that file's ending, and what there is to know of the original."""

    encoded: bytes
    ending: str
    about: dict


class Service:
    """The models by name, the first one for who names none, and the limit on a picture's size."""

    def __init__(self, models: Mapping[str, Path], max_pixels: int):
        self.names, self.max_pixels = list(models), max_pixels
        self._paths, self._loaded = dict(models), {}
        self._locks = {name: threading.Lock() for name in models}  # one each: who waits for one need not for others

    def model(self, name: str = "") -> Colorizer:
        """Return the model of this name, loaded on the first call.

        Raises:
            UnfitRequestError: there is none of this name. BrokenModelError: it cannot be loaded.
        """
        self.check_model(name)
        name = name or self.names[0]
        if name in self._loaded:
            return self._loaded[name]
        with self._locks[name]:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def check_model(self, name: str) -> None:
        """Raise UnfitRequestError if there is no model of this name; "" is the first one."""
        if name and name not in self._paths:
            raise UnfitRequestError(f"unknown model {name!r}; known: {', '.join(self.names)}")

    def warm_up(self) -> None:
        """Load the first model and paint once with it: its first visitor does not wait, and a broken one is told now.

        Raises:
            BrokenModelError: it cannot be loaded.
        """
        model = self.model()
        model(np.zeros((model.input_size, model.input_size), np.uint8))

    def _load(self, name: str) -> Colorizer:
        try:
            return load_colorizer(self._paths[name])
        except InputError as error:
            raise BrokenModelError(_for_visitors(error, self._paths[name], name)) from error

    def described(self, name: str) -> dict:
        """Return what a model takes: its presets, its numbers with their defaults, its input size, and others."""
        model = self.model(name)
        own = model.input_size
        return {
            "name": name,
            "presets": {look: {**model.model.card.numbers, **preset} for look, preset in model.presets.items()},
            "numbers": {number: model.conditions[number] for number in NUMBERS if number in model.conditions},
            "input_size": own,
            "input_sizes": [px for px in sheet_sizes(own) if LEAST_INPUT_SIZE <= px <= MOST_INPUT_SIZE or px == own],
        }

    def read(self, upload: Upload) -> Photograph:
        """Return the photograph; raises InputError as read_picture does, TooMuchError for too many pixels."""
        name = printed_name(upload.name)
        try:
            return read_picture(name, self.max_pixels, upload.content)
        except TooLargeError as error:
            raise TooMuchError(f"{name}: too large, {error.what}; this server takes up to {error.limit:,}") from error
        except MemoryError as error:
            raise _too_large_for_memory(name) from error

    def colorize(self, picture: Upload, asked: ColorizationRequest, reference: Upload | None = None) -> Colorized:
        """Return a picture in colour.

        Raises:
            InputError: it is no picture, or broken. TooMuchError: it has too many pixels, or does not fit into memory.
            UnfitRequestError: there is no such model, or it does not take what is asked for.
            BrokenModelError: it cannot be loaded, or answers with NaN.
        """
        photograph = self.read(picture)
        with self._asked(asked, reference, picture.name) as (model, conditions):
            return Colorized(photograph, model(photograph.rgb, hints=asked.hints, **conditions))

    def colorize_film(self, film: Upload, asked: ColorizationRequest, reference: Upload | None = None) -> bytes:
        """Return a short film in colour, as an MP4; raises what `colorize` raises."""
        try:
            from colorization.serving.short_films import colorized_film, read_short_film
        except ModuleNotFoundError as error:
            raise UnfitRequestError("this server takes no films: PyAV is not installed there") from error
        if asked.hints:
            raise UnfitRequestError("hints are for photographs; leave them out for a film")
        name = printed_name(film.name)
        try:
            opened = read_short_film(name, film.content, self.max_pixels)
        except TooLargeError as error:
            raise TooMuchError(f"{name}: too large, {error.what}; this server takes up to {error.limit:,}") from error
        with self._asked(asked, reference, name) as (model, conditions):
            return colorized_film(opened, model, conditions)

    def likely(self, picture: Upload, asked: ColorizationRequest, place, reference: Upload | None = None) -> list[dict]:
        """Return likely colours, as #rrggbb, with their chances, at the pixel `place` (x, y) of a picture.

        Raises what `colorize` raises, and UnfitRequestError for a place outside the picture.
        """
        photograph = self.read(picture)
        height, width = photograph.rgb.shape[:2]
        if not (place[0] < width and place[1] < height):
            raise UnfitRequestError(f"{place[0]},{place[1]} lies outside the photograph of {width} x {height} px")
        with self._asked(asked, reference, picture.name) as (model, conditions):
            L = model.seen(photograph.rgb)
            if asked.hints and model.takes_hints:
                conditions |= hint_planes(asked.hints, 0, (height, width), L.shape[:2])
            share = ((place[0] + 0.5) / width, (place[1] + 0.5) / height)
            colours = likely_colours(model, L, share, **conditions)
        return [{"colour": "#{:02x}{:02x}{:02x}".format(*rgb), "chance": round(chance, 4)} for rgb, chance in colours]

    def preview(self, picture: Upload, side: int) -> Preview:
        """Return a picture as it is, reduced to `side` px at its longer side; raises what `read` raises."""
        photograph = self.read(picture)
        height, width = photograph.rgb.shape[:2]
        shorter = math.ceil(side * min(height, width) / max(height, width))
        rgb = shrink(photograph.rgb, shorter, max_aspect=None)
        alpha = photograph.alpha
        if alpha is not None:
            alpha = shrink(alpha[..., None], shorter, max_aspect=None)[..., 0]
        format, ending = output_format(photograph)
        colours = notes_on_colour(photograph.rgb)
        about = {"width": width, "height": height, "format": format, "ending": ending, "grey": not colours}
        about["notes"] = [*photograph.notes, *colours]
        kind = "JPEG" if alpha is None else "PNG"
        return Preview(encode_picture(rgb, alpha, kind), OUTPUTS[kind].ending, about)

    @contextlib.contextmanager
    def _asked(self, asked: ColorizationRequest, reference: Upload | None, picture_name: str):
        """Give the model and the conditions that are asked for.

        What the model cannot take is an UnfitRequestError; that it answers with NaN, a BrokenModelError.
        """
        model = self.model(asked.model)
        rgb = None if reference is None else self.read(reference).rgb
        try:
            shares = asked.reference if rgb is None else reference_shares(rgb)
            conditions = asked_conditions(asked, model.presets, model.path)
            conditions |= {} if shares is None else {"reference": shares}
            model.check_conditions(conditions)
            yield dataclasses.replace(model, input_size=asked.input_size or model.input_size), conditions
        except InputError as error:
            kind = BrokenModelError if isinstance(error, NonFiniteError) else UnfitRequestError
            raise kind(_for_visitors(error, model.path, asked.model or self.names[0])) from error
        except MemoryError as error:
            raise _too_large_for_memory(printed_name(picture_name)) from error


def check_names(given, known: tuple[str, ...], what: str, advice: str = "") -> None:
    """Raise UnfitRequestError for an unknown name: a misspelt `tempreature` must not be ignored."""
    for name in given:
        if name not in known:
            raise UnfitRequestError(f"unknown {what} {name!r}; known: {', '.join(known)}{advice}")


def _too_large_for_memory(name: str) -> TooMuchError:
    return TooMuchError(f"{name}: too large for the memory of this server")


def printed_name(name: str) -> str:
    """Return the last part of what a visitor calls a file, short enough for a line; "picture" for nothing."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1].strip()
    return last[-NAME_LENGTH:] or "picture"


def _for_visitors(error: InputError, path: Path, name: str) -> str:
    """A message for who has no command line, and must not see where the model lies: "--saturation" is "saturation"."""
    return without_dashes(str(error).replace(str(path), name))


def without_dashes(message: str) -> str:
    """Return the command line's message for who has none: "--hint" is "hint"."""
    return re.sub(r"--(?=[a-z])", "", message)
