"""EXIF and resolution from one file to the next, read back by Pillow alone."""

import contextlib
import io

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.ExifTags import IFD, Base

from colorization.errors import InputError
from colorization.images.metadata import MARK, Metadata
from colorization.images.reader import read_picture
from colorization.images.writer import OUTPUTS, encode_picture, write_picture

RGB = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
WITH_EXIF = [format for format, output in OUTPUTS.items() if output.exif]
WITH_DPI = [format for format, output in OUTPUTS.items() if output.dpi]


def scan(path, orientation=1, **how):
    """A file as a scanner writes it, with a thumbnail's tags, a place and a camera's settings."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Software] = "ScanIt 9"
    exif[Base.ImageDescription] = "Grandmother, 1931"
    exif[Base.ImageWidth] = 30
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "1931:05:17 12:00:00", Base.ExifImageWidth: 30})
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (48.0, 12.0, 30.0)})
    Image.fromarray(RGB).save(path, exif=exif, **how)
    return path


def copied(path, target, format, mark=True):
    photograph = read_picture(path)
    metadata = photograph.metadata.marked() if mark else photograph.metadata
    write_picture(target, photograph.rgb, None, format, metadata)
    with Image.open(target) as image:
        image.load()
        return image.getexif(), image.info


@pytest.mark.parametrize("source", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif"])
@pytest.mark.parametrize("format", WITH_EXIF)
def test_exif_is_carried_over_and_the_turn_reset(tmp_path, source, format):
    exif, _ = copied(scan(tmp_path / source, orientation=6), tmp_path / "b", format)
    assert exif[Base.ImageDescription] == "Grandmother, 1931"
    assert exif.get(Base.Orientation, 1) == 1
    assert exif[Base.Software] == f"ScanIt 9; {MARK}"
    assert read_picture(tmp_path / "b").rgb.shape == (30, 20, 3)


def test_what_tells_a_program_of_the_pixels_is_left_behind(tmp_path):
    for i, imagej in enumerate((True, False)):
        tifffile.imwrite(tmp_path / f"{i}.tif", RGB[..., 0], imagej=imagej, software="a microscope")
        exif, _ = copied(tmp_path / f"{i}.tif", tmp_path / "b", "TIFF")
        assert Base.ImageDescription not in exif
        assert exif[Base.Software] in (f"a microscope; {MARK}", MARK)


@pytest.mark.parametrize("source", ["a.jpg", "a.png", "a.webp", "a.avif"])
@pytest.mark.parametrize("format", [format for format in WITH_EXIF if format != "TIFF"])
def test_time_and_place_are_carried_over(tmp_path, source, format):
    exif, _ = copied(scan(tmp_path / source), tmp_path / "b", format)
    assert exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] == "1931:05:17 12:00:00"
    assert Base.ExifImageWidth not in exif.get_ifd(IFD.Exif)
    assert [float(value) for value in exif.get_ifd(IFD.GPSInfo)[2]] == [48, 12, 30]


@pytest.mark.parametrize("format", WITH_EXIF)
def test_a_file_that_says_nothing_gets_the_mark_alone(tmp_path, format):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    exif, _ = copied(tmp_path / "a.png", tmp_path / "b", format)
    assert exif[Base.Software] == MARK
    without, _ = copied(tmp_path / "a.png", tmp_path / "b", format, mark=False)
    assert Base.Software not in without or "colour" not in without[Base.Software]


@pytest.mark.parametrize("format", WITH_EXIF)
def test_letters_that_are_not_ascii_survive(tmp_path, format):
    exif = Image.Exif()
    exif[Base.ImageDescription] = "Großmutter, Łódź".encode()
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    carried, _ = copied(tmp_path / "a.jpg", tmp_path / "b", format)
    assert carried[Base.ImageDescription].encode("latin-1").decode() == "Großmutter, Łódź"


def test_the_mark_is_made_once(tmp_path):
    once = read_picture(scan(tmp_path / "a.jpg")).metadata.marked()
    assert once.marked() == once


@pytest.mark.parametrize("format", WITH_DPI)
def test_resolution_is_carried_over(tmp_path, format):
    _, info = copied(scan(tmp_path / "a.jpg", dpi=(300, 600)), tmp_path / "b", format)
    np.testing.assert_allclose(np.float64(info["dpi"]), (300, 600), atol=0.1)


def test_resolution_turns_with_the_picture(tmp_path):
    _, info = copied(scan(tmp_path / "a.jpg", orientation=6, dpi=(300, 600)), tmp_path / "b", "JPEG")
    assert info["dpi"] == (600, 300)


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_broken_exif_gives_the_mark_alone(tmp_path, block):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=block)
    exif, _ = copied(tmp_path / "a.jpg", tmp_path / "b", "JPEG")
    assert dict(exif) == {Base.Software: MARK}


def test_exif_too_large_for_a_jpeg_gives_the_mark_alone(tmp_path):
    exif = Image.Exif()
    exif[Base.ImageDescription] = "x" * 70_000
    Image.fromarray(RGB).save(tmp_path / "a.png", exif=exif)
    carried, _ = copied(tmp_path / "a.png", tmp_path / "b", "JPEG")
    assert dict(carried) == {Base.Software: MARK}


@pytest.mark.parametrize("format", OUTPUTS)
def test_formats_that_hold_none_of_it_are_written_all_the_same(format):
    assert encode_picture(RGB, None, format, Metadata(dpi=(300.0, 300.0)).marked())


def test_whatever_real_files_say_can_be_written(shared_data):
    written = 0
    for path in sorted((shared_data / "formats").iterdir()):
        with contextlib.suppress(InputError):  # which of them can be read is tested elsewhere
            metadata = read_picture(path).metadata.marked()
            for format in WITH_EXIF:
                with Image.open(io.BytesIO(encode_picture(RGB, None, format, metadata))) as image:
                    assert MARK in image.getexif()[Base.Software]
                    written += 1
    assert written > 70 * len(WITH_EXIF)
