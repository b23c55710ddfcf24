"""Picture files out: encoded in the format of the file that they came from, and written whole or not at all."""

import io
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.images.deep import encode_deep
from colorization.images.descriptions import XMP_HOLDERS, Descriptions, jpeg_segment, png_info
from colorization.images.formats import readable_formats
from colorization.images.metadata import NOTHING, Metadata
from colorization.images.reader import Header, Photograph
from colorization.images.several import SEVERAL, Pictures
from colorization.images.storage import replacing


@dataclass(frozen=True)
class Output:
    """A format that holds 8-bit RGB: what else it holds, and how it is saved."""

    ending: str
    alpha: bool = False
    exif: bool = False
    dpi: bool = False
    how: dict = field(default_factory=dict)


KNOWN_OUTPUTS = {
    "JPEG": Output(".jpg", exif=True, dpi=True, how={"quality": 95, "subsampling": "4:4:4"}),
    # zlib's level 1: photographs come out no larger than at its usual 6, in a quarter of the time
    "PNG": Output(".png", alpha=True, exif=True, dpi=True, how={"compress_level": 1}),
    "TIFF": Output(".tif", alpha=True, exif=True, dpi=True, how={"compression": "tiff_adobe_deflate"}),
    "WEBP": Output(".webp", alpha=True, exif=True, how={"quality": 95}),
    "AVIF": Output(".avif", alpha=True, exif=True, how={"quality": 95, "subsampling": "4:4:4"}),
    "HEIF": Output(".heic", alpha=True, exif=True, how={"quality": 95, "chroma": 444}),
    "JXL": Output(".jxl", alpha=True, exif=True, how={"quality": 95}),
    "JPEG2000": Output(".jp2", alpha=True),
    "BMP": Output(".bmp", dpi=True),
    "TGA": Output(".tga", alpha=True),
    "PPM": Output(".ppm"),
}
OUTPUTS = {format: output for format, output in KNOWN_OUTPUTS.items() if format in readable_formats()}


def output_format(picture: Photograph | Header) -> tuple[str, str]:
    """Return format and ending in which the colorized picture is written: its own if that can hold it, else PNG."""
    if isinstance(picture, Header) and picture.pictures > 1:
        return picture.format, SEVERAL[picture.format]
    own = OUTPUTS.get(picture.format)
    format = picture.format if own and (own.alpha or not picture.has_alpha) else "PNG"
    return format, OUTPUTS[format].ending


def encode_picture(
    rgb: np.ndarray, alpha: np.ndarray | None = None, format: str = "PNG", metadata: Metadata = NOTHING
) -> bytes:
    """Return a picture as the bytes of a file.

    Args:
        rgb: uint8 (H, W, 3), sRGB; or uint16, for the formats that hold it, deep.DEEP_FORMATS.
        alpha: uint8 (H, W) or None; left out where the format cannot hold it.
        format: a key of OUTPUTS. JPEG is written at quality 95 without chroma subsampling (4:4:4).
        metadata: what else the file shall say, as far as the format can hold it.

    Raises:
        OSError: picture too large for the format.
    """
    if rgb.dtype == np.uint16:
        return encode_deep(rgb, alpha, format, metadata)
    output = OUTPUTS[format]
    pixels = rgb if alpha is None or not output.alpha else np.dstack([rgb, alpha])
    exif = metadata.of_whole_picture() if format == "TIFF" else metadata.exif
    said = {"exif": exif} if output.exif and exif else {}
    said |= {"dpi": metadata.dpi} if output.dpi and metadata.dpi else {}
    said |= _descriptions(metadata.said, format)
    encoded = io.BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(pixels)).save(encoded, format, **output.how, **said)
    except (ValueError, RuntimeError, struct.error) as error:  # WebP's, AVIF's and TGA's ways to say so
        raise OSError(f"{format} cannot hold it: {error}") from error
    return encoded.getvalue()


def _descriptions(said: Descriptions, format: str) -> dict:
    """Return what Pillow writes of them into a format; a TIFF's are among its tags already."""
    if format == "PNG":
        return {"pnginfo": png_info(said)}
    if format == "TIFF":
        return {}
    xmp = {"xmp": said.xmp} if said.xmp and format in XMP_HOLDERS else {}
    return xmp | ({"extra": jpeg_segment(said.iptc)} if said.iptc and format == "JPEG" else {})


def write_picture(
    path: Path | str,
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    format: str = "PNG",
    metadata: Metadata = NOTHING,
) -> None:
    """Write a picture whole or not at all: into a new file beside it, synced, then renamed onto path.

    path: the file; what lies there is replaced. The others are those of encode_picture.

    Raises:
        OSError: disk full, folder not writable, picture too large for the format. Nothing is left behind.
    """
    # not straight into the file: Pillow takes a write that a full disk cuts short for a whole one
    write_encoded(path, encode_picture(rgb, alpha, format, metadata))


def write_encoded(path: Path | str, encoded: bytes) -> None:
    """Write the bytes of a file whole or not at all, as write_picture does; raises OSError."""
    with replacing(Path(path)) as unfinished:
        unfinished.write_bytes(encoded)


def encode_pictures(pictures: Pictures, format: str) -> bytes:
    """Return pictures as the bytes of one file of SEVERAL; raises OSError as encode_picture does."""
    frames = [
        Image.fromarray(np.dstack([rgb, pictures.alpha[i]]) if pictures.alpha else rgb)
        for i, rgb in enumerate(pictures.rgb)
    ]
    how = dict(KNOWN_OUTPUTS[format].how) if format in KNOWN_OUTPUTS else {}
    if format != "TIFF":
        how |= {"duration": [round(each) for each in pictures.milliseconds], "loop": pictures.loops}
    if format == "GIF" and pictures.alpha:
        how["disposal"] = 2  # what shows through must not show the picture before
    if format == "GIF" and pictures.loops == 1:
        del how["loop"]
    if format != "GIF" and pictures.metadata.exif:
        how["exif"] = pictures.metadata.of_whole_picture() if format == "TIFF" else pictures.metadata.exif
    encoded = io.BytesIO()
    try:
        frames[0].save(encoded, format, save_all=True, append_images=frames[1:], **how)
    except (ValueError, RuntimeError) as error:
        raise OSError(f"{format} cannot hold it: {error}") from error
    return encoded.getvalue()
