"""The edge of what a screen can show.

Predicted ab may lie outside it. Clipping R, G and B (what `lab_to_rgb` does) would change L there, and with it the
photograph's own light and shade. So ab is shrunk towards grey instead, each pixel by its own factor.
"""

from colorization.color.lab import f_to_linear_rgb
from colorization.color.namespace import namespace

STEPS = 10  # halvings: the factor is found to within 1/1024, always on the side that lies in the gamut
TOLERANCE = 1e-4  # of linear light; less than half a level of 8 bits, and more than the rounding of float32


def fit_to_gamut(L, ab):
    """Return ab (..., 2) of pixels with L (..., 1), float32, multiplied by the largest factor 0..1 that fits sRGB.

    What fits already is returned unchanged. The factor counts as a constant for gradients.
    """
    xp = namespace(L, ab)
    L, ab = xp.array(L, "float32"), xp.array(ab, "float32")
    fy = (L + 16) / 116
    to_fx, to_fz = ab[..., :1] / 500, ab[..., 1:] / -200

    def fits(factor):
        return in_gamut(f_to_linear_rgb(fy + factor * to_fx, fy, fy + factor * to_fz))

    return ab * xp.where(fits(xp.ones_like(L)), 1.0, largest_factor(fits, xp.zeros_like(L)))


def largest_factor(fits, zeros):
    """Return the largest factor below 1, float32 of the shape of zeros, for which `fits` says that colours fit.

    fits: returns bool for factors, each of the shape of zeros; true up to some factor, false beyond it.
    """
    xp, factor = namespace(zeros), zeros
    for step in range(1, STEPS + 1):
        longer = factor + 0.5**step
        factor = xp.where(fits(longer), longer, factor)
    return factor


def in_gamut(linear_rgb):
    """Return whether colours lie in sRGB, bool (...). linear_rgb: three of shape (...), proportional to light."""
    red, green, blue = linear_rgb
    xp = namespace(red)
    lowest, highest = xp.minimum(xp.minimum(red, green), blue), xp.maximum(xp.maximum(red, green), blue)
    return xp.logical_and(lowest >= -TOLERANCE, highest <= 1 + TOLERANCE)
