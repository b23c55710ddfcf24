"""What `colorize` may ask of a model: temperature, hints, versions, confidence. With real exported models, which have a
formula where others have a network."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from skimage import color

from colorization.cli.main import main
from colorization.color.bins import BINS, annealed
from colorization.config import UPSAMPLINGS
from colorization.errors import InputError
from colorization.inference.colorize import load_colorizer
from colorization.inference.hints import Hint
from tests.colorization.cli.colorize_command import colorized, grey, read, written
from tests.colorization.formula_model import SURE, SURE_BIN, WARM, save_formula_model


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def exported():
    """Make an exported model of a kind in the folder "model", which then is the one that is loaded."""
    return save_formula_model


def lab(name: str) -> np.ndarray:
    return color.rgb2lab(read(name)[..., :3])


def shades(name: str) -> None:
    """A grey picture, 48 x 40 px, that is neither black nor white."""
    Image.fromarray(np.linspace(60, 200, 40 * 48).astype(np.uint8).reshape(40, 48)).save(name)


def test_samples_and_confidence_are_written_beside_the_picture(exported):
    exported("classification")
    shades("a.png")
    status, console = colorized("a.png", samples=2, confidence=True)
    assert (status, console.warned) == (0, [])
    names = ["a-sample1.png", "a-sample2.png", "a.png", "a.png-confidence.png"]
    assert written() == names
    assert all(read(f"out/{name}").shape == (40, 48, 3) for name in names)
    lightness = color.rgb2lab(np.repeat(read("a.png")[..., None], 3, axis=-1))[..., 0]
    for name in names[:-1]:
        assert np.abs(lab(f"out/{name}")[..., 0] - lightness).mean() <= 0.5
    sure = np.arange(48) < 24
    assert_array_equal(read("out/a.png-confidence.png"), np.where(sure[:, None], 255, 0) * np.ones((40, 1, 3), int))
    one, other = lab("out/a-sample1.png"), lab("out/a-sample2.png")
    assert_array_equal(one[:, sure], other[:, sure])
    assert np.abs(one - other)[:, ~sure, 1:].mean() > 10


def test_samples_are_transparent_where_the_picture_is_and_confidence_is_not(exported):
    exported("classification")
    alpha = np.arange(40 * 48, dtype=np.uint8).reshape(40, 48)
    Image.fromarray(np.dstack([np.full((40, 48), 120, np.uint8), alpha])).save("a.png")
    status, _ = colorized("a.png", samples=1, confidence=True)
    assert status == 0
    assert_array_equal(read("out/a-sample1.png")[..., 3], alpha)
    assert read("out/a.png-confidence.png").shape == (40, 48, 3)


def test_what_is_asked_of_the_colours_is_asked_of_the_versions_too(exported):
    exported("classification")
    shades("a.png")
    sure, strength = np.arange(48) < 20, {}
    for saturation in (0.0, 0.5, 1.0):
        assert colorized("a.png", samples=1, saturation=saturation, overwrite=True)[0] == 0
        strength[saturation] = np.median(lab("out/a-sample1.png")[:, sure, 1:], axis=(0, 1))
    np.testing.assert_allclose(strength[0.0], 0, atol=0.5)
    np.testing.assert_allclose(strength[0.5], strength[1.0] / 2, atol=1.5)
    assert np.abs(strength[1.0]).max() > 10
    colorized("a.png", look="vivid", samples=1, overwrite=True)
    assert np.linalg.norm(np.median(lab("out/a-sample1.png")[:, sure, 1:], axis=(0, 1))) > 1.2 * np.linalg.norm(
        strength[1]
    )
    colorized("a.png", flips=True, confidence=True, overwrite=True)
    assert np.ptp(read("out/a.png-confidence.png")) <= 1  # half as sure on both sides


def test_versions_have_the_depth_of_the_picture(exported):
    exported("classification")
    Image.fromarray(np.linspace(9000, 60000, 40 * 48).astype(np.uint16).reshape(40, 48)).save("a.png")
    assert colorized("a.png", samples=1, depth=16)[0] == 0
    for name in ("a.png", "a-sample1.png"):
        assert Path("out", name).read_bytes()[24] == 16, name  # the bits of a sample, in a PNG's header


def test_versions_at_a_size_that_is_chosen_for_each_picture_are_refused(exported):
    exported("classification")
    shades("a.png")
    with pytest.raises(InputError, match="--input-size auto chooses a size for the picture alone"):
        colorized("a.png", samples=1, input_size="auto")


def test_an_interrupted_picture_is_finished_and_what_exists_is_left_alone(exported):
    exported("classification")
    shades("a.png")
    Path("out").mkdir()
    Path("out/a-sample1.png").write_bytes(b"precious")
    status, _ = colorized("a.png", samples=2)
    assert status == 0
    assert Path("out/a-sample1.png").read_bytes() == b"precious"
    assert read("out/a-sample2.png").shape == read("out/a.png").shape == (40, 48, 3)
    status, console = colorized("a.png", samples=2)
    assert status == 0
    assert "1 skipped because their outputs exist" in console.said[-1]
    status, _ = colorized("a.png", samples=2, overwrite=True)
    assert status == 0
    assert read("out/a-sample1.png").shape == (40, 48, 3)


def test_temperature_reaches_the_model_and_its_own_is_taken_without(exported):
    """Of one likely bin and 312 unlikely ones a high temperature makes nearly the mean of all."""
    exported("classification")
    shades("a.png")
    mean_of_all = annealed(SURE * (np.arange(len(BINS)) == SURE_BIN), 50.0) @ BINS
    for temperature, expected in ((None, WARM), (1.0, WARM), (0.0, WARM), (50.0, mean_of_all)):
        assert colorized("a.png", temperature=temperature, overwrite=True)[0] == 0
        left = lab("out/a.png")[:, :22, 1:]
        np.testing.assert_allclose(np.median(left, axis=(0, 1)), expected, atol=1)


def test_looks_and_saturation_reach_the_model(exported):
    exported("unet")
    shades("a.png")
    for options, factor in (({}, 1), ({"look": "vivid"}, 1.5), ({"look": "vivid", "saturation": 0.5}, 0.5)):
        assert colorized("a.png", overwrite=True, **options)[0] == 0
        np.testing.assert_allclose(np.median(lab("out/a.png")[..., 1:], axis=(0, 1)), np.multiply(factor, WARM), atol=1)


def test_a_palette_moves_the_colours_of_a_model_that_knows_nothing_of_it(exported):
    exported("unet")
    shades("a.png")
    blue = color.rgb2lab(np.uint8([[[80, 110, 160]]]))[0, 0, 1:]
    for saturation, factor in ((None, 1), (0.5, 0.5), (0.0, 0)):
        assert colorized("a.png", palette="#506ea0", saturation=saturation, overwrite=True)[0] == 0
        middle = lab("out/a.png")[10:30, 10:20, 1:]  # neither too dark nor too light for that blue
        np.testing.assert_allclose(np.median(middle, axis=(0, 1)), factor * blue, atol=3)


def test_hint_colours_its_place(exported):
    exported("siggraph17")
    shades("a.png")
    status, console = colorized("a.png", hint=("10,20,#c03020", "40,5,#2030c0"), hint_radius=2)
    assert (status, console.warned) == (0, [])
    result = lab("out/a.png")
    coloured = np.hypot(*np.moveaxis(result[..., 1:], -1, 0)) > 5
    expected = np.zeros((40, 48), bool)
    expected[18:23, 8:13] = expected[3:8, 38:43] = True  # 2 px on each side of the pixel
    assert_array_equal(coloured, expected)
    assert result[20, 10, 1] > 20  # red
    assert result[5, 40, 2] < -20  # blue


@pytest.mark.parametrize("size", [(160, 96), (97, 131), (65, 64), (30, 1000)])
def test_hint_finds_its_place_in_pictures_of_any_size(exported, size):
    """The network sees less than 64 px of the shorter side, and 256 of the longer one."""
    exported("siggraph17")
    model, picture = load_colorizer("model"), np.full(size, 130, np.uint8)
    x, y = size[1] * 3 // 4, size[0] // 4
    result = color.rgb2lab(model(picture, hints=[Hint(x, y, (192, 48, 32))], hint_radius=5))
    assert result.shape == (*size, 3)
    coloured = np.argwhere(result[..., 1] > 15)
    np.testing.assert_allclose(coloured.mean(axis=0), [y, x], atol=3)
    assert (np.ptp(coloured, axis=0) < 20).all()


def test_hint_is_in_the_pixels_of_the_upright_photograph(exported):
    exported("siggraph17")
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees
    grey("a.jpg", exif=exif)
    status, console = colorized("a.jpg", hint=("3,45,#c03020",), hint_radius=1)
    assert (status, console.warned) == (0, [])
    assert read("out/a.jpg").shape == (48, 40, 3)
    assert lab("out/a.jpg")[45, 3, 1] > lab("out/a.jpg")[3, 35, 1] + 10


def test_model_that_takes_hints_colorizes_without(exported):
    exported("siggraph17")
    shades("a.png")
    status, console = colorized("a.png")
    assert (status, console.warned) == (0, [])
    assert np.abs(lab("out/a.png")[..., 1:]).max() < 1


def test_hint_outside_the_photograph_is_told_and_nothing_written(exported):
    exported("siggraph17")
    shades("a.png")
    status, console = colorized("a.png", hint=("48,0,#c03020",))
    assert status == 1
    [line] = console.warned
    assert "the hint at 48,0 lies outside the photograph of 48 x 40 px" in line
    assert console.said[-1].startswith("0 colorized, 1 failed, ")
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        ("siggraph17", ["b.png", "--hint", "1,2,#c03020"], "one photograph, and 2 are named; name one"),
        ("siggraph17", ["--hint", "1,2,red"], "--hint 1,2,red is no hint; write x,y,#rrggbb, such as 120,80,#c03020"),
        ("unet", ["--palette", "red"], "--palette red is no palette; write 1 to 16 colours, such as #aa3322,#e0c080"),
        ("unet", ["--palette", "#808080"], "--palette: greys only, which say nothing of colours"),
        ("unet", ["--palette", "#c03020", "--reference", "b.png"], "say the same in two ways; give one of them"),
        ("unet", ["--reference", "b.png"], "the reference is grey, which says nothing of colours"),
        ("unet", ["--hints", "b.png"], "--hints b.png has no hints; save them on the page, or write"),
        ("unet", ["--temperature", "0.5"], "takes no temperature; leave --temperature out"),
        ("siggraph17", ["--temperature", "1"], "takes no temperature; leave --temperature out"),
        ("unet", ["--look", "bold"], "model has no look 'bold'; it has natural, vivid"),
        ("unet", ["--samples", "2"], "model gives one colour for each pixel, not how likely others are: no samples"),
        ("siggraph17", ["--samples", "1"], "model gives one colour for each pixel"),
        ("siggraph17", ["--hint-radius", "3"], "--hint-radius is the size of hints, and none is given"),
        ("classification", ["--samples", "2", "--palette", "#c03020"], "--samples are drawn without a reference"),
        (
            "classification",
            ["--samples", "2", "--temperature", "0"],
            "at temperature 0 are all the same; give a higher",
        ),
        ("unet", ["--confidence"], "model gives one colour for each pixel"),
    ],
)
def test_what_the_model_cannot_do_is_refused_before_any_work(exported, monkeypatch, capsys, kind, words, told):
    exported(kind)
    shades("a.png")
    shades("b.png")
    monkeypatch.setattr("signal.signal", lambda number, handler: None)  # those of the test run stay
    capsys.readouterr()
    assert main(["colorize", "a.png", *words, "--model", "model", "--output", "out"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert not Path("out").exists()


def test_hints_of_a_file_colour_their_places_whatever_the_model(exported):
    exported("unet")
    shades("a.png")
    Path("mine.json").write_text('{"hints": [{"x": 0.25, "y": 0.5, "colour": "#2030c0"}]}')
    status, _ = colorized("a.png", hints="mine.json")
    assert status == 0
    [result] = Path("out").glob("*.png")
    lab = color.rgb2lab(np.asarray(Image.open(result)))
    height, width = lab.shape[:2]
    assert lab[height // 2, width // 4, 2] < -30  # blue, where the model says warm


# --- how it is asked ---


def test_a_photograph_can_be_shown_smaller(exported):
    exported("ruler")
    shades("a.png")  # 48 x 40 px
    for size, seen in (("", 40), ("20", 20), ("30", 30)):
        assert colorized("a.png", input_size=size, overwrite=True)[0] == 0
        np.testing.assert_allclose(lab("out/a.png")[..., 1].mean(), seen / 2, atol=0.5)


def test_flips_average_the_answers_to_both_pictures(exported):
    exported("ruler")
    shades("a.png")
    assert colorized("a.png")[0] == 0
    assert np.ptp(lab("out/a.png")[20, :, 2]) > 50
    assert colorized("a.png", flips=True, overwrite=True)[0] == 0
    np.testing.assert_allclose(lab("out/a.png")[20, :, 2], np.full(48, 30), atol=1.5)


def test_how_colours_are_enlarged_is_asked_for(exported):
    exported("ruler")
    Image.fromarray(np.where(np.arange(48) < 19, 60, 200).astype(np.uint8)[None].repeat(40, axis=0)).save("a.png")
    step = {}
    for way in UPSAMPLINGS:
        assert colorized("a.png", upsampling=way, input_size="8", overwrite=True)[0] == 0
        b = lab("out/a.png")[20, :, 2]
        step[way] = b[19] - b[18]  # over the edge
    assert step["guided"] > 2 * step["bicubic"]
