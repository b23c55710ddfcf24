"""Draw docs/pictures/guided.jpg: a photograph in grey, as the bundled model colours it, and after three clicks.

python docs/guided_picture.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import skimage.data  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

import colorization  # noqa: E402
from colorization.inference.hints import Hint  # noqa: E402

PAGE = Path(__file__).parent / "pictures/guided.jpg"
SIDE, GAP = 360, 6  # px
CLICKS = (  # on skimage.data.astronaut()
    Hint(0.40, 0.80, (208, 104, 32), in_shares=True),  # the suit
    Hint(0.36, 0.26, (226, 172, 148), in_shares=True),  # the skin
    Hint(0.65, 0.30, (120, 150, 190), in_shares=True),  # the cloth behind her
)


def main() -> None:
    colorize = colorization.load()
    picture = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L").resize((SIDE, SIDE)))
    guided = Image.fromarray(colorize(picture, hints=CLICKS))
    draw = ImageDraw.Draw(guided)
    for click in CLICKS:
        x, y = click.x * SIDE, click.y * SIDE
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill=click.rgb, outline="white", width=2)
    three = [Image.fromarray(picture).convert("RGB"), Image.fromarray(colorize(picture)), guided]
    page = Image.new("RGB", (3 * SIDE + 2 * GAP, SIDE), "white")
    for i, each in enumerate(three):
        page.paste(each, (i * (SIDE + GAP), 0))
    page.save(PAGE, quality=88)


if __name__ == "__main__":
    main()
