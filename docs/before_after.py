"""Make README's picture: photographs of scikit-image in grey, and in the colours of the bundled model.

python docs/before_after.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
from PIL import Image  # noqa: E402

import colorization  # noqa: E402
from colorization.color.tables import join, lightness  # noqa: E402
from colorization.images.resize import shrink  # noqa: E402

PICTURE = Path(__file__).parent / "pictures" / "before_after.jpg"
NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")
HEIGHT, GAP = 240, 6  # px; none of them is higher than wide
QUALITY = 88


def main() -> None:
    colorize = colorization.load()
    columns = []
    for name in NAMES:
        picture = np.asarray(getattr(skimage.data, name)())
        L = lightness(picture.reshape(*picture.shape[:2], -1))
        grey = join(L, np.zeros((*L.shape[:2], 2), np.float32))
        before, after = (shrink(each, HEIGHT) for each in (grey, colorize(grey)))
        gap = np.full((GAP, before.shape[1], 3), 255, np.uint8)
        columns += [np.concatenate([before, gap, after]), np.full((2 * HEIGHT + GAP, GAP, 3), 255, np.uint8)]
    Image.fromarray(np.concatenate(columns[:-1], axis=1)).save(PICTURE, quality=QUALITY)


if __name__ == "__main__":
    main()
