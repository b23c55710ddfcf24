"""What a PNG says of its brightness is followed, as browsers do, or said."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorization.images.reader import read_picture
from tests.colorization.images.picture_files import png_chunk

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None], 40, axis=0)


def png(*chunks: tuple[bytes, bytes], pixels=RAMP, **how) -> bytes:
    """A PNG with chunks put behind its header."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **how)
    content = file.getvalue()
    return content[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + content[33:]


def gama(gamma: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(gamma * 100_000))


def cicp(primaries: int, transfer: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes([primaries, transfer, 0, 1])


def as_srgb(share: np.ndarray, gamma: float) -> np.ndarray:
    light = share ** (1 / gamma)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 0.3])
def test_a_gamma_is_applied(gamma):
    photograph = read_picture("a.png", content=png(gama(gamma)))
    np.testing.assert_allclose(photograph.rgb[..., 1], 255 * as_srgb(RAMP / 255, gamma), atol=0.51)
    assert photograph.notes == (f"brightness converted to sRGB from a gamma of {gamma:.3g}",)


def test_a_gamma_of_16_bits_keeps_them():
    deep = np.repeat(np.arange(0, 65536, 16, dtype=np.uint16)[None], 40, axis=0)
    photograph = read_picture("a.png", content=png(gama(1.0), pixels=deep), depth=16)
    np.testing.assert_allclose(photograph.deep, 65535 * as_srgb(deep / 65535, 1.0), atol=0.51)


@pytest.mark.parametrize(
    "chunks",
    [
        [gama(1 / 2.2)],
        [gama(0.45)],
        [gama(0)],
        [gama(20_000)],
        [gama(1.0), (b"sRGB", b"\0")],
        [gama(1.0), cicp(1, 13)],
        [cicp(1, 1)],
    ],
)
def test_what_is_srgb_already_or_nonsense_changes_nothing(chunks):
    photograph = read_picture("a.png", content=png(*chunks))
    np.testing.assert_array_equal(photograph.rgb[..., 1], RAMP)
    assert photograph.notes == ()


def test_a_profile_counts_before_a_gamma_and_cicp_before_both():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(read_picture("a.png", content=png(gama(1.0), icc_profile=profile)).rgb[..., 1], RAMP)
    photograph = read_picture("a.png", content=png(cicp(1, 8), gama(0.3), icc_profile=profile))
    np.testing.assert_allclose(photograph.rgb[..., 1], 255 * as_srgb(RAMP / 255, 1.0), atol=0.51)


@pytest.mark.parametrize(
    ("primaries", "transfer", "said"),
    [
        (9, 16, "high dynamic range (PQ): its brightness is not converted"),
        (9, 18, "high dynamic range (HLG): its brightness is not converted"),
        (12, 13, "its wide range of colours is taken as sRGB's"),
        (1, 99, "its curve of brightness (cICP 99) is not known and taken as sRGB's"),
    ],
)
def test_what_is_not_applied_is_said(primaries, transfer, said):
    assert said in read_picture("a.png", content=png(cicp(primaries, transfer))).notes


def test_the_case_of_gamma_1(shared_cases):
    folder = shared_cases / "08_png_gama_ignored"
    shown, wanted = (read_picture(folder / name).rgb for name in ("linear_gama1.png", "expected_grey.png"))
    assert np.abs(shown.astype(int) - wanted).mean() < 2
