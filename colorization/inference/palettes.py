"""A palette: a few colours as a reference without a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colorization.color.bins import BINS
from colorization.color.hex_colour import parse_hex
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError

WIDTH = 8.0  # Lab units, how far the colours of a picture lie around those of its palette
MOST = 16
LEAST_CHROMA = 4.0  # Lab units; a palette of nothing but greys says nothing of colours


def parse_palette(words: str) -> np.ndarray:
    """Return the colours, uint8 (n, 3), of "#aa3322,#e0c080"; raises InputError for anything else."""
    colours = [parse_hex(word.strip()) for word in words.split(",")]
    if None in colours or len(colours) > MOST:
        raise InputError(f"--palette {words[:60]} is no palette; write 1 to {MOST} colours, such as #aa3322,#e0c080")
    return np.array(colours, np.uint8)


def palette_shares(colours: Sequence) -> np.ndarray:
    """Return the shares of the 313 colour bins in a picture of these colours, uint8 (n, 3): float32 (313,), sum 1.

    Each colour has an equal share, spread around it as a normal distribution.

    Raises:
        InputError: the colours are all grey.
    """
    ab = rgb_to_lab(np.asarray(colours, np.uint8)[None])[0, :, 1:]
    if np.hypot(*ab.T).max() < LEAST_CHROMA:
        raise InputError("--palette: greys only, which say nothing of colours; give at least one that is none")
    near = np.exp(-((ab[:, None] - BINS) ** 2).sum(axis=-1) / (2 * WIDTH**2))
    return (near / near.sum(axis=1, keepdims=True)).mean(axis=0).astype(np.float32)
