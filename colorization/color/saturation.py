"""How strong the colours of a picture are, and how to change that without changing which colours they are."""

from __future__ import annotations

from colorization.color.namespace import namespace

PHOTOGRAPHS = 20.0  # Lab units; about the mean strength of 160 photographs in colour (20.2)
WEAKEST = 4.0  # Lab units; what is weaker is raised as this is: it may well be grey in truth


def strength(ab):
    """Return the root mean square distance from grey over each picture ab (B, H, W, 2): (B, 1, 1, 1), Lab units."""
    xp = namespace(ab)
    return xp.sqrt(xp.mean(xp.sum(xp.square(ab), axis=-1, keepdims=True), axis=(1, 2), keepdims=True))


def strengthened(ab, saturation=1.0, vibrance=0.0):
    """Return ab (B, H, W, 2), Lab units, stronger or weaker; what leaves the gamut is made to fit elsewhere.

    A network that is unsure says pale colours, so how strong its colours are tells more of itself than of the picture.

    saturation: a factor for all pictures alike; 0 = grey. vibrance, 0..1: how far pictures are brought towards the
    strength of PHOTOGRAPHS before that: 0 = not at all, 1 = all the way. At 0.5 those with a quarter of it are
    doubled, and those with four times as much are halved.
    """
    return ab * saturation * (PHOTOGRAPHS / namespace(ab).maximum(strength(ab), WEAKEST)) ** vibrance
