"""sRGB to HSV and back (Smith 1978, "Color Gamut Transform Pairs"): hue, saturation, value, each 0..1.

For networks, which need tensors of any kind, and gradients; `data_pipelines.color_spaces` has tensorflow-io's.
Hue is an angle: 0 and 1 are the same red. A grey has no hue; it gets 0, as in scikit-image.
"""

from colorization.color.namespace import namespace

SECTORS = 6  # of the hue's circle, at the corners red, yellow, green, cyan, blue, magenta


def rgb_to_hsv(rgb):
    """Convert sRGB (..., 3) in 0..1 to HSV (..., 3) in 0..1."""
    xp = namespace(rgb)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    value = xp.max(rgb, axis=-1)
    span = value - xp.min(rgb, axis=-1)
    nonzero = xp.where(span > 0, span, xp.ones_like(span))
    sector = xp.where(
        value == red,
        (green - blue) / nonzero % SECTORS,
        xp.where(value == green, (blue - red) / nonzero + 2, (red - green) / nonzero + 4),
    )
    hue = xp.where(span > 0, sector / SECTORS, xp.zeros_like(span))
    return xp.stack([hue, span / xp.where(value > 0, value, xp.ones_like(value)), value], axis=-1)


def hsv_to_rgb(hsv):
    """Convert HSV (..., 3) in 0..1 to sRGB (..., 3) in 0..1."""
    xp = namespace(hsv)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]

    def channel(start: int):
        """Each channel is full for a third of the circle, absent for a third, and rises and falls in between."""
        place = (start + hue * SECTORS) % SECTORS
        return value * (1 - saturation * xp.clip(xp.minimum(place, 4 - place), 0, 1))

    return xp.stack([channel(5), channel(3), channel(1)], axis=-1)
