"""XMP, IPTC and the texts of a PNG: kept from file to file, or said to be left out."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from colorization.images.descriptions import Descriptions, jpeg_segment
from colorization.images.formats import readable_formats
from colorization.images.metadata import Metadata
from colorization.images.reader import read_picture
from colorization.images.writer import encode_picture

XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:subject>Grandmother</dc:subject></x:xmpmeta>'
IPTC = b"\x1c\x02\x78\x00\x0fMade-up caption"
TEXTS = (("Title", "Made-up title"), ("Description", "N. N., 1931, at L\u00f3d\u017a"))
RGB = np.full((40, 56, 3), 99, np.uint8)


def written(format: str, said: Descriptions, rgb=RGB) -> Descriptions:
    content = encode_picture(rgb, None, format, Metadata(said=said).marked())
    return read_picture(f"a.{format}", content=content).metadata.said


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_xmp_is_kept(format):
    if format not in readable_formats():
        pytest.skip(f"the package that reads {format} is not installed")
    assert written(format, Descriptions(xmp=XMP)).xmp == XMP


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_iptc_is_kept(format):
    assert written(format, Descriptions(xmp=XMP, iptc=IPTC)) == Descriptions(XMP, IPTC)
    assert written(format, Descriptions(iptc=IPTC + b"!")).iptc == IPTC + b"!"


def test_texts_of_a_png_are_kept():
    assert written("PNG", Descriptions(texts=TEXTS)).texts == TEXTS


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_files_of_16_bits_say_it_too(format):
    said = Descriptions(XMP, IPTC if format == "TIFF" else b"", TEXTS if format == "PNG" else ())
    assert written(format, said, RGB.astype(np.uint16) * 257) == said


@pytest.mark.parametrize("form", [b'tiff:Orientation="6"', b"<tiff:Orientation>6</tiff:Orientation>"])
def test_the_turn_in_xmp_is_taken_back(form):
    content = io.BytesIO()
    Image.fromarray(RGB).save(content, "JPEG", xmp=XMP + form)
    assert read_picture("a.jpg", content=content.getvalue()).metadata.said.xmp == XMP + form.replace(b"6", b"1")


def test_what_describes_other_pixels_is_left_out():
    content, texts = io.BytesIO(), PngImagePlugin.PngInfo()
    for key in ("Raw profile type exif", "exif:Orientation", "date:create", "png:IHDR"):
        texts.add_text(key, "6")
    Image.fromarray(RGB).save(content, "PNG", pnginfo=texts)
    assert read_picture("a.png", content=content.getvalue()).metadata.said.texts == ()
    content = io.BytesIO()
    Image.fromarray(RGB).save(content, "JPEG", xmp=XMP + b' GCamera:MotionPhoto="1"')
    photograph = read_picture("a.jpg", content=content.getvalue())
    assert photograph.metadata.said.xmp == b""
    assert "its XMP left out, which speaks of a film or a second picture in the file" in photograph.notes


def test_what_is_too_long_is_left_out_and_said():
    content = io.BytesIO()
    tifffile.imwrite(content, RGB, extratags=[(700, "B", 70_000, b" " * 70_000, True)])
    photograph = read_picture("a.tif", content=content.getvalue())
    assert photograph.metadata.said.xmp == b""
    assert "its XMP left out: 70,000 bytes, more than 64,000" in photograph.notes


def test_what_a_format_cannot_hold_is_said():
    said = Descriptions(XMP, IPTC, TEXTS)
    assert said.left_out_of("TGA") == [
        f"its {kind} left out, which TGA cannot hold" for kind in ("XMP", "IPTC", "texts")
    ]
    assert said.left_out_of("PNG") == ["its IPTC left out, which PNG cannot hold"]
    assert Descriptions().left_out_of("TGA") == []


def test_iptc_lies_where_others_look_for_it():
    content = io.BytesIO()
    Image.fromarray(RGB).save(content, "JPEG", extra=jpeg_segment(IPTC))
    with Image.open(content) as image:
        assert image.info["photoshop"][1028] == IPTC


def test_the_cases_keep_what_they_say(shared_cases):
    folder = shared_cases / "11_iptc_xmp_pngtext_lost"
    for name, format in (("iptc_xmp.jpg", "JPEG"), ("text.png", "PNG")):
        said = read_picture(folder / name).metadata.said
        assert said != Descriptions()
        assert written(format, said) == said
