"""The colours that a network finds likely at a place: what a person is offered to choose from."""

from __future__ import annotations

import numpy as np

from colorization.color.bins import BINS, annealed
from colorization.color.gamut import fit_to_gamut
from colorization.color.lab import lab_to_uint8
from colorization.inference.colorize import Colorizer

MOST = 8
APART = 18.0  # Lab units between two colours that are offered
LEAST = 1e-3  # share of the likeliest one's chance, below which none is offered


def likely_colours(
    colorizer: Colorizer, L: np.ndarray, place: tuple[float, float], **conditions
) -> list[tuple[tuple[int, int, int], float]]:
    """Return up to MOST colours, sRGB 0..255, and their chances, likeliest first and at least APART from each other.

    A network with a distribution over the 313 bins (Zhang 2016) is asked for it; one with a colour and its spread
    gives a normal distribution around that colour; one that gives a colour alone is taken to be unsure by APART.

    Args:
        L: (h, w, 1) in 0..100, at the size that the network sees. place: x and y as shares of width and height, 0..1.
        conditions: those of model.json.
    """
    outputs = colorizer.outputs(L, **conditions)
    grid = next(iter(outputs.values()))
    row, column = (min(int(share * side), side - 1) for share, side in zip(place[::-1], grid.shape[:2], strict=True))
    if "logits" in outputs:
        colours, chances = BINS, annealed(outputs["logits"][row, column], 1.0)
    else:
        ab = outputs["ab"][row, column]
        spread = outputs["spread"][row, column, 0] if "spread" in outputs else APART
        colours = np.vstack([ab, BINS])
        chances = np.exp(-((colours - ab) ** 2).sum(axis=-1) / (2 * max(spread, 1.0) ** 2))
        chances /= chances.sum()
    lightness = float(L[min(int(place[1] * len(L)), len(L) - 1), min(int(place[0] * L.shape[1]), L.shape[1] - 1), 0])
    levels = np.full((len(colours), 1), lightness, np.float32)
    shown = fit_to_gamut(levels, np.asarray(colours, np.float32))
    chosen = _spread_apart(shown, chances)
    rgb = lab_to_uint8(levels[chosen], shown[chosen])
    return [(tuple(map(int, each)), float(chances[i])) for each, i in zip(rgb, chosen, strict=True)]


def _spread_apart(colours: np.ndarray, chances: np.ndarray) -> list[int]:
    """Return indices, likeliest first; what lies within APART of one that was chosen is passed over."""
    chosen = []
    for index in np.argsort(-chances):
        if len(chosen) == MOST or chances[index] < LEAST * chances.max():
            break
        if all(np.linalg.norm(colours[index] - colours[other]) >= APART for other in chosen):
            chosen.append(int(index))
    return chosen
