"""What is refused, and why it is said to be; what is a picture at all."""

import threading
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, PngImagePlugin

from colorization.errors import InputError
from colorization.images.opening import TooLargeError
from colorization.images.reader import looks_like_picture, read_header, read_picture
from tests.colorization.images.picture_files import RGB, save, write_png


@pytest.fixture
def rgb() -> np.ndarray:
    return RGB.copy()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (bytes(5000), "not a picture: nothing but zero bytes"),
        (b"My holidays, day 1.\n", "not a picture: text"),
        (b"hi\n", "not a picture: text"),  # shorter than some magic numbers
        (b"\n<!DOCTYPE html><title>404</title>", "not a picture: a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "not a picture: a pointer of Git LFS"),
        (b"\x01\x02\x03\x04" * 20, "not a picture: its content is of no known kind"),
        (b"\xff\xd8\xff\xe0", "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "broken or unsupported PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture: PostScript"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(tmp_path, content, reason):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"a.jpg: {reason}"):
        read_picture(path)
    with pytest.raises(InputError, match=f"a.jpg: {reason}"):
        read_header(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.bmp", "a.gif", "a.jp2", "a.tga"])
def test_cut_files_are_refused(tmp_path, rgb, name):
    whole = save(tmp_path / name, rgb).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="truncated|broken"):
        read_picture(tmp_path / name)


def test_changed_byte_in_a_png_is_refused(tmp_path, rgb):
    path = save(tmp_path / "a.png", rgb)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="broken PNG data"):
        read_picture(path)


def test_missing_file_folder_and_impossible_name_are_refused(tmp_path):
    with pytest.raises(InputError, match="none.png: No such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(InputError, match="not a file"):
        read_picture(tmp_path)
    with pytest.raises(InputError, match="null byte|null character"):
        read_picture("a\0b.png")


def test_size_is_checked_on_the_header(tmp_path):
    path = write_png(tmp_path / "a.png", (17000, 17000))
    with pytest.raises(InputError, match="has 289,000,000 pixels, more than --max-pixels 200,000,000"):
        read_picture(path)
    assert looks_like_picture(path.rename(tmp_path / "large"))
    path = write_png(tmp_path / "b.png", (60000, 60000))  # so much that Pillow itself refuses it
    with pytest.raises(InputError, match="has 3,600,000,000 pixels, more than --max-pixels 200,000,000"):
        read_header(path)
    assert looks_like_picture(path.rename(tmp_path / "larger"))


def test_user_may_ask_for_more_than_pillow_would_allow(tmp_path, rgb, monkeypatch):
    path = save(tmp_path / "a.png", rgb)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_picture(path, max_pixels=rgb.shape[0] * rgb.shape[1]).rgb.shape == rgb.shape
    with pytest.raises(InputError, match="more than --max-pixels 2,239"):
        read_picture(path, max_pixels=rgb.shape[0] * rgb.shape[1] - 1)


def test_compressed_text_bomb_is_refused(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", "0" * 3_000_000, zip=True)
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png", pnginfo=text)
    with pytest.raises(TooLargeError, match="too large, its texts unpack to too many bytes, more than 1,048,576"):
        read_picture(tmp_path / "a.png")


def test_threads_leave_the_warning_filters_as_they_were(tmp_path, rgb):
    paths = [save(tmp_path / f"{i}.png", rgb) for i in range(20)]
    before = list(warnings.filters)
    threads = [threading.Thread(target=lambda: [read_picture(path) for path in paths]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


def test_looks_like_picture_goes_by_content_or_ending(tmp_path, rgb):
    assert looks_like_picture(save(tmp_path / "no ending", rgb, format="PNG"))
    for name, is_one in {"broken.JPG": True, "notes.txt": False, "paper.pdf": False, "film.mpg": False}.items():
        (tmp_path / name).write_text("nothing of the kind")
        assert looks_like_picture(tmp_path / name) == is_one
    assert not looks_like_picture(tmp_path / "none")


def test_picture_that_is_not_on_disk_is_read_from_its_bytes(tmp_path, rgb):
    content = save(tmp_path / "a.png", rgb).read_bytes()
    photograph = read_picture("holiday.jpg", content=content)
    assert_array_equal(photograph.rgb, rgb)
    assert photograph.notes == ("its name ends in .jpg, its content is PNG",)
    with pytest.raises(InputError, match=r"^holiday.jpg: empty file \(zero bytes\)$"):
        read_picture("holiday.jpg", content=b"")
    with pytest.raises(TooLargeError) as told:
        read_picture("holiday.jpg", rgb.shape[0] * rgb.shape[1] - 1, content)
    assert told.value.what == f"has {rgb.shape[0] * rgb.shape[1]:,} pixels"


def test_a_side_that_is_too_long_is_refused_whatever_the_other_is(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((1, 65_536), np.uint8))
    with pytest.raises(TooLargeError, match="a.png: too large, has a side of 65,536 pixels, more than 65,535"):
        read_picture(path)
    assert read_picture(save(tmp_path / "b.png", np.zeros((1, 65_535), np.uint8))).rgb.shape == (1, 65_535, 3)
