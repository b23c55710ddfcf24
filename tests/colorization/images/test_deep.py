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


def test_a_colour_profile_makes_it_8_bits_and_that_is_said(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(RAMP).save(tmp_path / "a.png", icc_profile=profile)
    photograph = read_picture(tmp_path / "a.png", depth=16)
    assert photograph.deep is None
    assert photograph.notes[-1] == "8 bits, because it has a colour profile"
    assert not any("profile" in note for note in read_picture(tmp_path / "a.png").notes)
