"""Formats beside Pillow's own: what phones write is read, and what is not read is named with what to do."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from colorization.cli.output_paths import plan
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.images import formats
from colorization.images.formats import UNREAD, readable_formats
from colorization.images.jpeg_xl import jpeg_xl_size
from colorization.images.opening import TooLargeError
from colorization.images.reader import looks_like_picture, read_header, read_picture
from colorization.images.writer import encode_picture
from tests.colorization.images.picture_files import RGB

SMOOTH = np.repeat(np.linspace(10, 240, 64).astype(np.uint8)[None, :, None], 48, axis=0).repeat(3, axis=2)
STARTS = {  # of real files
    "a.cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    "a.raf": b"FUJIFILMCCD-RAW 0201FF159502X-T3",
    "a.orf": b"IIRO\x08\0\0\0",
    "a.rw2": b"IIU\0\x18\0\0\0",
    "a.jxr": b"II\xbc\x01\x20\0\0\0",
    "a.exr": b"v/1\x01\x02\0\0\0",
    "a.hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
    "a.xcf": b"gimp xcf v011\0",
    "a.psb": b"8BPS\0\x02" + bytes(6) + b"\0\3\0\0\0\x10\0\0\0\x10\0\x08\0\3",
    "a.djvu": b"AT&TFORM\0\0\1\0DJVU",
    "a.dcm": bytes(128) + b"DICM\2\0",
    "a.pam": b"P7\nWIDTH 4\nHEIGHT 4\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n",
    "a.psd": b"8BPS\0\x01" + bytes(6) + b"\0\1\0\0\0\x10\0\0\0\x10\0\x10\0\1",
}


@pytest.fixture
def without_packages(monkeypatch):
    """Pillow as it is on a machine for which the other packages have no wheel."""
    own = tuple(name for name in readable_formats() if name not in ("HEIF", "JXL"))
    monkeypatch.setattr(formats, "readable_formats", lambda: own)
    monkeypatch.setattr("colorization.images.opening.readable_formats", lambda: own)


@pytest.mark.parametrize("name", STARTS)
def test_known_formats_are_named_with_what_to_do(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(STARTS[name] + bytes(500))
    assert looks_like_picture(path)
    assert looks_like_picture(path.rename(tmp_path / "no ending"))
    with pytest.raises(InputError, match=r"no ending: .* is not read here: (develop|save|export) it"):
        read_picture(tmp_path / "no ending")


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"%PDF-1.7\n", "a PDF; save its pages as JPEG or PNG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript; save it as JPEG or PNG"),
        (b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">', "a drawing (SVG)"),
        (b"<svg width='4'/>", "a drawing (SVG); export it as PNG"),
        (b"<!DOCTYPE html><html>", "a web page (HTML)"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  ", "a film"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "a film"),
        (b"\x1aE\xdf\xa3\x9f", "a film"),
        (b"PK\3\4\x14\0", "an archive, or a document; take the pictures out of it"),
    ],
)
def test_what_is_no_picture_is_named_and_passed_over_in_a_folder(tmp_path, start, told):
    path = tmp_path / "a"
    path.write_bytes(start + bytes(500))
    assert not looks_like_picture(path)
    with pytest.raises(InputError, match=re.escape(f"a: not a picture: {told}")):
        read_picture(path)


def test_every_unread_format_says_what_to_do():
    assert all(format.advice and format.name and format.start for format in UNREAD)


def test_a_folder_counts_what_cannot_be_read(tmp_path):
    (tmp_path / "IMG_1.CR3").write_bytes(STARTS["a.cr3"])
    [job] = plan(ColorizeOptions(pictures=(str(tmp_path),), output=str(tmp_path / "out")))
    assert job.problem.endswith("camera raw is not read here: develop it first, and save it as JPEG or TIFF")


@pytest.mark.parametrize(("format", "package"), [("HEIF", "pillow_heif"), ("JXL", "pillow_jxl")])
def test_what_phones_write_is_read_and_written(tmp_path, format, package):
    pytest.importorskip(package)
    path = tmp_path / f"a.{'heic' if format == 'HEIF' else 'jxl'}"
    path.write_bytes(encode_picture(SMOOTH, None, format))
    assert read_header(path).pixels == 48 * 64
    photograph = read_picture(path)
    assert (photograph.format, photograph.notes) == (format, ())
    assert np.abs(photograph.rgb.astype(int) - SMOOTH).mean() < 2
    alpha = np.full((40, 56), 200, np.uint8)
    path.write_bytes(encode_picture(RGB, alpha, format))
    assert np.abs(read_picture(path).alpha.astype(int) - 200).max() <= 2


@pytest.mark.parametrize("format", ["HEIF", "JXL"])
def test_a_phone_picture_is_turned_upright_once(tmp_path, format):
    pytest.importorskip({"HEIF": "pillow_heif", "JXL": "pillow_jxl"}[format])
    assert format in readable_formats()
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(SMOOTH).save(content, format, exif=exif.tobytes())
    assert read_picture("a", content=content.getvalue()).rgb.shape == ((64, 48, 3) if format == "HEIF" else (48, 64, 3))


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG"), (13, ""), (1, "")])
def test_high_dynamic_range_is_said(transfer, name):
    pillow_heif = pytest.importorskip("pillow_heif")
    content, (height, width, _) = io.BytesIO(), SMOOTH.shape
    picture = pillow_heif.from_bytes("RGB;16", (width, height), (SMOOTH.astype(np.uint16) * 257).tobytes())
    picture.save(content, color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9)
    notes = read_picture("a.heic", content=content.getvalue()).notes
    assert notes == ((f"high dynamic range ({name}): its brightness is not converted",) if name else ())


def test_the_curve_of_an_avif_is_found():
    content = encode_picture(SMOOTH, None, "AVIF")
    assert read_picture("a.avif", content=content).notes == ()
    before, box, after = content.partition(b"colrnclx")
    changed = before + box + after[:2] + b"\0\x12" + after[4:]
    assert "high dynamic range (HLG)" in read_picture("a.avif", content=changed).notes[0]


@pytest.mark.parametrize("size", [(8, 8), (256, 256), (257, 100), (3, 700), (1000, 500), (1600, 900), (40, 30)])
@pytest.mark.parametrize("container", [False, True])
def test_the_size_of_a_jpeg_xl_is_known_before_it_is_decoded(size, container):
    pytest.importorskip("pillow_jxl")
    content = io.BytesIO()
    Image.new("L", size).save(content, "JXL", effort=1, use_container=container)
    assert jpeg_xl_size(content) == size


def test_a_jpeg_xl_bomb_is_refused_on_its_header():
    pytest.importorskip("pillow_jxl")
    content = io.BytesIO()
    Image.new("L", (300, 200)).save(content, "JXL", effort=1)
    with pytest.raises(TooLargeError, match="has 60,000 pixels, more than --max-pixels 59,999"):
        read_header_of(content.getvalue(), 59_999)
    with pytest.raises(InputError, match="broken header"):
        read_header_of(content.getvalue()[:9], 59_999)


def read_header_of(content: bytes, max_pixels: int):
    return read_picture("a.jxl", max_pixels, content)


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_2.jxl"])
def test_without_its_package_a_format_is_named(shared_cases, without_packages, name):
    path = shared_cases / "07_heic_jxl_raw_passed_over_in_silence" / name
    assert looks_like_picture(path)
    with pytest.raises(InputError, match="is not read here: turn it into JPEG, or install pillow"):
        read_picture(path)


@pytest.mark.parametrize(("name", "shape"), [("IMG_0001.HEIC", (200, 300, 3)), ("IMG_2.jxl", (130, 200, 3))])
def test_the_pictures_of_phones_of_the_cases(shared_cases, name, shape):
    pytest.importorskip("pillow_heif")
    pytest.importorskip("pillow_jxl")
    photograph = read_picture(shared_cases / "07_heic_jxl_raw_passed_over_in_silence" / name)
    assert photograph.rgb.shape == shape
    assert photograph.rgb.std() > 10
