"""Broken picture files of every kind: they are read, or refused in one line; never a trace, never a crash.

FUZZ_EXAMPLES=50000 pytest tests/colorization/images/test_fuzz.py  tries longer; what came out is in
docs/reliability.md.
"""

import io
import os

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from colorization.errors import InputError
from colorization.images.formats import readable_formats
from colorization.images.reader import read_picture
from colorization.images.writer import OUTPUTS, encode_picture, output_format

HOW_MANY = [int(os.environ.get("FUZZ_EXAMPLES", 200)), pytest.param(2000, marks=pytest.mark.slow)]
MAX_PIXELS = 1_000_000
MODES = {  # what each format can hold of these; the pixels are smooth, so that the files are small
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "TIFF": ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F", "LAB"),
    "GIF": ("L", "P"),
    "BMP": ("1", "L", "P", "RGB"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB", "RGBA"),
    "JPEG2000": ("L", "RGB", "RGBA"),
    "TGA": ("L", "RGB", "RGBA"),
    "PPM": ("1", "L", "RGB"),
    "ICO": ("RGBA",),
    "HEIF": ("L", "RGB", "RGBA"),
    "JXL": ("L", "RGB", "RGBA"),
}


def whole_files() -> list[bytes]:
    ramp = np.add.outer(np.arange(40), 2 * np.arange(48)).astype(np.float32)
    files = []
    readable_formats()  # which makes those of other packages known
    for format, modes in MODES.items():
        for mode in modes if format in Image.SAVE else ():
            image = Image.fromarray((ramp * 400).astype(np.uint16)) if mode == "I;16" else Image.fromarray(ramp)
            if mode not in ("F", "I;16"):
                image = image.convert("L")
                image = Image.merge("LAB", [image] * 3) if mode == "LAB" else image.convert(mode)
            exif = Image.Exif()
            exif[0x0112], exif[0x010E] = 6, "Grandmother"
            file = io.BytesIO()
            image.save(file, format, **({"exif": exif.tobytes()} if format in OUTPUTS and OUTPUTS[format].exif else {}))
            files.append(file.getvalue())
    return files


def odd_tiffs() -> list[bytes]:
    """Those that tifffile decodes."""
    ramp = np.add.outer(np.arange(40), 2 * np.arange(48)) / 140
    grey, wide = np.uint16(65535 * ramp), {"photometric": "rgb", "planarconfig": "separate"}
    files = []
    for pixels, how in (
        (np.stack([grey] * 3), wide),
        (np.stack([grey] * 3), {**wide, "tile": (16, 16), "compression": "zlib"}),
        (ramp.astype(np.float16), {}),
        (grey.astype(np.uint32), {"byteorder": ">", "rowsperstrip": 7}),
        (
            np.uint8(255 * ramp),
            {"photometric": "palette", "colormap": np.stack([np.arange(256)] * 3).astype(np.uint16)},
        ),
        (
            np.dstack([grey, grey]),
            {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]},
        ),
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, **how)
        files.append(file.getvalue())
    return files


FILES = whole_files() + odd_tiffs()
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(["change", "cut", "insert", "double", "end"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def damaged(content: bytes, damages) -> bytes:
    """Changes at places 0..1 of the file; most headers lie at its begin, so half of the places are taken there."""
    for kind, place, new in damages:
        at = int(place * 2 * min(len(content), 200)) if place < 0.5 else int((2 * place - 1) * len(content))
        before, after = content[:at], content[at:]
        content = {
            "change": before + new + after[len(new) :],
            "cut": before + after[len(new) :],
            "insert": before + new + after,
            "double": before + after[:100] + after,
            "end": before if at > 4 else content,
        }[kind]
    return content


def check(content: bytes, name: str = "a picture.jpg") -> bool:
    """Whether a file is read; then it must also be written. Refused files must say why in one line."""
    try:
        photograph = read_picture(name, MAX_PIXELS, content)
    except InputError as error:
        assert str(error).startswith(f"{name}: ")
        assert "\n" not in str(error)
        assert len(str(error)) < 500
        return False
    height, width, channels = photograph.rgb.shape
    assert (photograph.rgb.dtype, channels) == (np.uint8, 3)
    assert 0 < height * width <= MAX_PIXELS
    assert photograph.alpha is None or photograph.alpha.shape == (height, width)
    assert not any("\n" in note for note in photograph.notes)
    format, _ = output_format(photograph)
    written = encode_picture(photograph.rgb, photograph.alpha, format, photograph.metadata.marked())
    with Image.open(io.BytesIO(written)) as image:
        assert image.size == (width, height)
    return True


def fuzz(examples: int):
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("content", FILES)
def test_whole_files_are_read(content):
    assert check(content)


@pytest.mark.parametrize("examples", HOW_MANY)
def test_damaged_files_are_read_or_refused(examples):
    @fuzz(examples)
    @given(st.sampled_from(FILES), DAMAGES)
    def each(content, damages):
        check(damaged(content, damages))

    each()


@pytest.mark.parametrize("examples", HOW_MANY)
def test_any_bytes_are_read_or_refused(examples):
    @fuzz(examples // 4)
    @given(st.binary(max_size=300))
    def each(content):
        check(content)

    each()


@pytest.mark.parametrize("examples", HOW_MANY)
def test_damaged_real_files_are_read_or_refused(shared_data, examples):
    folders = (shared_data / "formats", shared_data / "corrupt")
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.stat().st_size < 300_000)

    said_twice = shared_data / "formats/multipage_rgb.tif"  # damaged so that two readers take its samples for two kinds

    @fuzz(examples // 4)
    @given(st.sampled_from(paths), DAMAGES)
    @example(said_twice, [("change", 0.4375, b"\x14"), ("double", 0.4375, b"\x00")])
    def each(path, damages):
        check(damaged(path.read_bytes(), damages))

    each()
