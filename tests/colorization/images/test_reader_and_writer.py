"""Picture files in and out: real odd and broken files by their manifests, and what is written."""

import re
import resource
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from colorization.errors import InputError
from colorization.images.reader import Header, Photograph, looks_like_picture, read_header, read_picture
from colorization.images.writer import OUTPUTS, output_format, write_picture
from tests.colorization.images.picture_files import RGB, save

SHARED_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

# What a manifest asks for -> what a note says. Every wording of the manifests stands in one of these two tables.
NOTES = {
    "colorize": "",
    "16 bits are scaled to 8": "16 bits scaled to 8",
    "CMYK is turned into RGB": "CMYK turned into RGB",
    "Lab is turned into RGB": "Lab turned into RGB",
    "alpha taken off": "transparency is kept",
    "colorize if the reader knows AVIF, else refuse: unknown format, named": "",
    "colorize upright if the reader knows AVIF, else refuse: unknown format, named": "turned upright",
    "no file ending": "no ending of a picture",
    "odd Adobe marker": "odd Adobe marker",
    "only the first frame": "only the first",
    "only the first page": "only the first",
    "only the first picture": "only the first",
    "or refused with a reason": "old-style JPEG",
    "profile honoured or named": "converted to sRGB from the profile Adobe RGB",
    "profile must be used, or say that it was not": "converted to sRGB",
    "range is stretched or said to be dark": "very dark",
    "the contents do not match the name": "its name ends in .*, its content is",
    "the profile does not fit and is ignored": "does not fit and is ignored",
    "refuse: unsupported kind of TIFF": "only the first",  # tifffile reads it
    "scaled, or refused with a reason if the reader lacks it": "float colours from 0 to .* scaled to 8 bits",
    "transparency": "transparency is kept",
    "turn it upright first": "turned upright",
    "very small picture": "too small",
    "very thin picture": "too small",
}
REASONS = {
    "colorize if it can be read, else refuse: broken data": "broken JPEG2000 data",
    "refuse: broken BMP": "broken header .*BMP",
    "refuse: broken JPEG": "broken (header|or unsupported JPEG|JPEG)",
    "refuse: broken PNG": "broken .*PNG",
    "refuse: broken TIFF": "broken TIFF data",
    "refuse: broken data": "broken (PNG|JPEG) data",
    "refuse: empty file": "empty file",
    "refuse: no pixels": "no pixels",
    "refuse: not a picture": "not a picture",
    "refuse: too large": "too large",
    "refuse: too large (or colorize with a note when the text is not unpacked)": "too large",
    "refuse: too large, or unknown format, named": "AVIF",
    "refuse: truncated": "truncated|Not enough data",
}


def manifest(folder: str) -> list[tuple[str, str]]:
    """(file, what should happen) for each row; one row of nothing where the files are not there."""
    path = SHARED_DATA / folder / "MANIFEST.tsv"
    rows = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else ["absent\t\tcolorize"]
    cells = [row.split("\t") for row in rows]
    return [(f"{folder}/{name}", wanted.removeprefix("colorize with a note: ")) for name, _, wanted in cells]


@pytest.mark.parametrize(("name", "wanted"), manifest("formats") + manifest("corrupt"))
def test_manifest_is_followed(shared_data, name, wanted):
    if wanted in REASONS:
        with pytest.raises(InputError, match=REASONS[wanted]) as caught:
            read_picture(shared_data / name)
        assert str(caught.value).startswith(f"{shared_data / name}: ")
        assert "\n" not in str(caught.value)
        return
    photograph = read_picture(shared_data / name)
    H, W, _ = photograph.rgb.shape
    assert photograph.rgb.dtype == np.uint8
    assert photograph.alpha is None or (photograph.alpha.shape == (H, W) and photograph.alpha.dtype == np.uint8)
    height, width = photograph.rgb.shape[:2]
    assert read_header(shared_data / name) == Header(photograph.format, photograph.has_alpha, height * width)
    assert looks_like_picture(shared_data / name)
    assert re.search(NOTES[wanted], "; ".join(photograph.notes))


