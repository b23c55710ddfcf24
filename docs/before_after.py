"""Makes README's picture: photographs of scikit-image in grey, and in the colours of the model that comes with us.

python docs/before_after.py
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
from PIL import Image  # noqa: E402

import colorization  # noqa: E402
from colorization.inference import join, lightness  # noqa: E402

PICTURE = Path(__file__).parent / "pictures" / "before_after.jpg"
NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")
HEIGHT, GAP = 240, 6  # px
QUALITY = 88


def main() -> None:
    colorize = colorization.load()
    columns = []
    for name in NAMES:
        picture = np.asarray(getattr(skimage.data, name)())
        L = lightness(picture.reshape(1, *picture.shape[:2], -1))
        grey = join(L, np.zeros((*L.shape[:3], 2), np.float32)).numpy()[0]
        columns.append([_small(grey), _small(colorize(grey))])
    width = sum(before.width + GAP for before, _ in columns) - GAP
    whole, x = Image.new("RGB", (width, 2 * HEIGHT + GAP), "white"), 0
    for before, after in columns:
        whole.paste(before, (x, 0))
        whole.paste(after, (x, HEIGHT + GAP))
        x += before.width + GAP
    whole.save(PICTURE, quality=QUALITY)


def _small(picture: np.ndarray) -> Image.Image:
    height, width = picture.shape[:2]
    return Image.fromarray(picture).resize((round(width * HEIGHT / height), HEIGHT), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
