"""What the classification network shows in TensorBoard beside what every network shows."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BIN_STEP, BINS
from colorization.color.gamut import fit_to_gamut
from colorization.color.lab import lab_to_uint8
from colorization.models.colorizer import Colorizer
from colorization.models.losses import distribution_entropy

TEMPERATURES = (1.0, 0.77, 0.58, 0.38, 0.29, 0.14, 0.0)  # those of figure 4 of Zhang 2016
SHOWN = 4  # pictures
BATCH = 16  # pictures that the network sees at once
BIN_PIXELS = 8  # side of a bin in the drawings of the ab plane
FAINTEST = 1e-6  # share of a colour that is drawn black


def summaries(colorizer: Colorizer, prior, L: np.ndarray) -> dict[str, np.ndarray]:
    """Draw uint8 pictures by name: the temperatures side by side, the entropy, prior and prediction in the ab plane.

    prior: 313 numbers or none. L: (N, H, W, 1), 0..100.
    """
    output = colorizer.output(L[:SHOWN])
    columns = [painted(L[:SHOWN], colorizer.enlarged_ab(output, L[:SHOWN], temperature=t)) for t in TEMPERATURES]
    entropy = entropy_map(np.asarray(colorizer.grid_distribution(L[:SHOWN])))
    planes = {"prior": bin_plane(np.array(prior))} if prior else {}
    planes["predicted"] = bin_plane(mean_distribution(colorizer, L))
    return {
        f"temperatures {', '.join(f'{t:g}' for t in TEMPERATURES)}": _joined([_joined(c, axis=0) for c in columns]),
        "entropy, white is unsure": _joined(entropy)[..., None],
        f"bins in the ab plane: {', '.join(planes)}": _joined(list(planes.values())),
    }


def mean_distribution(colorizer: Colorizer, L: np.ndarray) -> np.ndarray:
    """Return the mean probability of each bin over all cells of all pictures, (313,); few pictures at a time."""
    total, cells = 0.0, 0
    for start in range(0, len(L), BATCH):
        probabilities = np.asarray(colorizer.grid_distribution(L[start : start + BATCH]))
        total, cells = total + probabilities.sum(axis=(0, 1, 2)), cells + probabilities[..., 0].size
    return total / cells


def entropy_map(probabilities: np.ndarray) -> np.ndarray:
    """Return the entropy of probabilities (..., Q), uint8 (...): 0 for one certain colour, 255 for all alike."""
    entropy = np.asarray(distribution_entropy(probabilities))
    return np.round(255 * entropy / np.log(probabilities.shape[-1])).astype(np.uint8)


def painted(L: np.ndarray, ab) -> np.ndarray:
    """Return L (N, H, W, 1) and ab (N, H, W, 2) as uint8 RGB (N, H, W, 3)."""
    return np.asarray(lab_to_uint8(L, fit_to_gamut(L, ab)))


def bin_plane(shares: np.ndarray) -> np.ndarray:
    """Draw shares of the 313 bins, uint8 (H, W, 3): each in its colour, a to the right, b upward, bright if frequent.

    The brightness is the logarithm of the share, from one in a million to the most frequent.
    """
    frequent = np.log(np.maximum(shares, FAINTEST) / FAINTEST)
    lightness = np.float32(90 * frequent / max(frequent.max(), 1e-6))
    column, row = ((BINS - BINS.min(axis=0)) / BIN_STEP).astype(int).T
    colours = painted(lightness[:, None], BINS)
    plane = np.zeros((row.max() + 1, column.max() + 1, 3), np.uint8)
    plane[row, column] = colours
    return plane[::-1].repeat(BIN_PIXELS, axis=0).repeat(BIN_PIXELS, axis=1)


def _joined(pictures, axis: int = 1) -> np.ndarray:
    return np.concatenate(list(pictures), axis=axis)
