"""What the pixels of a file come to: depths, modes, transparency, turns, colour profiles."""

import struct

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image, ImageCms

from colorization.images.pixel_modes import PLAIN_SRGB
from colorization.images.reader import read_picture
from tests.colorization.images.picture_files import RGB, png_chunk, save, write_png


@pytest.fixture
def rgb() -> np.ndarray:
    return RGB.copy()


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


@pytest.mark.parametrize(("bits", "is_dark"), [(10, True), (12, True), (14, True), (15, False), (16, False)])
def test_fewer_bits_in_16_are_said_to_be_dark(tmp_path, bits, is_dark):
    path = save(tmp_path / "dark.tif", np.full((40, 40), 2**bits - 1, np.uint16))
    told = f"very dark: its values reach only {2**bits - 1:,} of 65,535"
    assert (told in read_picture(path).notes) == is_dark


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


def test_one_is_black_in_a_bitmap_of_photoshop(tmp_path):
    """As Photoshop, FreeImage and ImageMagick have it."""
    black = np.tile(np.arange(16) < 5, (8, 1))
    header = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 1, 8, 16, 1, 0) + bytes(12) + b"\0\0"
    (tmp_path / "a.psd").write_bytes(header + np.packbits(black, axis=1).tobytes())
    assert_array_equal(read_picture(tmp_path / "a.psd").rgb[..., 0], np.where(black, 0, 255))


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


@pytest.mark.parametrize("depth", [8, 16])
def test_deep_grey_whose_zero_is_white_is_turned_round(tmp_path, depth):
    ramp = np.linspace(0, 65535, 60 * 40).astype(np.uint16).reshape(40, 60)
    tifffile.imwrite(tmp_path / "a.tif", ramp, photometric="miniswhite")
    photograph = read_picture(tmp_path / "a.tif", depth=depth)
    np.testing.assert_allclose(photograph.rgb[..., 0], (65535 - ramp.astype(int)) / 257, atol=0.51)
    if depth == 16:
        np.testing.assert_array_equal(photograph.deep, 65535 - ramp)
