"""`colorize` on files of several pictures: every one in colour, at its time, as many as there were."""

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.colorization.cli.colorize_command import colorized, written
from tests.colorization.formula_model import save_formula_model

TIMES = [100, 40, 200, 300, 60]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_formula_model("unet", "model")


def save_several(name: str, format: str, mode: str = "L", **how) -> None:
    pictures = []
    for i in range(len(TIMES)):
        pixels = np.full((40, 48), 90, np.uint8)
        pixels[10:30, 5 + 3 * i : 25 + 3 * i] = 170
        pictures.append(Image.fromarray(pixels).convert(mode))
    pictures[0].save(name, format, save_all=True, append_images=pictures[1:], **how)


@pytest.mark.parametrize(
    ("name", "format", "how"),
    [
        ("a.gif", "GIF", {"duration": TIMES, "loop": 0}),
        ("a.webp", "WEBP", {"duration": TIMES, "loop": 0, "lossless": True}),
        ("a.png", "PNG", {"duration": TIMES, "loop": 0}),
        ("a.tif", "TIFF", {}),
    ],
)
def test_every_picture_comes_out_in_colour_at_its_time(name, format, how):
    save_several(name, format, **how)
    status, console = colorized(name)
    assert status == 0 and any("5 pictures" in line for line in console.said)
    with Image.open(f"out/{name}") as image:
        assert image.format == format and image.n_frames == 5
        for i, (frame, time) in enumerate(zip(ImageSequence.Iterator(image), TIMES, strict=True)):
            rgb = np.asarray(frame.convert("RGB")).astype(int)
            assert rgb[..., 0].mean() - rgb[..., 2].mean() > 20
            assert rgb[20, 15 + 3 * i].mean() > 30 + rgb[35, 15 + 3 * i].mean()
            assert format == "TIFF" or frame.info["duration"] == time


def test_the_first_alone_where_it_is_asked_for():
    save_several("a.gif", "GIF", duration=TIMES)
    status, console = colorized("a.gif", first_frame=True)
    assert status == 0 and written() == ["a.png"]
    assert any("only the first is used" in line for line in console.said)


def test_samples_are_of_one_picture():
    save_several("a.gif", "GIF", duration=TIMES)
    save_formula_model("classification", "model")
    assert colorized("a.gif", samples=1)[0] == 0
    assert written() == ["a-sample1.png", "a.png"]


def test_transparency_is_kept():
    pictures = [Image.new("RGBA", (32, 32), (120, 120, 120, alpha)) for alpha in (255, 0)]
    pictures[0].save("a.webp", save_all=True, append_images=pictures[1:], duration=50, lossless=True)
    assert colorized("a.webp")[0] == 0
    with Image.open("out/a.webp") as image:
        alphas = [np.asarray(frame.convert("RGBA"))[..., 3].mean() for frame in ImageSequence.Iterator(image)]
    assert alphas == [255, 0]


def test_pages_of_several_sizes_are_not_a_film():
    first, second = Image.new("L", (40, 48), 100), Image.new("L", (80, 96), 100)
    first.save("a.tif", save_all=True, append_images=[second])
    status, console = colorized("a.tif")
    assert status == 0 and not any("pictures" in line and "2 " in line for line in console.said)


def test_all_pictures_together_may_not_be_too_large():
    save_several("a.gif", "GIF", duration=TIMES)
    status, console = colorized("a.gif", max_pixels=5 * 40 * 48 - 1)
    assert status == 1 and "9,600 pixels, more than --max-pixels 9,599" in console.warned[0]
