"""Which crops of its pictures a data set is measured and evaluated on; never random. numpy."""

from __future__ import annotations

import hashlib
import json
import math
import os

import numpy as np

from data_pipelines import Split

FINGERPRINTS = 64  # crops whose pixels tell data sets of the same names apart


def grid_crops(split: Split, limit: int | None = None) -> list[tuple[int, int]]:
    """Return (row, patch) of each crop that evaluation sees, in its order."""
    every = [(row, patch) for row in range(len(split.rows)) for patch in range(split.patches)]
    if not limit or limit >= len(every):
        return every
    return [every[i] for i in np.linspace(0, len(every) - 1, limit).round().astype(int)]


def central_crop(split: Split, size: int, row: int, patch: int) -> np.ndarray:
    """Crop number `patch` of a picture on an even grid of split.patches places; the centre if there is one place."""
    picture = split.rows[row]
    columns = math.ceil(math.sqrt(split.patches))
    lines = math.ceil(split.patches / columns)
    place = (np.array(divmod(patch, columns)) + 0.5) / (lines, columns)
    top, left = (place * (np.array(picture.shape[:2]) - size + 1)).astype(int)
    return picture[top : top + size, left : left + size]


def fingerprint(split: Split, size: int) -> str:
    """Return what tells the crops of a split from those of any other: by their names, and the pixels of a few."""
    about = [size, split.patches, [os.fspath(name) for name in split.names]]
    digest = hashlib.sha256(json.dumps(about).encode())
    for row, patch in grid_crops(split, FINGERPRINTS):
        digest.update(np.ascontiguousarray(central_crop(split, size, row, patch)))
    return digest.hexdigest()[:16]
