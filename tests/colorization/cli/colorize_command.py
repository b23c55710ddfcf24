"""The command `colorize` in this process, on small grey files, with a console that remembers."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from colorization.cli import colorize
from colorization.config import ColorizeOptions
from tests.colorization.cli.notebook import Notebook


def colorized(*words: str, **options) -> tuple[int, Notebook]:
    console, options = Notebook(), ColorizeOptions(pictures=words, model="model", output="out", **options)
    return colorize.run(SimpleNamespace(options=options), console), console


def grey(name: str, **how) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (48, 40), 200).save(name, **how)


def written(folder: str = "out") -> list[str]:
    """The names of the pictures in a folder; hidden files are none."""
    return sorted(path.name for path in Path(folder).iterdir() if not path.name.startswith("."))


def read(name: str) -> np.ndarray:
    with Image.open(name) as image:
        return np.array(image)


def picture(name: str, format: str = "JPEG", mode: str = "RGB") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (16, 16)).save(name, format)
