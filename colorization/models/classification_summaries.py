"""What the classification network shows in TensorBoard beside what every network shows."""

from __future__ import annotations

import numpy as np
from keras import ops

from colorization.color.gamut import BIN_STEP, BINS, annealed, fit_to_gamut
from colorization.color.lab import lab_to_uint8

TEMPERATURES = (1.0, 0.77, 0.58, 0.38, 0.29, 0.14, 0.0)  # those of figure 4 of Zhang 2016
SHOWN = 4  # pictures
BATCH = 16  # pictures that the network sees at once
BIN_PIXELS = 8  # side of a bin in the drawings of the ab plane
FAINTEST = 1e-6  # share of a colour that is drawn black


def summaries(network, to_ab, prior, L: np.ndarray) -> dict[str, np.ndarray]:
    """uint8 pictures by name: the temperatures side by side, the entropy, prior and prediction in the ab plane.

    to_ab: (output, temperature) -> ab on the grid. prior: 313 numbers or none. L: (N, H, W, 1), 0..100.
    """
    logits = np.concatenate([network(L[i : i + BATCH], training=False)["logits"] for i in range(0, len(L), BATCH)])
    columns = [_painted(L[:SHOWN], to_ab({"logits": logits[:SHOWN]}, t)) for t in TEMPERATURES]
    probabilities = np.asarray(annealed(logits, 1.0))
    planes = [bin_plane(probabilities.mean(axis=(0, 1, 2)))]
    if prior:
        planes.insert(0, bin_plane(np.array(prior)))
    listed = ", ".join(f"{t:g}" for t in TEMPERATURES)
    return {
        f"temperatures {listed}": np.concatenate([np.concatenate(list(column)) for column in columns], axis=1),
        "entropy, white is unsure": np.concatenate(list(entropy_map(probabilities[:SHOWN])), axis=1)[..., None],
        "bins in the ab plane: prior, predicted" if prior else "bins in the ab plane: predicted": np.concatenate(
            planes, axis=1
        ),
    }


def entropy_map(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (..., Q) -> uint8 (...): their entropy, 0 for one certain colour, 255 for all alike."""
    entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-30))).sum(axis=-1)
    return np.round(255 * entropy / np.log(probabilities.shape[-1])).astype(np.uint8)


def bin_plane(shares: np.ndarray) -> np.ndarray:
    """Shares of the 313 bins -> uint8 (H, W, 3): each bin in its colour, a to the right, b upward, bright if frequent.

    The brightness is the logarithm of the share, from one in a million to the most frequent.
    """
    frequent = np.log(np.maximum(shares, FAINTEST) / FAINTEST)
    lightness = np.float32(90 * frequent / max(frequent.max(), 1e-6))
    column, row = ((BINS - BINS.min(axis=0)) / BIN_STEP).astype(int).T
    colours = np.asarray(lab_to_uint8(lightness[:, None], fit_to_gamut(lightness[:, None], BINS)))
    plane = np.zeros((row.max() + 1, column.max() + 1, 3), np.uint8)
    plane[row, column] = colours
    return plane[::-1].repeat(BIN_PIXELS, axis=0).repeat(BIN_PIXELS, axis=1)


def _painted(L: np.ndarray, grid_ab) -> np.ndarray:
    ab = ops.image.resize(grid_ab, L.shape[1:3], "bilinear")
    return np.asarray(lab_to_uint8(L, fit_to_gamut(L, ab)))
