"""Files of several pictures: moving GIF, WebP and PNG, and TIFF whose pages are of one size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.images.metadata import NOTHING, Metadata, metadata_of
from colorization.images.opening import BROKEN, broken, check_pixels, opened
from colorization.images.pixel_modes import to_srgb_uint8

SEVERAL = {"GIF": ".gif", "WEBP": ".webp", "PNG": ".png", "TIFF": ".tif"}  # format: ending
UNSAID = 100  # ms that a picture is shown if the file says nothing


@dataclass(frozen=True)
class Pictures:
    """Pictures of one file.

    Args:
        rgb: each uint8 (H, W, 3), sRGB. alpha: each uint8 (H, W), or none at all.
        milliseconds: how long each is shown. loops: how often all are shown; 0 = for ever.
        metadata: what else the file says.
    """

    rgb: list[np.ndarray]
    alpha: list[np.ndarray]
    milliseconds: list[float]
    loops: int
    metadata: Metadata = NOTHING


def count_pictures(image: Image.Image) -> int:
    """Return how many pictures of one size an open file of SEVERAL has; 1 for any other."""
    if image.format not in SEVERAL or not getattr(image, "is_animated", False) or image.tell():
        return 1
    try:
        sizes = {_size(image, i) for i in range(image.n_frames)} if image.format == "TIFF" else {image.size}
        return image.n_frames if len(sizes) == 1 else 1
    except BROKEN:
        return 1  # whoever reads it says what is wrong with it


def _size(image: Image.Image, page: int) -> tuple[int, int]:
    image.seek(page)
    return image.size


def read_pictures(path: Path, max_pixels: int, content: bytes | None = None) -> Pictures:
    """Return all pictures of a file; content: its bytes where they are not on disk.

    Raises InputError if one is broken, or if all have more than max_pixels pixels.
    """
    with opened(path, max_pixels, content) as image:
        check_pixels(path, image.width * image.height * image.n_frames, max_pixels)
        rgb, alpha, milliseconds = [], [], []
        try:
            for i in range(image.n_frames):
                image.seek(i)
                image.load()
                milliseconds.append(image.info.get("duration", UNSAID))
                pixels, opacity, _ = to_srgb_uint8(image.copy())
                rgb.append(pixels)
                alpha.append(opacity)
        except BROKEN as error:
            raise broken(path, error, f"{image.format} data") from error
        if all(each is None for each in alpha):
            alpha = []
        whole = [np.full(pixels.shape[:2], 255, np.uint8) for pixels in rgb] if alpha else []
        alpha = [a if a is not None else w for a, w in zip(alpha, whole, strict=True)]
        return Pictures(rgb, alpha, milliseconds, image.info.get("loop", 1), metadata_of(image))