def test_all_turns_of_a_real_photograph_agree(shared_data):
    upright = read_picture(shared_data / "formats/landscape_2.jpg").rgb.astype(int)
    for orientation in range(3, 9):
        turned = read_picture(shared_data / f"formats/landscape_{orientation}.jpg").rgb
        assert np.abs(turned - upright).mean() < 6  # each bears its number, and was compressed on its own; else 50


def test_colour_profile_is_used(shared_data):
    """sample-xyb.jpg shows the scene of indexed.png, in a colour space that only its profile explains."""
    photograph = read_picture(shared_data / "formats/sample-xyb.jpg").rgb.astype(int)
    truth = read_picture(shared_data / "formats/indexed.png").rgb
    assert np.abs(photograph - truth).mean() < 8  # 26 without the profile


@pytest.fixture
def rgb() -> np.ndarray:
    return RGB.copy()


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("format", OUTPUTS)
def test_written_picture_is_read_back(tmp_path, rgb, format, with_alpha):
    smooth = np.asarray(Image.fromarray(rgb[:4, :4]).resize((56, 40), Image.Resampling.BICUBIC))
    alpha = np.full((40, 56), 200, np.uint8) if with_alpha else None
    path = tmp_path / f"a{OUTPUTS[format].ending}"
    write_picture(path, smooth, alpha, format)
    photograph = read_picture(path)
    lossy = format in ("JPEG", "WEBP", "AVIF", "HEIF", "JXL")
    assert photograph.format == format
    assert np.abs(photograph.rgb.astype(int) - smooth).mean() <= (3 if lossy else 0)
    assert photograph.has_alpha == (with_alpha and OUTPUTS[format].alpha)
    if photograph.has_alpha:
        assert_array_equal(photograph.alpha, alpha)
    assert list(tmp_path.iterdir()) == [path]


def test_jpeg_keeps_every_colour_sample(tmp_path, rgb):
    write_picture(tmp_path / "a.jpg", rgb, format="JPEG")
    save(tmp_path / "b.jpg", rgb, quality=95)
    with Image.open(tmp_path / "a.jpg") as ours, Image.open(tmp_path / "b.jpg") as pillows:
        assert [component[1:3] for component in ours.layer] == [(1, 1)] * 3  # 4:4:4
        assert ours.quantization == pillows.quantization


@pytest.mark.parametrize(
    ("format", "alpha", "wanted"),
    [
        ("JPEG", False, ("JPEG", ".jpg")),
        ("TIFF", True, ("TIFF", ".tif")),
        ("BMP", False, ("BMP", ".bmp")),
        ("BMP", True, ("PNG", ".png")),
        ("GIF", False, ("PNG", ".png")),
        ("ICO", True, ("PNG", ".png")),
    ],
)
def test_output_format_holds_what_the_picture_has(format, alpha, wanted):
    channel = np.zeros((1, 1), np.uint8) if alpha else None
    assert output_format(Photograph(np.zeros((1, 1, 3), np.uint8), channel, format)) == wanted
    assert output_format(Header(format, alpha, 1)) == wanted


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, rgb):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk: "File too large" after 1000 bytes
    try:
        with pytest.raises(OSError, match="File too large"):
            write_picture(path, rgb)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_name_that_is_too_long_leaves_nothing(tmp_path, rgb):
    with pytest.raises(OSError, match="too long"):
        write_picture(tmp_path / f"{'a' * 300}.png", rgb)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("format", "size"), [("WEBP", (1, 20_000)), ("AVIF", (1, 70_000)), ("TGA", (1, 70_000))])
def test_what_a_format_cannot_hold_is_an_error_of_writing(tmp_path, format, size):
    with pytest.raises(OSError, match=f"{format} cannot hold it"):
        write_picture(tmp_path / "a", np.zeros((*size, 3), np.uint8), format=format)
    assert list(tmp_path.iterdir()) == []
