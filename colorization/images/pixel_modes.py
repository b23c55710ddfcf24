"""Any kind of pixels that Pillow knows (depth, palette, inks, profile, turn) -> upright 8-bit sRGB with alpha."""

import io
import re
import struct

import numpy as np
from PIL import Image, ImageCms

from colorization.images.odd_tiff import APART, SAID, OddTiff

Transpose = Image.Transpose

ORIENTATION = 0x0112  # EXIF 2.32, section 4.6.4: how the camera was held, 1..8
TO_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
YCCK = 2  # "transform" of Adobe's JPEG marker, meant for pictures of four inks
PLAIN_SRGB = re.compile(r"(GIMP built-in )?sRGB( built-in|2014| IEC ?61966.*| v[24].*| profile)?")  # not "Linear sRGB"
BAND = 2**20  # pixels that become an array at once; Pillow copies what it is asked for twice
SCALED = "16 bits scaled to 8"
DARK = 4  # of values up to a DARK'th of white it is said that they are dark: 14 bits in 16, mostly, and fewer
GREY_MODES = ("1", "L", "LA", "La")


def notes_on_header(image: Image.Image) -> list[str]:
    """Return what the header says of a picture and its decoded pixels no longer do; call before image.load()."""
    notes = []
    if getattr(image, "is_animated", False):
        which = "first in full size" if image.tell() else "first"
        notes.append(f"of several pictures in the file only the {which} is used")
    if _has_deep_colour(image):
        # Pillow keeps the upper byte of each sample, at most one level of 255 darker than v / 257 rounded.
        notes.append(SCALED)
    if image.info.get("adobe_transform") == YCCK and len(image.getbands()) == 3:
        notes.append("odd Adobe marker: says YCCK, has three channels, taken as YCbCr")
    if image.info.get("compression") == "tiff_jpeg":
        notes.append("old-style JPEG in a TIFF, which no reader gets right for certain: look at the colours")
    return notes


def has_alpha(image: Image.Image) -> bool:
    """Return whether there is an alpha channel or a transparent colour, as the header says, unlike Pillow's answer."""
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info or APART in image.info


