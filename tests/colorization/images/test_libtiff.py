"""What libtiff finds wrong is said in a note or an error of ours, and never printed from C."""

import io

import numpy as np
import pytest
from PIL import Image

from colorization.errors import InputError
from colorization.images.libtiff import DAMAGED
from colorization.images.reader import read_picture

PAGE = Image.fromarray(np.where(np.random.default_rng(0).random((200, 300)) < 0.2, 255, 0).astype(np.uint8)).convert(
    "1"
)


def tiff_of(image, compression):
    content = io.BytesIO()
    image.save(content, "TIFF", compression=compression)
    return bytearray(content.getvalue())


def damaged(content):
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(255 - byte for byte in content[middle : middle + 40])
    return bytes(content)


def test_a_fax_with_damaged_lines_is_read_with_a_note(capfd):
    notes = read_picture("a.tif", content=damaged(tiff_of(PAGE, "group4"))).notes
    assert DAMAGED in notes
    assert capfd.readouterr().err == ""
    assert DAMAGED not in read_picture("b.tif", content=bytes(tiff_of(PAGE, "group4"))).notes


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_a_broken_tiff_is_one_error_and_nothing_else(compression, capfd):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 80), np.uint8))
    with pytest.raises(InputError, match=r"^a\.tif: "):
        read_picture("a.tif", content=damaged(tiff_of(noise, compression)))
    assert capfd.readouterr().err == ""
