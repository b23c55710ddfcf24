"""One picture's bytes -> the same picture in colour, by one of several models that are loaded when first asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.errors import InputError
from colorization.images.opening import TooLargeError
from colorization.images.reader import Photograph, read_picture
from colorization.images.writer import encode_picture, output_format
from colorization.inference.colorize import Colorizer, load_colorizer
from colorization.inference.hints import Hint
from colorization.inference.input_checks import notes_on_colour
from colorization.inference.presets import asked_conditions

NAME_LENGTH = 100  # longest name of a picture in a message


class UnfitWishError(InputError):
    """A visitor asks for what the model, or this picture, cannot take."""


class TooMuchError(InputError):
    """A picture is larger than this server takes."""


class BrokenModelError(InputError):
    """What was given to --model cannot be loaded: no visitor's fault."""


@dataclass(frozen=True)
class Wish:
    """What is asked for beside the picture; what is left out is the first model's, and the model's own."""

    model: str = ""
    look: str = ""
    temperature: float | None = None
    saturation: float | None = None
    vibrance: float | None = None
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Colorized:
    """A picture in colour beside what it was: rgb is uint8 (H, W, 3), the photograph's size."""

    photograph: Photograph
    rgb: np.ndarray

    @property
    def format(self) -> str:
        """Of the file that `encoded` gives: the photograph's own if that can hold it, else PNG."""
        return output_format(self.photograph)[0]

    @property
    def ending(self) -> str:
        """Of that file's name, with its dot."""
        return output_format(self.photograph)[1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a visitor should know of how the picture was read, and of colours that it has already."""
        return (*self.photograph.notes, *notes_on_colour(self.photograph.rgb))

    def encoded(self) -> bytes:
        """The file's bytes; its transparency is kept."""
        try:
            metadata = self.photograph.metadata.marked()
            return encode_picture(self.rgb, self.photograph.alpha, self.format, metadata)
        except OSError as error:  # WebP, for one, ends at 16,383 px
            raise InputError(f"the picture in colour cannot be written as {self.format} ({error})") from error


class Service:
    """The models by name, the first one for who names none, and the limit on a picture's size."""

    def __init__(self, models: Mapping[str, Path], max_pixels: int):
        self.names, self.max_pixels = list(models), max_pixels
        self._paths, self._loaded = dict(models), {}
        self._locks = {name: threading.Lock() for name in models}  # one each: who waits for one need not for others

    def model(self, name: str = "") -> Colorizer:
        """The model of this name, loaded on the first call.

        Raises:
            UnfitWishError: there is none of this name. BrokenModelError: it cannot be loaded.
        """
        name = name or self.names[0]
        if name not in self._paths:
            raise UnfitWishError(f"unknown model {name!r}; known: {', '.join(self.names)}")
        if name in self._loaded:
            return self._loaded[name]
        with self._locks[name]:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

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

    def read(self, content: bytes, name: str) -> Photograph:
        """Raises InputError as pictures.read_picture does, TooMuchError for too many pixels."""
        try:
            return read_picture(name, self.max_pixels, content)
        except TooLargeError as error:
            raise TooMuchError(f"{name}: too large, {error.what}; this server takes up to {error.limit:,}") from error
        except MemoryError as error:
            raise _too_large_for_memory(name) from error

    def colorize(self, content: bytes, name: str, wish: Wish) -> Colorized:
        """The picture whose file has these bytes, in colour.

        Args:
            content: the file. name: what the visitor calls it; said in errors, and nothing else is done with it.

        Raises:
            InputError: it is no picture, or broken. TooMuchError: it has too many pixels, or does not fit into memory.
            UnfitWishError: there is no such model, or it does not take what is wished for.
        """
        model, name = self.model(wish.model), printed_name(name)
        photograph = self.read(content, name)
        try:
            conditions = asked_conditions(wish, model.presets, model.path)
            model.check_conditions([*conditions, *(["hint_ab"] if wish.hints else [])])
            return Colorized(photograph, model(photograph.rgb, hints=wish.hints, **conditions))
        except InputError as error:
            raise UnfitWishError(_for_visitors(error, model.path, wish.model or self.names[0])) from error
        except MemoryError as error:
            raise _too_large_for_memory(name) from error


def _too_large_for_memory(name: str) -> TooMuchError:
    return TooMuchError(f"{name}: too large for the memory of this server")


def printed_name(name: str) -> str:
    """The last part of what a visitor calls a file, not longer than a line can take; "picture" if there is nothing."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1].strip()
    return last[-NAME_LENGTH:] or "picture"


def _for_visitors(error: InputError, path: Path, name: str) -> str:
    """A message for who has no command line, and must not see where the model lies: "--saturation" is "saturation"."""
    return without_dashes(str(error).replace(str(path), name))


def without_dashes(message: str) -> str:
    """The command line's message for who has none: "--hint" is "hint"."""
    return re.sub(r"--(?=[a-z])", "", message)
