"""How often each of the 313 colour bins occurs, and what a rebalanced loss makes of it, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from colorization.color.bins import BINS, rebalancing_weights

PAPERS_LAMBDA = 0.5  # of Zhang 2016


def draw_prior(prior: Sequence[float], path: Path, lam: float = PAPERS_LAMBDA) -> None:
    """Write a PNG: the prior over the ab plane, and the weights that lambda makes of it in a rebalanced loss."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    weights = rebalancing_weights(np.array(prior), lam)
    titles = ("log10 of the share of each colour", f"weight in a rebalanced loss, lambda {lam:g}")
    for axis, title, values in zip(figure.subplots(1, 2), titles, (np.log10(prior), weights), strict=True):
        drawn = axis.scatter(*BINS.T, c=values, marker="s", s=80, cmap="viridis")
        figure.colorbar(drawn, ax=axis)
        axis.set(title=title, xlabel="a", ylabel="b", aspect="equal")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
