"""TIFFs of every depth, sign, sample order and packing: the right picture, or a refusal that says what to do."""

import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from colorization.errors import InputError
from colorization.images.opening import UnreadFormatError
from colorization.images.reader import looks_like_picture, read_header, read_picture

H, W = 40, 56
SHARE = (np.add.outer(np.arange(H), np.arange(W)) / (H + W - 2)) ** 2  # 0..1, more dark than light
COLOURS = np.stack([SHARE, SHARE[::-1], SHARE[:, ::-1]], axis=-1)
ALPHA = np.linspace(0.2, 1, H * W).reshape(H, W)
KINDS = ("uint8", "uint16", "uint32", "float16", "float32", "float64")


def of_kind(share: np.ndarray, kind: str) -> np.ndarray:
    dtype = np.dtype(kind)
    return share.astype(dtype) if dtype.kind == "f" else np.rint(share * np.iinfo(dtype).max).astype(dtype)


def check(path, share: np.ndarray, alpha: np.ndarray | None = None, tolerance: float = 1.01) -> None:
    photograph, header = read_picture(path), read_header(path)
    assert (header.format, header.pixels, header.has_alpha) == ("TIFF", H * W, alpha is not None)
    wanted = share if share.ndim == 3 else share[..., None]
    np.testing.assert_allclose(photograph.rgb, np.broadcast_to(255 * wanted, (H, W, 3)), atol=tolerance)
    if alpha is None:
        assert photograph.alpha is None
    else:
        np.testing.assert_allclose(photograph.alpha, 255 * alpha, atol=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize(
    "how", [{}, {"tile": (16, 32)}, {"compression": "zlib"}, {"rowsperstrip": 7}, {"bigtiff": True}]
)
def test_grey(tmp_path, kind, byteorder, photometric, how):
    if how.get("bigtiff") and byteorder == ">":
        byteorder = "<"
    stored = SHARE if photometric == "minisblack" else 1 - SHARE
    tifffile.imwrite(tmp_path / "a.tif", of_kind(stored, kind), photometric=photometric, byteorder=byteorder, **how)
    check(tmp_path / "a.tif", SHARE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("how", [{}, {"tile": (16, 32)}, {"compression": "zlib", "predictor": True}])
def test_rgb(tmp_path, kind, byteorder, planar, alpha, how):
    if how.get("predictor") and kind.startswith("float"):
        how = {"compression": "zlib"}
    share = np.dstack([COLOURS, ALPHA]) if alpha else COLOURS
    share = np.moveaxis(share, -1, 0) if planar == "separate" else share
    how = {**how, "planarconfig": planar, **({"extrasamples": ["unassalpha"]} if alpha else {})}
    tifffile.imwrite(tmp_path / "a.tif", of_kind(share, kind), photometric="rgb", byteorder=byteorder, **how)
    check(tmp_path / "a.tif", COLOURS, ALPHA if alpha else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("premultiplied", [False, True])
def test_grey_with_alpha(tmp_path, kind, premultiplied):
    share = np.stack([SHARE * ALPHA if premultiplied else SHARE, ALPHA], axis=-1)
    extra = "assocalpha" if premultiplied else "unassalpha"
    tifffile.imwrite(
        tmp_path / "a.tif", of_kind(share, kind), photometric="minisblack", planarconfig="contig", extrasamples=[extra]
    )
    check(tmp_path / "a.tif", SHARE, ALPHA, tolerance=5 if premultiplied else 1.01)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_cmyk_with_alpha(tmp_path, kind, planar):
    inks = np.dstack([1 - COLOURS, np.zeros((H, W)), ALPHA])
    inks = np.moveaxis(inks, -1, 0) if planar == "separate" else inks
    tifffile.imwrite(
        tmp_path / "a.tif",
        of_kind(inks, kind),
        photometric="separated",
        planarconfig=planar,
        extrasamples=["unassalpha"],
    )
    check(tmp_path / "a.tif", COLOURS, ALPHA)


@pytest.mark.parametrize("highest", [255, 65535])
@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_colour_maps_of_8_and_of_16_bits(tmp_path, highest, kind):
    length = np.iinfo(kind).max + 1
    ramp = np.linspace(0, highest, length).astype(np.uint16)
    colour_map = np.stack([ramp, ramp[::-1], ramp])
    tifffile.imwrite(tmp_path / "a.tif", of_kind(SHARE, kind), photometric="palette", colormap=colour_map)
    check(tmp_path / "a.tif", np.stack([SHARE, 1 - SHARE, SHARE], axis=-1))


def tiff_by_hand(path, data: bytes, bits: int, samples=1, compression=1, photometric=1, fillorder=1) -> None:
    """A TIFF of one strip; for depths that no writer at hand knows. photometric: None leaves the tag out."""
    values = [(256, W), (257, H), (258, bits), (259, compression), (262, photometric), (266, fillorder), (273, 0)]
    values += [(277, samples), (278, H), (279, len(data))]
    values = [(tag, value) for tag, value in values if value is not None]
    begin = 8 + 2 + 12 * len(values) + 4
    content = b"II\x2a\0\x08\0\0\0" + struct.pack("<H", len(values))
    content += b"".join(struct.pack("<HHII", tag, 4, 1, begin if tag == 273 else value) for tag, value in values)
    path.write_bytes(content + bytes(4) + data)


def packed(share: np.ndarray, bits: int) -> bytes:
    values = np.rint(share.reshape(H, -1) * (2**bits - 1)).astype(np.uint64)
    single = (values[..., None] >> np.arange(bits - 1, -1, -1, dtype=np.uint64)) & np.uint64(1)
    return np.packbits(single.astype(np.uint8).reshape(H, -1), axis=1).tobytes()


@pytest.mark.parametrize("bits", [bits for bits in range(2, 32) if bits not in (8, 16)])
@pytest.mark.parametrize("photometric", [0, 1])
def test_every_depth(tmp_path, bits, photometric):
    tiff_by_hand(tmp_path / "a.tif", packed(SHARE if photometric else 1 - SHARE, bits), bits, photometric=photometric)
    wanted = np.rint(SHARE * (2**bits - 1)) / (2**bits - 1)
    check(tmp_path / "a.tif", wanted)


@pytest.mark.parametrize("bits", [4, 8, 12, 16])
@pytest.mark.parametrize(("share", "samples"), [(SHARE, 1), (COLOURS, 3)])
def test_black_is_zero_where_nothing_is_said(tmp_path, bits, share, samples):
    """As libtiff has it."""
    data = of_kind(share, "uint16").tobytes() if bits == 16 else packed(share, bits)
    tiff_by_hand(tmp_path / "a.tif", data, bits, samples, photometric=None)
    check(tmp_path / "a.tif", np.rint(share * (2**bits - 1)) / (2**bits - 1))


@pytest.mark.parametrize("bits", [4, 10, 12, 14, 24])
def test_odd_depths_of_colour(tmp_path, bits):
    tiff_by_hand(tmp_path / "a.tif", packed(COLOURS, bits), bits, samples=3, photometric=2)
    check(tmp_path / "a.tif", np.rint(COLOURS * (2**bits - 1)) / (2**bits - 1))


@pytest.mark.parametrize("name", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_what_libtiff_compresses(tmp_path, name):
    """Pillow writes the bytes of 12-bit rows as a picture of bytes; the tags are put right afterwards."""
    rows = np.frombuffer(packed(SHARE, 12), np.uint8).reshape(H, -1)
    Image.fromarray(rows).save(tmp_path / "bytes.tif", compression=name, tiffinfo={278: H})
    with tifffile.TiffFile(tmp_path / "bytes.tif") as file:
        page = file.pages[0]
        assert len(page.dataoffsets) == 1
        file.filehandle.seek(page.dataoffsets[0])
        data = file.filehandle.read(page.databytecounts[0])
        compression = int(page.compression)
    tiff_by_hand(tmp_path / "a.tif", data, 12, compression=compression)
    check(tmp_path / "a.tif", SHARE)


def test_a_reversed_order_of_bits(tmp_path):
    turned = np.packbits(np.unpackbits(np.frombuffer(packed(SHARE, 12), np.uint8)).reshape(-1, 8)[:, ::-1]).tobytes()
    tiff_by_hand(tmp_path / "a.tif", turned, 12, fillorder=2)
    check(tmp_path / "a.tif", SHARE)


def test_dark_numbers_of_32_bits_are_stretched(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", of_kind(SHARE, "uint16").astype(np.uint32))
    check(tmp_path / "a.tif", SHARE)
    assert "values from 0 to 65535 stretched to 8 bits" in read_picture(tmp_path / "a.tif").notes


@pytest.mark.parametrize("kind", ["int8", "int16", "int32"])
def test_signed_numbers_are_stretched(tmp_path, kind):
    info = np.iinfo(kind)
    values = np.rint(SHARE * 200 - 100).astype(kind)
    values[0, 0], values[-1, -1] = max(-100, info.min), 100
    tifffile.imwrite(tmp_path / "a.tif", values)
    check(tmp_path / "a.tif", SHARE, tolerance=2)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_upright_with_its_alpha(tmp_path, orientation):
    share = np.zeros((H, W, 2))
    share[0, 0] = 1
    how = {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(tmp_path / "a.tif", of_kind(share, "uint16"), **how, extratags=[(274, "H", 1, orientation, True)])
    photograph = read_picture(tmp_path / "a.tif")
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert photograph.rgb.shape[:2] == ((H, W) if orientation < 5 else (W, H))
    assert photograph.rgb[corner[orientation]].min() == photograph.alpha[corner[orientation]] == 255
    assert (f"turned upright (EXIF orientation {orientation})" in photograph.notes) == (orientation > 1)


def test_what_else_it_says_is_kept(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.tif",
        of_kind(SHARE, "uint32"),
        resolution=(300, 600),
        resolutionunit="INCH",
        description="Grandmother",
        metadata=None,
    )
    metadata = read_picture(tmp_path / "a.tif").metadata
    assert metadata.dpi == (300.0, 600.0)
    assert metadata.of_whole_picture()[270] == b"Grandmother"


@pytest.mark.parametrize("compression", [1, 5])
def test_a_cut_file_is_refused(tmp_path, compression):
    tiff_by_hand(tmp_path / "a.tif", packed(SHARE, 12)[:-400], 12, compression=compression)
    with pytest.raises(InputError, match="a.tif: (truncated|broken TIFF data)"):
        read_picture(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("int16", "16-bit signed RGB"), ("int8", "8-bit signed RGB"), ("complex64", "64-bit complex grey")],
)
def test_the_rest_is_refused_in_words(tmp_path, kind, words):
    share = SHARE if kind == "complex64" else COLOURS
    tifffile.imwrite(tmp_path / "a.tif", (share * 100).astype(kind), photometric="rgb" if share.ndim == 3 else None)
    with pytest.raises(UnreadFormatError, match=f"a.tif: a TIFF of {words} pixels is not read here: save it with"):
        read_picture(tmp_path / "a.tif")
    assert looks_like_picture(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"photometric": 9}, "8-bit Lab"),
        ({"photometric": 4, "bits": 1}, "1-bit odd"),
        ({"photometric": 6, "bits": 16, "samples": 3}, "16-bit YCbCr"),
        ({"compression": 7, "bits": 12}, "12-bit grey"),
        ({"samples": 5}, "8-bit 5-channel grey"),
    ],
)
def test_kinds_that_nobody_reads_are_refused_in_words(tmp_path, how, words):
    tiff_by_hand(tmp_path / "a.tif", bytes(3 * H * W * 2), **{"bits": 8, **how})
    with pytest.raises(UnreadFormatError, match=f"a TIFF of {words} pixels is not read here: save it with 8 or 16"):
        read_picture(tmp_path / "a.tif")


def test_a_big_endian_bigtiff_is_refused_in_words(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", of_kind(SHARE, "uint8"), bigtiff=True, byteorder=">")
    with pytest.raises(UnreadFormatError, match="a big-endian BigTIFF is not read here: save it as a little-endian"):
        read_picture(tmp_path / "a.tif")


# --- which page, and camera raw ---


@pytest.mark.parametrize("kind", ["uint8", "float16"])
def test_the_full_picture_is_meant_not_its_thumbnail(tmp_path, kind):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(of_kind(SHARE[:10, :12], kind), subfiletype=1)
        writer.write(of_kind(SHARE, kind), subfiletype=0)
    check(tmp_path / "a.tif", SHARE)
    assert any("only the first in full size is used" in note for note in read_picture(tmp_path / "a.tif").notes)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
def test_a_mask_before_the_picture_is_passed_over(tmp_path, kind):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(SHARE > 0.5, photometric="mask", subfiletype=4)
        writer.write(of_kind(SHARE, kind), photometric="minisblack")
    check(tmp_path / "a.tif", SHARE)


@pytest.mark.parametrize(
    "how",
    [
        {"photometric": 32803, "extratags": [(33421, "H", 2, (2, 2)), (33422, "B", 4, (0, 1, 1, 2))]},
        {"photometric": 34892, "planarconfig": "contig"},
    ],
)
def test_camera_raw_is_refused_never_its_preview(tmp_path, how):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(np.dstack([of_kind(SHARE, "uint8")] * 3), photometric="rgb", subfiletype=1, subifds=1)
        share = SHARE if how["photometric"] == 32803 else COLOURS
        writer.write(of_kind(share, "uint16"), subfiletype=0, metadata=None, **how)
    with pytest.raises(UnreadFormatError, match="camera raw is not read here: develop it first"):
        read_picture(tmp_path / "a.tif")
    assert looks_like_picture(tmp_path / "a.tif")


def test_dng_is_camera_raw(tmp_path):
    tifffile.imwrite(tmp_path / "a.dng", of_kind(SHARE, "uint8"), extratags=[(50706, "B", 4, (1, 4, 0, 0), True)])
    with pytest.raises(UnreadFormatError, match="camera raw"):
        read_picture(tmp_path / "a.dng")
