"""16 bits from file to file: written by us, read by others."""

import io
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tifffile
from PIL import Image, ImageCms
from PIL.ExifTags import Base
from skimage import color

from colorization.images.metadata import MARK, Metadata
from colorization.images.reader import read_picture
from colorization.images.writer import encode_picture
from tests.colorization.cli.colorize_command import colorized
from tests.colorization.formula_model import save_formula_model
from tests.colorization.images.picture_files import png_chunk, write_png

RGB = np.random.default_rng(0).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
RAMP = np.linspace(9_000, 50_000, 60 * 80).astype(np.uint16).reshape(60, 80)


def decoded(content: bytes, format: str) -> np.ndarray:
    return (
        tf.io.decode_png(content, dtype=tf.uint16).numpy() if format == "PNG" else tifffile.imread(io.BytesIO(content))
    )


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("alpha", [None, np.arange(600, dtype=np.uint8).reshape(20, 30)])
def test_deep_colour_is_written(format, alpha):
    exif = Image.Exif()
    exif[Base.ImageDescription] = "Grandmother"
    content = encode_picture(RGB, alpha, format, Metadata(exif.tobytes(), (300.0, 600.0)).marked())
    pixels = decoded(content, format)
    np.testing.assert_array_equal(pixels[..., :3], RGB)
    if alpha is not None:
        np.testing.assert_array_equal(pixels[..., 3], alpha.astype(int) * 257)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        np.testing.assert_allclose(np.float64(image.info["dpi"]), (300, 600), atol=0.01)
        assert image.getexif()[Base.ImageDescription] == "Grandmother"
        assert image.getexif()[Base.Software] == MARK


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_deep_grey_file_keeps_its_lightness(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    save_formula_model("unet")
    Image.fromarray(RAMP).save(name)
    status, console = colorized(name, depth=16)
    assert (status, console.warned) == (0, [])
    assert not any("8" in line for line in console.said[:-1])
    result = decoded(Path("out", name).read_bytes(), "PNG" if name == "a.png" else "TIFF")
    assert (result.dtype, result.shape) == (np.uint16, (60, 80, 3))
    assert len(np.unique(result[..., 1])) > 2_000
    before = color.rgb2lab(np.repeat(RAMP[..., None] / 65535, 3, axis=-1))[..., 0]
    np.testing.assert_allclose(color.rgb2lab(result / 65535)[..., 0], before, atol=0.01)
    assert color.rgb2lab(result / 65535)[..., 1].mean() > 10
    colorized(name, overwrite=True)
    assert read_picture(Path("out", name)).rgb.dtype == np.uint8
    with Image.open(Path("out", name)) as image:
        assert image.mode == "RGB"


def test_of_other_files_nothing_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_formula_model("unet")
    Image.fromarray((RAMP // 256).astype(np.uint8)).save("a.png")
    Image.fromarray(RAMP).save("b.jp2")
    status, console = colorized("a.png", "b.jp2", depth=16)
    assert status == 0
    assert console.said[0] == "b.jp2: 16 bits scaled to 8"
    with Image.open("out/a.png") as first, Image.open("out/b.jp2") as second:
        assert (first.mode, second.mode) == ("RGB", "RGB")


def profile(called: str = "sRGB built-in") -> bytes:
    """That of sRGB, under another name of the same length."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return content.replace("sRGB built-in".encode("utf-16-be"), called.encode("utf-16-be"))


def test_a_colour_profile_makes_it_8_bits_and_that_is_said_of_deep_files(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png", icc_profile=profile("eRGB built-in"))
    photograph = read_picture(tmp_path / "a.png", depth=16)
    assert photograph.deep is None
    assert photograph.notes[-1] == "8 bits, because it has a colour profile"
    assert not any("8 bits, because" in note for note in read_picture(tmp_path / "a.png").notes)
    Image.fromarray((RAMP // 256).astype(np.uint8)).save(tmp_path / "b.png", icc_profile=profile("eRGB built-in"))
    assert not any("8 bits" in note for note in read_picture(tmp_path / "b.png", depth=16).notes)


def test_the_profile_of_srgb_leaves_it_deep(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "a.png", icc_profile=profile())
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png", depth=16).deep, RAMP)


def rows_of(pixels: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)


ALPHA = np.linspace(500, 65535, RAMP.size).reshape(RAMP.shape).astype(np.uint16)
DEEP_GREYS = {  # colour type of PNG, photometric and channels of TIFF
    "grey and alpha": (4, "minisblack", [RAMP, ALPHA]),
    "rgb": (2, "rgb", [RAMP] * 3),
    "rgb and alpha": (6, "rgb", [RAMP] * 3 + [ALPHA]),
}


@pytest.mark.parametrize("kind", DEEP_GREYS)
@pytest.mark.parametrize("name", ["a.png", "a.tif", "compressed.tif", "planar.tif"])
def test_grey_with_alpha_and_grey_in_colours_keep_16_bits(tmp_path, kind, name):
    colour_type, photometric, channels = DEEP_GREYS[kind]
    pixels, path = np.dstack(channels), tmp_path / name
    if name == "a.png":
        write_png(path, RAMP.shape[::-1], 16, colour_type, rows_of(pixels))
    else:
        planar = name == "planar.tif"
        tifffile.imwrite(
            path,
            np.moveaxis(pixels, -1, 0) if planar else pixels,
            photometric=photometric,
            planarconfig="separate" if planar else "contig",
            compression="zlib" if name == "compressed.tif" else None,
            extrasamples=["unassalpha"] if channels[-1] is ALPHA else None,
        )
    photograph = read_picture(path, depth=16)
    np.testing.assert_array_equal(photograph.deep, RAMP)
    assert not any("8" in note for note in photograph.notes)
    if channels[-1] is ALPHA:
        np.testing.assert_allclose(photograph.alpha, ALPHA / 257, atol=1)
    else:
        assert photograph.alpha is None
    np.testing.assert_allclose(photograph.rgb[..., 1], RAMP / 257, atol=1)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_deep_colours_stay_8_bits_and_that_is_said(tmp_path, name):
    pixels = np.dstack([RAMP, RAMP, RAMP + 1])  # equal but for the lower bytes
    if name == "a.png":
        write_png(tmp_path / name, RAMP.shape[::-1], 16, 2, rows_of(pixels))
    else:
        tifffile.imwrite(tmp_path / name, pixels, photometric="rgb")
    photograph = read_picture(tmp_path / name, depth=16)
    assert photograph.deep is None
    assert "16 bits scaled to 8" in photograph.notes


def test_a_deep_grey_png_in_colours_is_turned_upright_with_its_alpha(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    before = png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    write_png(tmp_path / "a.png", RAMP.shape[::-1], 16, 4, rows_of(np.dstack([RAMP, ALPHA])), before)
    photograph = read_picture(tmp_path / "a.png", depth=16)
    np.testing.assert_array_equal(photograph.deep, np.rot90(RAMP, -1))
    np.testing.assert_allclose(photograph.alpha, np.rot90(ALPHA, -1) / 257, atol=1)


def test_an_interlaced_one_is_whole(shared_data):
    photograph = read_picture(shared_data / "formats/basi0g16.png", depth=16)
    assert photograph.deep.shape == (32, 32)


@pytest.mark.parametrize("name", ["grey_in_rgb48.tif", "la16.png"])
def test_the_deep_cases_keep_16_bits(shared_cases, name):
    photograph = read_picture(shared_cases / "12_depth16_grey_alpha_becomes_8" / name, depth=16)
    assert len(np.unique(photograph.deep)) > 200
    assert not any("8" in note for note in photograph.notes)
