"""The command `colorize` in this process, on small grey files, with a console that remembers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from colorization.cli import colorize
from colorization.config import ColorizeOptions
from colorization.inference.model import ModelCard
from tests.colorization.cli.notebook import Notebook
from tests.colorization.formula_model import WARM


def warm(L: np.ndarray) -> dict[str, np.ndarray]:
    assert L.ndim == 4 and len(L) == 1
    return {"ab": np.float32(WARM) * np.ones_like(L)}


@dataclass
class StandIn:
    """A model that can be asked for nothing but colours."""

    predict: Callable = warm
    path: Path = Path("model")
    card: ModelCard = ModelCard.from_json({"input_size": 64})


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
