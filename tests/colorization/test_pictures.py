"""Picture files in and out: real odd and broken files by their manifests, and small ones made here."""

import re
import resource
import struct
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image, ImageCms, PngImagePlugin

from colorization.errors import InputError
from colorization.picture_modes import PLAIN_SRGB
from colorization.picture_opening import TooLargeError
from colorization.pictures import (
    OUTPUTS,
    Header,
    Photograph,
    looks_like_picture,
    output_format,
    read_header,
    read_picture,
    write_picture,
)

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

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
    "transparency": "transparency is kept",
    "turn it upright first": "turned upright",
    "very small picture": "too small",
    "very thin picture": "too small",
}
REASONS = {
    "colorize if it can be read, else refuse: broken data": "broken JPEG2000 data",
    "scaled, or refused with a reason if the reader lacks it": "unsupported TIFF .unknown pixel mode",
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
    "refuse: unsupported kind of TIFF": "unsupported TIFF",
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


# --- reading: made here ---


def save(path: Path, pixels, mode: str | None = None, **how) -> Path:
    image = Image.fromarray(np.asarray(pixels))
    (image.convert(mode) if mode else image).save(path, **how)
    return path


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def write_png(path: Path, size: tuple[int, int], depth=8, colour_type=0, data=b"", before_data=b"") -> Path:
    """A PNG made by hand, for what Pillow does not write: 16-bit colour, a size that is a lie."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + before_data + pixels)
    return path


@pytest.fixture
def rgb() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)


def test_16_bit_grey_is_divided_by_257_and_rounded(tmp_path):
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for name in ("deep.png", "deep.tif"):
        photograph = read_picture(save(tmp_path / name, values))
        assert_array_equal(photograph.rgb, np.repeat(np.rint(values / 257)[..., None], 3, axis=2))
        assert photograph.notes == ("16 bits scaled to 8",)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_16_bit_grey_is_turned_upright(tmp_path, name):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / name, np.arange(0, 60 * 40 * 20, 20, dtype=np.uint16).reshape(40, 60), exif=exif)
    rgb = read_picture(path).rgb
    assert rgb.shape == (60, 40, 3)
    assert_array_equal(rgb[0, [0, -1], 0], [round(39 * 60 * 20 / 257), 0])


def test_16_bit_colour_is_within_a_level(tmp_path):
    values = np.random.default_rng(1).integers(0, 65536, (40, 40, 3), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    path = write_png(tmp_path / "deep.png", (40, 40), depth=16, colour_type=2, data=rows)
    photograph = read_picture(path)
    assert np.abs(photograph.rgb - values / 257).max() <= 1
    assert photograph.notes == ("16 bits scaled to 8",)


def test_transparent_colour_of_16_bits_becomes_alpha(tmp_path):
    rows = b"".join(b"\0" + struct.pack(">6H", *[30000] * 3, *[60000] * 3) for _ in range(40))
    chunk = png_chunk(b"tRNS", struct.pack(">3H", *[30000] * 3))
    path = write_png(tmp_path / "deep.png", (2, 40), depth=16, colour_type=2, data=rows, before_data=chunk)
    assert_array_equal(read_picture(path).alpha[0], [0, 255])


def test_dark_16_bit_grey_is_said_to_be_dark(tmp_path):
    path = save(tmp_path / "dark.tif", np.full((40, 40), 4000, np.uint16))
    assert "very dark: its values reach only 4,000 of 65,535" in read_picture(path).notes


def test_16_bit_pgm_is_divided_by_257(tmp_path):
    path = tmp_path / "deep.pgm"
    path.write_bytes(b"P5 2 1 65535\n" + np.array([65535, 25700], ">u2").tobytes())
    assert_array_equal(read_picture(path).rgb[0, :, 0], [255, 100])


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_32_bit_grey_is_stretched(tmp_path, kind):
    path = save(tmp_path / "deep.tif", np.array([[-100, 0, 100]], kind))
    photograph = read_picture(path)
    assert_array_equal(photograph.rgb[0, :, 0], [0, 128, 255])
    assert "values from -100 to 100 stretched to 8 bits" in photograph.notes


def test_floats_that_are_no_numbers_count_as_0(tmp_path):
    path = save(tmp_path / "odd.tif", np.array([[np.nan, np.inf, 2.0, 1.0]], np.float32))
    assert_array_equal(read_picture(path).rgb[0, :, 0], [0, 0, 255, 128])


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LAB"])
def test_every_mode_becomes_rgb(tmp_path, rgb, mode):
    wide = Image.fromarray(rgb)
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        changed = ImageCms.profileToProfile(wide, srgb, lab, outputMode="LAB")
    else:
        changed = wide.convert(mode)
    changed.save(tmp_path / "picture.tif")
    photograph = read_picture(tmp_path / "picture.tif")
    assert photograph.alpha is None
    expected = wide if mode == "LAB" else changed.convert("RGB")
    assert np.abs(photograph.rgb.astype(int) - np.asarray(expected)).mean() < 3


@pytest.mark.parametrize(("mode", "name"), [("LA", "a.png"), ("RGBA", "a.png"), ("RGBA", "a.tif"), ("RGBA", "a.webp")])
def test_alpha_channel_is_kept(tmp_path, rgb, mode, name):
    alpha = np.arange(40 * 56, dtype=np.uint8).reshape(40, 56)
    image = Image.fromarray(rgb).convert(mode)
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / name)
    photograph = read_picture(tmp_path / name)
    assert_array_equal(photograph.alpha, alpha)
    assert "transparency is kept" in photograph.notes


@pytest.mark.parametrize(("mode", "transparent"), [("L", 7), ("RGB", (7, 7, 7)), ("P", 7), ("I;16", 7)])
def test_transparent_colour_becomes_alpha(tmp_path, mode, transparent):
    values = np.full((40, 40), 7, np.uint16 if mode == "I;16" else np.uint8)
    values[0, 0] = 99
    image = Image.fromarray(values if mode != "RGB" else np.dstack([values] * 3))
    if mode == "P":
        image.putpalette([level for level in range(256) for _ in range(3)])
    image.save(tmp_path / "a.png", transparency=transparent)
    alpha = read_picture(tmp_path / "a.png").alpha
    assert alpha[0, 0] == 255
    assert not alpha[1:].any()


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif", "a.mpo"])
def test_first_of_several_frames(tmp_path, name):
    black, white = (Image.new("RGB", (40, 40), colour) for colour in ("black", "white"))
    black.save(tmp_path / name, save_all=True, append_images=[white])
    photograph = read_picture(tmp_path / name)
    assert photograph.rgb.max() < 5
    assert any("only the first" in note for note in photograph.notes)


def test_every_exif_orientation_is_turned_upright(tmp_path):
    """EXIF 2.32: which side the 0th row and the 0th column are; the stored corner (0, 0) is marked."""
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[0, 0] = 255
    for orientation, place in corner.items():
        for name in ("a.png", "a.tif"):
            exif = Image.Exif()
            exif[0x0112] = orientation
            photograph = read_picture(save(tmp_path / name, stored, exif=exif))
            assert photograph.rgb.shape[:2] == ((40, 60) if orientation < 5 else (60, 40))
            assert photograph.rgb[place].min() == 255
            told = f"turned upright (EXIF orientation {orientation})"
            assert photograph.notes == (() if orientation == 1 else (told,))


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_broken_exif_is_ignored(tmp_path, rgb, block):
    photograph = read_picture(save(tmp_path / "a.jpg", rgb, exif=block))
    assert photograph.rgb.shape == rgb.shape


@pytest.mark.parametrize(
    "profile", [b"not a profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_profile_that_does_not_fit_is_ignored(tmp_path, rgb, profile):
    photograph = read_picture(save(tmp_path / "a.png", rgb, icc_profile=profile))
    assert_array_equal(photograph.rgb, rgb)
    assert photograph.notes == ("its colour profile does not fit and is ignored",)


def test_srgb_profile_changes_nothing(tmp_path, rgb):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photograph = read_picture(save(tmp_path / "a.png", rgb, icc_profile=profile))
    assert_array_equal(photograph.rgb, rgb)
    assert photograph.notes == ()


def test_a_profile_of_another_curve_is_used_whatever_it_is_called(tmp_path, rgb):
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    called = "sRGB built-in".encode("utf-16-be")
    profile[profile.index(called) : profile.index(called) + len(called)] = "A Linear sRGB".encode("utf-16-be")
    curve = profile.index(b"para")
    profile[curve + 8 : curve + 16] = (0).to_bytes(4, "big") + (1 << 16).to_bytes(
        4, "big"
    )  # ICC.1, 10.18: a power of 1
    photograph = read_picture(save(tmp_path / "a.png", rgb, icc_profile=bytes(profile)))
    linear = rgb / 255
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(photograph.rgb, 255 * curved, atol=2)
    assert photograph.notes == ("colours converted to sRGB from the profile A Linear sRGB",)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("sRGB IEC61966-2.1", True),
        ("sRGB built-in", True),
        ("GIMP built-in sRGB", True),
        ("GIMP built-in Linear sRGB", False),
        ("sRGB-elle-V4-g10.icc", False),
        ("Linear sRGB", False),
    ],
)
def test_which_profiles_are_plain_srgb(name, plain):
    assert bool(PLAIN_SRGB.fullmatch(name)) == plain


def test_name_that_belies_the_content_is_told(tmp_path, rgb):
    path = save(tmp_path / "a.jpg", rgb, format="PNG")
    assert read_picture(path).notes == ("its name ends in .jpg, its content is PNG",)
    path = save(tmp_path / "scan", rgb, format="BMP")
    assert read_picture(path).notes == ("its name has no ending of a picture; it is BMP",)


# --- refusing: made here ---


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (bytes(5000), "not a picture: nothing but zero bytes"),
        (b"My holidays, day 1.\n", "not a picture: text"),
        (b"\n<!DOCTYPE html><title>404</title>", "not a picture: a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "not a picture: a pointer of Git LFS"),
        (b"\x01\x02\x03\x04" * 20, "not a picture: its content is of no known kind"),
        (b"\xff\xd8\xff\xe0", "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "broken or unsupported PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture: text"),
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
    with pytest.raises(InputError, match="too large"):
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


# --- writing ---


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("format", OUTPUTS)
def test_written_picture_is_read_back(tmp_path, rgb, format, with_alpha):
    smooth = np.asarray(Image.fromarray(rgb[:4, :4]).resize((56, 40), Image.Resampling.BICUBIC))
    alpha = np.full((40, 56), 200, np.uint8) if with_alpha else None
    path = tmp_path / f"a{OUTPUTS[format].ending}"
    write_picture(path, smooth, alpha, format)
    photograph = read_picture(path)
    lossy = format in ("JPEG", "WEBP", "AVIF")
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


@pytest.mark.parametrize("depth", [8, 16])
def test_deep_grey_whose_zero_is_white_is_turned_round(tmp_path, depth):
    ramp = np.linspace(0, 65535, 60 * 40).astype(np.uint16).reshape(40, 60)
    tifffile.imwrite(tmp_path / "a.tif", ramp, photometric="miniswhite")
    photograph = read_picture(tmp_path / "a.tif", depth=depth)
    np.testing.assert_allclose(photograph.rgb[..., 0], (65535 - ramp.astype(int)) / 257, atol=0.51)
    if depth == 16:
        np.testing.assert_array_equal(photograph.deep, 65535 - ramp)


@pytest.mark.parametrize(("format", "size"), [("WEBP", (1, 20_000)), ("AVIF", (1, 70_000)), ("TGA", (1, 70_000))])
def test_what_a_format_cannot_hold_is_an_error_of_writing(tmp_path, format, size):
    with pytest.raises(OSError, match=f"{format} cannot hold it"):
        write_picture(tmp_path / "a", np.zeros((*size, 3), np.uint8), format=format)
    assert list(tmp_path.iterdir()) == []


def test_a_side_that_is_too_long_is_refused_whatever_the_other_is(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((1, 65_536), np.uint8))
    with pytest.raises(TooLargeError, match="a.png: too large, has a side of 65,536 pixels, more than 65,535"):
        read_picture(path)
    assert read_picture(save(tmp_path / "b.png", np.zeros((1, 65_535), np.uint8))).rgb.shape == (1, 65_535, 3)