def turn_upright(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Decode a picture and turn it as its EXIF says; with notes. Raises what Pillow does on broken data."""
    # Pillow turns a TIFF while it loads, and takes the tag away. Of other files the EXIF may follow the pixels.
    turned = image.tag_v2.get(ORIENTATION) if image.format == "TIFF" else None
    if _has_deep_colour(image) and "transparency" in image.info:
        # Pillow keeps the upper byte of the pixels, but not of the transparent colour that it compares them with.
        image.info["transparency"] = tuple(value >> 8 for value in image.info["transparency"])
    image.load()
    wanted = _orientation(image)
    if image.format == "PSD" and image.mode == "1":
        image = image.point([255 - value for value in range(256)])  # 1 is black there, which Pillow does not know
    upright = image.transpose(TO_UPRIGHT[wanted]) if wanted in TO_UPRIGHT else image
    if wanted in TO_UPRIGHT and APART in image.info:
        upright.info[APART] = image.info[APART].transpose(TO_UPRIGHT[wanted])
    told = wanted if wanted in TO_UPRIGHT else turned
    return upright, [f"turned upright (EXIF orientation {told})"] if told in TO_UPRIGHT else []


def deep_grey(image: Image.Image) -> np.ndarray | None:
    """Return a decoded grey picture of more than 8 bits as uint16 (H, W), 65535 = white; None for any other.

    One with a colour profile is none, unless it is sRGB's: profiles are applied to 8 bits only.
    """
    if not image.mode.startswith(("I", "F")) or _has_another_profile(image):
        return None
    values, _ = _scaled_grey(np.asarray(image), _white_level(image), 65535, tell_depth=False)
    return values.astype(np.uint16)


def is_deep(image: Image.Image) -> bool:
    """Return whether a file has more than 8 bits a sample; known until it is decoded."""
    return (
        image.mode.startswith(("I", "F")) or _has_deep_colour(image) or (isinstance(image, OddTiff) and image.is_deep)
    )


def _has_another_profile(image: Image.Image) -> bool:
    """Whether there is a colour profile, and it is not known to be sRGB's."""
    profile = image.info.get("icc_profile")
    try:
        return bool(profile) and not PLAIN_SRGB.fullmatch(_name(ImageCms.getOpenProfile(io.BytesIO(profile))))
    except ImageCms.PyCMSError:
        return True


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    return " ".join(ImageCms.getProfileDescription(profile).split())[:60] or "without a name"


def to_srgb_uint8(image: Image.Image, tell_depth: bool = True) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    """Convert a decoded picture of any mode to sRGB uint8 (H, W, 3), alpha uint8 (H, W) or None, and notes.

    tell_depth: whether a note says that its depth is reduced; not where `deep_grey` keeps it.
    """
    alpha = _alpha(image)
    notes = [] if alpha is None else ["transparency is kept"]
    said = [image.info[SAID]] if SAID in image.info else []
    image, depth = _to_8_bit(image, tell_depth)
    image, profile = _to_srgb(image)
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    rows = max(BAND // image.width, 1)
    for first in range(0, image.height, rows):
        band = np.asarray(image.crop((0, first, image.width, min(first + rows, image.height))))
        rgb[first : first + rows] = band[..., None] if image.mode == "L" else band
    return rgb, alpha, notes + said + depth + profile


def _has_deep_colour(image: Image.Image) -> bool:
    """Whether a file has 16 bits a sample and more than grey; known until it is decoded. Pillow has no mode for it."""
    return image.format in ("PNG", "TIFF") and ";16" in str(image.tile) and not image.mode.startswith("I")


def _orientation(image: Image.Image) -> int:
    """1..8; a broken EXIF block counts as upright, because the picture itself may be fine."""
    if image.format == "JXL" and not image.jpeg:
        return 1  # its decoder has turned it; EXIF counts only of a JPEG that is packed in one
    try:
        return image.getexif().get(ORIENTATION, 1)
    except (SyntaxError, ValueError, TypeError, LookupError, struct.error):
        return 1


def _alpha(image: Image.Image) -> np.ndarray | None:
    """uint8 (H, W), 255 = opaque; None where the picture has neither an alpha channel nor a transparent colour."""
    if not has_alpha(image):
        return None
    if APART in image.info:
        return np.array(image.info[APART])
    if image.mode.startswith("I"):  # one grey value is transparent; Pillow's convert does not know that at 16 bits
        return np.where(np.asarray(image) == image.info["transparency"], 0, 255).astype(np.uint8)
    return np.array(image.convert("RGBA").getchannel("A"))


def _to_8_bit(image: Image.Image, tell_depth: bool) -> tuple[Image.Image, list[str]]:
    """Grey (mode L), RGB or CMYK of 8 bits, without alpha."""
    if image.mode.startswith(("I", "F")):
        values, notes = _scaled_grey(np.asarray(image), _white_level(image), 255, tell_depth)
        deep, image = image, Image.fromarray(values.astype(np.uint8))
        image.info = deep.info  # the colour profile
        return image, notes
    if image.mode == "LAB":
        return image.convert("RGB"), ["Lab turned into RGB"]
    if image.mode in ("L", "RGB", "CMYK"):
        return image, []
    return image.convert("L" if image.mode in GREY_MODES else "RGB"), []


def _white_level(image: Image.Image) -> int | None:
    """The value that is white in a deep grey picture; None if the file does not say (32 bits, floats, signed)."""
    if image.mode.startswith("I;16"):
        return 65535  # fewer bits, as of a scanner's 12, are widened to these by whoever reads them
    return 65535 if image.format == "PPM" and image.mode == "I" else None


def _scaled_grey(values: np.ndarray, white: int | None, to: int, tell_depth: bool) -> tuple[np.ndarray, list[str]]:
    """Deep grey (H, W) -> the same in 0..`to`, rounded; white becomes `to`: for 255, 16 bits are divided by 257."""
    if white is not None:
        notes = [f"{white.bit_length()} bits scaled to 8"] if tell_depth else []
        highest = int(values.max())
        if highest <= white // DARK:
            notes.append(f"very dark: its values reach only {highest:,} of {white:,}")
        return (values.astype(np.uint32) * to + white // 2) // white, notes
    with np.errstate(invalid="ignore"):  # of broken floats; they count as 0
        values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = values.min(), values.max()
    scaled = np.rint((values - low) / (high - low) * to) if high > low else np.zeros_like(values)
    notes = [f"values from {low:g} to {high:g} stretched to {to.bit_length()} bits"]
    return scaled, notes if tell_depth else []


def _to_srgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Convert to sRGB, by the colour profile (ICC.1) in the file if there is one that fits; plain grey stays grey."""
    notes = ["CMYK turned into RGB"] if image.mode == "CMYK" else []
    profile = image.info.get("icc_profile")
    if not profile:
        return image if image.mode in ("L", "RGB") else image.convert("RGB"), notes  # Pillow would copy it
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        name = _name(source)
        if PLAIN_SRGB.fullmatch(name):
            return image if image.mode == "RGB" else image.convert("RGB"), notes
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except ImageCms.PyCMSError:
        return image.convert("RGB"), [*notes, "its colour profile does not fit and is ignored"]
    return converted, [*notes, f"colours converted to sRGB from the profile {name}"]
