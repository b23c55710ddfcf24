"""The models that come with the program still answer as they did when they were put there."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage import color, data
from skimage.transform import resize

from colorization.evaluation.metrics import colourfulness
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import load_colorizer
from colorization.inference.presets import in_words
from tests.end_to_end.processes import run, run_here

MOST_BYTES = {"photo": 20_000_000, "photo-open": 20_000_000, "cifar10": 5_000_000}
# mean ab of a 2 x 3 grid of cells of scikit-image's cat in grey, Lab units, in the default look; within TOLERANCE,
# because processors round differently
TOLERANCE = 0.5
PHOTO = [[[6.03, 13.5], [10.28, 14.85], [-5.04, 20.6]], [[3.34, 10.24], [5.76, 8.28], [-9.23, 19.25]]]
PHOTO_OPEN = [[[9.47, 14.75], [15.2, 18.82], [4.28, 16.0]], [[9.25, 16.19], [9.84, 11.26], [-1.19, 15.28]]]
CIFAR10 = [[[0.76, 17.28], [3.15, 17.78], [2.0, 20.14]], [[3.04, 17.85], [3.98, 17.44], [2.78, 17.95]]]


def cells(rgb):
    """Mean a and b of 2 x 3 cells of uint8 (H, W, 3), as scikit-image sees them."""
    lab = color.rgb2lab(rgb)[..., 1:]
    height, width = lab.shape[0] // 2, lab.shape[1] // 3
    return lab[: 2 * height, : 3 * width].reshape(2, height, 3, width, 2).mean(axis=(1, 3)).round(2).tolist()


@pytest.fixture(scope="module", params=list(MOST_BYTES))
def name(request):
    return request.param


def test_it_is_as_small_as_was_said_and_says_what_it_is(name):
    folder = bundled_model(name)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= MOST_BYTES[name]
    card = json.loads((folder / "model.json").read_text())
    assert list(card["presets"]) == ["natural", "vivid", "cautious"]  # the first is what it does unasked
    page = (folder / "README.md").read_text()
    for look, numbers in card["presets"].items():
        assert in_words(look, numbers) in page


@pytest.mark.parametrize(("name", "expected"), [("photo", PHOTO), ("photo-open", PHOTO_OPEN)])
def test_photographs_are_painted_as_they_were(name, expected):
    cat = np.uint8(np.round(255 * color.rgb2gray(data.chelsea())))
    painted = load_colorizer(bundled_model(name))(cat)
    np.testing.assert_allclose(cells(painted), expected, atol=TOLERANCE)


def test_cifar10_paints_as_it_did():
    cat = np.uint8(np.round(255 * resize(color.rgb2gray(data.chelsea())[:300, 75:375], (32, 32), anti_aliasing=True)))
    np.testing.assert_allclose(cells(load_colorizer(bundled_model("cifar10"))(cat)), CIFAR10, atol=TOLERANCE)


def test_colorize_with_no_other_word_gives_a_colourful_picture(tmp_path):
    Image.fromarray(data.chelsea()).convert("L").save(tmp_path / "cat.png")
    out, _ = run("colorize", "cat.png", folder=tmp_path)
    assert out.startswith("1 colorized, 0 failed")
    with Image.open(tmp_path / "colorized/cat.png") as image:
        painted = np.array(image)
    assert painted.shape == (300, 451, 3)
    assert colourfulness(painted) > 15


@pytest.mark.slow
def test_it_is_what_training_can_go_on_from(name, tmp_path):
    words = ["train", "--init", name, "--learning-rate", "1e-5", "--dry-run"]
    words += [] if name == "cifar10" else ["--perceptual-weight", "0"]  # its eye is a package that may be absent
    out, _ = run_here(*words, folder=tmp_path)
    assert "dry run: nothing was trained" in out
