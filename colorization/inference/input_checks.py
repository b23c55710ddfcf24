"""Notes on what a picture is: grey, toned like an old print, or in colours already."""

from __future__ import annotations

import numpy as np

from colorization.color.lab import rgb_to_lab
from colorization.color.tables import without_colour
from colorization.images.resize import shrink

SEEN_PX = 96  # shorter side at which a picture is judged
GREY = 2.0  # Lab units; mean chroma; grey pictures with a JPEG's noise reach about 1
ONE_TONE = 4.5  # Lab units; 55 old prints lie up to 4.3 from one tone, but so do 24 of 309 (pale) colour photographs
TONED = "toned, or nearly grey: taken as grey"


def notes_on_colour(rgb: np.ndarray) -> tuple[str, ...]:
    """Return what a user should know of the colours that a picture, uint8 (H, W, 3), has; nothing of a grey one.

    A toned print (sepia, cyanotype, a yellowed scan) has one colour for each lightness, so ab is a smooth function of
    L. It is told from a colour photograph by what a cubic in L leaves of ab, root mean square.
    """
    if without_colour(rgb).shape[-1] == 1:
        return ()
    step = max(min(rgb.shape[:2]) // (16 * SEEN_PX), 1)  # of a very large picture some pixels tell enough
    lab = rgb_to_lab(shrink(rgb[::step, ::step], SEEN_PX)).reshape(-1, 3)
    L, ab = lab[:, 0] / 100, lab[:, 1:]
    if np.linalg.norm(ab, axis=-1).mean() < GREY:
        return ()
    powers = L[:, None] ** np.arange(4)
    rest = ab - powers @ np.linalg.lstsq(powers, ab, rcond=None)[0]
    if np.sqrt(np.square(rest).sum(axis=-1).mean()) < ONE_TONE:
        return (TONED,)
    return ("it has colours of its own; they were replaced",)
