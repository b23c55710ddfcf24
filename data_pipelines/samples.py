"""The colour photographs that scikit-image's wheel carries: enough to see that the way works, without a network.

The files are read from the wheel directly: the functions of skimage.data download what they do not find.
Left out are the wheel's grey pictures, drawings, and what is no everyday scene (retina, stained tissue, deep field).
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np

from colorization.config import SamplesConfig
from colorization.errors import InputError
from colorization.images.reader import read_picture
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split

# Both views of the motorcycle show one scene, so they stay on one side of the split.
TRAINING = ("astronaut.png", "coffee.png", "motorcycle_left.png", "motorcycle_right.png", "rocket.jpg")
VALIDATION = ("chelsea.png",)
VALIDATION_PATCHES = 24  # fixed, so that a figure on the validation scene means the same whatever --patches is


def prepare(options: SamplesConfig, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Read whole photographs, 300 x 451 to 512 x 512 px, to be cut into patches of `options.size`.

    `cache_dir` stays unused. Raises InputError if the patches would be larger than the smallest photograph.
    """
    return Pictures(
        train=_split(TRAINING, options.patches, options.size),
        validation=_split(VALIDATION, VALIDATION_PATCHES, options.size),
        description=f"samples: {len(TRAINING)} photographs of scikit-image's wheel, validation on {VALIDATION[0]}; "
        "shows that the pipeline runs, not what quality it reaches",
    )


def _split(names: tuple[str, ...], patches: int, size: int) -> Split:
    rows = [_read(name) for name in names]
    side = min(min(row.shape[:2]) for row in rows)
    if size > side:
        raise InputError(
            f"--size {size} does not fit the samples, whose smallest side is {side} px; give a smaller one"
        )
    return Split(rows=rows, names=names, patches=patches)


def _read(name: str) -> np.ndarray:
    path = Path(str(files("skimage") / "data" / name))
    if not path.is_file():
        raise InputError(f"scikit-image {version('scikit-image')} carries no {name}; install requirements.txt")
    return read_picture(path).rgb
