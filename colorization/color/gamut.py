"""Colours that a screen cannot show, brought back to what it can: less saturated, equally light, of the same hue.

Predicted ab may lie outside sRGB's gamut. Clipping R, G and B (what `lab_to_rgb` does) would change L there, and with
it the photograph's own light and shade. So ab is shrunk towards grey instead, each pixel by its own factor.
"""

from keras import ops

from colorization.color.lab import f_to_linear_rgb

STEPS = 10  # halvings: the factor is found to within 1/1024, always on the side that lies in the gamut
TOLERANCE = 1e-4  # of linear light; less than half a level of 8 bits, and more than the rounding of float32


def fit_to_gamut(L, ab):
    """L (..., 1) and ab (..., 2) -> float32 ab (..., 2), multiplied by the largest factor 0..1 that fits sRGB.

    What fits already is returned unchanged. The factor counts as a constant for gradients.
    """
    L, ab = ops.cast(L, "float32"), ops.cast(ab, "float32")
    fy = (L + 16) / 116
    to_fx, to_fz = ab[..., :1] / 500, ab[..., 1:] / -200

    def fits(factor):
        rgb = f_to_linear_rgb(fy + factor * to_fx, fy, fy + factor * to_fz)
        lowest, highest = ops.minimum(ops.minimum(*rgb[:2]), rgb[2]), ops.maximum(ops.maximum(*rgb[:2]), rgb[2])
        return ops.logical_and(lowest >= -TOLERANCE, highest <= 1 + TOLERANCE)

    whole = ops.ones_like(L)
    factor = ops.zeros_like(L)
    for step in range(1, STEPS + 1):
        longer = factor + 0.5**step
        factor = ops.where(fits(longer), longer, factor)
    return ab * ops.where(fits(whole), whole, factor)
