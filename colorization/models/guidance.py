"""What may be known of a picture's colours, and how it is drawn from the truth to train with. numpy.

Each is known by chance, so that a network learns to colour with any of it, and with none:

    hint_ab (B, H, W, 2), hint_mask (B, H, W, 1)   colours at places, Lab units; 0 where there is none
    reference (B, 313)                             shares of the colour bins of a picture like it; all 0: none
    white (B, 3)                                   1, then a and b of what is white or grey in truth / WHITE_UNIT
    chroma (B, 2)                                  1, then the mean chroma / CHROMA_UNIT
"""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, nearest_bin

NOTHING = 0.3  # chance of a picture of which nothing is known: what a network is asked for most
NO_HINTS, MOST_KNOWN = 0.3, 0.03  # chances, of the others: of no hints, of all colours told
MEAN_HINTS, MOST_HINTS = 8.0, 100
LARGEST_HINT = 9  # px, side of a square
KNOWN = 0.5  # chance, of the others, of each of reference, white and chroma
WHITE_UNIT, CHROMA_UNIT = 10.0, 20.0  # Lab units
NEUTRAL, BRIGHT = 14.0, 55.0  # chroma below and L above which a pixel may be white or grey in truth
FEWEST = 0.02  # share of such pixels that tell the light
DISTURBANCE = 6.0  # Lab units; how far a reference's colours lie from the picture's own


def sample_guidance(L: np.ndarray, ab: np.ndarray, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw what is known of pictures with the true colours ab (B, H, W, 2) and lightness L (B, H, W, 1), float32."""
    hint_ab, hint_mask = sample_hints(ab, random)
    small_L, small = L[:, 2::4, 2::4], ab[:, 2::4, 2::4]
    known = {
        "hint_ab": hint_ab,
        "hint_mask": hint_mask,
        "white": _sometimes(white_of(small_L, small), random),
        "chroma": _sometimes(chroma_of(small, random), random),
        "reference": _sometimes(reference_of(small, random), random),
    }
    guided = np.float32(random.random(len(ab)) >= NOTHING)
    return {name: value * guided.reshape(-1, *[1] * (value.ndim - 1)) for name, value in known.items()}


def sample_hints(ab: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw hints as a user might give them: squares of the mean true colour under them, at uniform places.

    Some pictures get none; a few get all colours; the others a geometric number, 8 in the mean. (Zhang 2017,
    section 3.2, with places that may lie anywhere.)
    """
    hints, mask = np.zeros_like(ab), np.zeros_like(ab[..., :1])
    size = np.array(ab.shape[1:3])
    for picture in range(len(ab)):
        chance = random.random()
        if chance < MOST_KNOWN:
            hints[picture], mask[picture] = ab[picture], 1
        if chance < MOST_KNOWN + NO_HINTS:
            continue
        for _ in range(min(random.geometric(1 / MEAN_HINTS), MOST_HINTS)):
            side = random.integers(1, LARGEST_HINT + 1)
            top, left = (random.random(2) * np.maximum(size - side + 1, 1)).astype(int)
            patch = (picture, slice(top, top + side), slice(left, left + side))
            hints[patch] = ab[patch].mean(axis=(0, 1))
            mask[patch] = 1
    return hints, mask


def white_of(L: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Estimate the colour of the light, (B, 3): the mean ab of bright and nearly neutral pixels, weighed by brightness.

    The first number is 0 for a picture that has too few of them.
    """
    neutral = (np.hypot(ab[..., 0], ab[..., 1]) < NEUTRAL) & (L[..., 0] > BRIGHT)
    weight = np.where(neutral, L[..., 0] - BRIGHT, 0.0)[..., None]
    mean = (weight * ab).sum(axis=(1, 2)) / np.maximum(weight.sum(axis=(1, 2)), 1e-6)
    known = neutral.mean(axis=(1, 2)) > FEWEST
    return np.float32(np.column_stack([np.ones(len(ab)), mean / WHITE_UNIT]) * known[:, None])


def chroma_of(ab: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the mean chroma, (B, 2), known to about a tenth."""
    chroma = np.hypot(ab[..., 0], ab[..., 1]).mean(axis=(1, 2)) * random.normal(1, 0.1, len(ab))
    return np.float32(np.column_stack([np.ones(len(ab)), chroma / CHROMA_UNIT]))


def reference_of(ab: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the bins' shares (B, 313) of colours that are like the truth's: shifted, stronger or paler, spread.

    A third of the pictures have a share of another picture's colours mixed in, as a reference has that shows more.
    """
    count = len(ab)
    shift = random.normal(0, DISTURBANCE / 2, (count, 1, 1, 2))
    colours = ab * random.uniform(0.8, 1.2, (count, 1, 1, 1)) + shift + random.normal(0, DISTURBANCE, ab.shape)
    shares = np.stack([np.bincount(nearest_bin(each).ravel(), minlength=len(BINS)) for each in colours])
    shares = shares / shares.sum(axis=1, keepdims=True)
    mixed = np.where(random.random((count, 1)) < 1 / 3, random.uniform(0, 0.5, (count, 1)), 0.0)
    others = (np.arange(count) + random.integers(1, max(count, 2))) % count
    return np.float32((1 - mixed) * shares + mixed * shares[others])


def _sometimes(known: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The same, all zeros where chance does not tell it."""
    return known * np.float32(random.random((len(known), 1)) < KNOWN)
