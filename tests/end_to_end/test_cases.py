"""Small files that once came out wrong, through the command, with the model that comes with the program.

Each line of ../shared/cases/EXPECTED.md; files of the same kinds that need no such folder are made in
tests/colorization/images.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

import colorization
from colorization.images.reader import read_picture
from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import run_here

GREY = "04_uint32_tiff_read_as_signed/expected_grey.png"
LIKE = {  # a case, and the picture whose lightness is its own
    "01_rgb16_planar_tiff/flower-rgb-planar-16.tif": "01_rgb16_planar_tiff/flower-rgb-contig-16_same_picture.tif",
    "01_rgb16_planar_tiff/grey_in_rgb48_planar.tif": "01_rgb16_planar_tiff/grey_in_rgb48_planar_expected_grey.png",
    "03_tiff_thumbnail_is_first_page/thumb_first.tif": GREY,
    "04_uint32_tiff_read_as_signed/grey_uint32.tif": GREY,
    "05_miniswhite_float_tiff_inverted/miniswhite_float32.tif": "05_miniswhite_float_tiff_inverted/expected_grey.png",
    "06_tiff_8bit_colour_map_black/palette_0_to_255.tif": "06_tiff_8bit_colour_map_black/expected_grey.png",
    "08_png_gama_ignored/linear_gama1.png": "08_png_gama_ignored/expected_grey.png",
    "13_tiff_refused_as_unknown_pixel_mode/grey_alpha16.tif": GREY,
    "13_tiff_refused_as_unknown_pixel_mode/half_float.tif": GREY,
    "13_tiff_refused_as_unknown_pixel_mode/miniswhite16_bigendian.tif": GREY,
}


def coloured(path: Path, folder: Path, *words: str) -> Path:
    """Colorize one file into folder/colorized; return what was written."""
    run_here("colorize", path, *words, folder=folder)
    return folder / "colorized" / path.name


def lab(path: Path) -> np.ndarray:
    return color.rgb2lab(read_picture(path).rgb)


@pytest.mark.parametrize("name", LIKE)
def test_it_has_the_lightness_that_it_should(shared_cases, tmp_path, name):
    L, expected = lab(coloured(shared_cases / name, tmp_path))[..., 0], lab(shared_cases / LIKE[name])[..., 0]
    assert L.shape == expected.shape
    assert abs(L.mean() - expected.mean()) < 1
    assert np.corrcoef(L.ravel(), expected.ravel())[0, 1] > 0.99


def test_camera_raw_is_refused(shared_cases, tmp_path):
    path = shared_cases / "02_camera_raw_thumbnail/like_nikon.nef"
    _, err = run_here("colorize", path, folder=tmp_path, status=1)
    assert err == f"{path}: camera raw is not read here: develop it first, and save it as JPEG or TIFF\n"


def test_what_is_hidden_under_a_cut_out_changes_no_colour(shared_cases, tmp_path):
    folder = shared_cases / "09_hidden_pixels_of_cut_outs_change_colours"
    paths = [coloured(folder / f"hidden_{name}.png", tmp_path) for name in ("black", "original", "white")]
    seen = read_picture(paths[0]).alpha > 0
    first, *others = (lab(path)[seen] for path in paths)
    for other in others:
        assert color.deltaE_ciede2000(first, other).max() < 1


def test_descriptions_are_in_the_output(shared_cases, tmp_path):
    folder = shared_cases / "11_iptc_xmp_pngtext_lost"
    for name in ("iptc_xmp.jpg", "text.png"):
        before, after = read_picture(folder / name), read_picture(coloured(folder / name, tmp_path))
        assert after.metadata.said == before.metadata.said
        assert before.metadata.said.xmp or before.metadata.said.texts


@pytest.mark.parametrize("name", ["la16.png", "grey_in_rgb48.tif"])
def test_deep_grey_comes_out_deep(shared_cases, tmp_path, name):
    path = shared_cases / "12_depth16_grey_alpha_becomes_8" / name
    written = coloured(path, tmp_path, "--depth", "16")
    if name.endswith(".png"):
        assert written.read_bytes()[24] == 16  # bits of a sample, in a PNG's header
    else:
        with Image.open(written) as image:
            assert set(image.tag_v2[258]) == {16}


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_a_flat_grey_stays_grey(level):
    """Of every level, also those of 14_flat_grey_becomes_blue: there is nothing to see in it."""
    lab = color.rgb2lab(colorization.load()(np.full((200, 300), level, np.uint8)))
    assert np.hypot(lab[..., 1], lab[..., 2]).max() < 5


def test_one_picture_is_enough_to_evaluate_all(tmp_path):
    (tmp_path / "folder").mkdir()
    Image.fromarray(data.astronaut()[:200, :300]).save(tmp_path / "folder/a.png")
    save_formula_model("unet", str(tmp_path / "model"))
    words = ("--dataset", "folder", "--data-dir", "folder", "--size", "64", "--all", "--cache-dir", "cache")
    out, _ = run_here("evaluate", "model", *words, folder=tmp_path)
    assert "all, model" in out


def test_the_case_of_one_picture_is_measured_and_grey_ones_are_said_to_be_grey(shared_cases, tmp_path):
    save_formula_model("unet", str(tmp_path / "model"))
    for case, name in (("15_evaluate_all_of_one_picture/folder", "one"), ("14_flat_grey_becomes_blue", "grey")):
        shutil.copytree(shared_cases / case, tmp_path / name)
    words = ("evaluate", "model", "--dataset", "folder", "--all", "--cache-dir", "cache", "--data-dir")
    out, _ = run_here(*words, "one", folder=tmp_path)
    assert "all, model" in out
    _, err = run_here(*words, "grey", folder=tmp_path, status=1)
    assert "all 4 pictures under" in err and "are colourless" in err
