"""sRGB to CIE Lab and back (illuminant D65, observer of 2 degrees): the one place for these formulas.

    sRGB 0..1 --gamma--> linear RGB --matrix--> XYZ / white --cube root--> f --differences--> Lab

Sources: IEC 61966-2-1 (sRGB), CIE 15 (Lab); rounded constants and matrix as in scikit-image, so that both agree.
Shapes are (..., 3), colour last. Arrays of numpy give arrays; tensors give tensors, eagerly, in a `tf.function`, in
`tf.data.Dataset.map`, in a loss. Whole pictures go faster through `tables`.

Gradients are finite everywhere. Each curve is a power above a kink and a line below it, and the slope of the power is
infinite at 0. `where` alone does not help, because 0 * infinity is NaN in the branch that was not taken: so the power
only ever sees values moved up to the kink (the "double where").
"""

import numpy as np

from colorization.color.namespace import namespace

XYZ_FROM_LINEAR_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # XYZ of D65, 2 degrees

GAMMA_KINK, LINEAR_KINK = 0.04045, 0.0031308  # the kink of the sRGB curve, on its two sides
F_KINK, F_SLOPE, F_OFFSET = 0.008856, 7.787, 16 / 116  # CIE: f(t) = cube root of t above the kink, else the line

TO_WHITE_XYZ = XYZ_FROM_LINEAR_RGB / WHITE[:, None]  # linear RGB -> XYZ relative to white
FROM_WHITE_XYZ = np.linalg.inv(TO_WHITE_XYZ)

LAB_OF_F = np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]], "float32")  # what f(X), f(Y), f(Z) add to L, a, b
BLACK = np.array([-16, 0, 0], "float32")

_levels = np.arange(256) / 255
LINEAR_OF_UINT8 = np.where(_levels > GAMMA_KINK, ((_levels + 0.055) / 1.055) ** 2.4, _levels / 12.92).astype("float32")


def rgb_to_lab(rgb):
    """Convert sRGB (..., 3), uint8 in 0..255 or float in 0..1, to float32 Lab: L 0..100, a -86..98, b -108..94.

    Raises:
        TypeError: for other dtypes, because it cannot be known whether 1 is nearly black or white.
    """
    rgb = np.asarray(rgb) if namespace(rgb) is np else rgb
    # Channel by channel, and joined by a sum: XLA makes slow loops of slices along a last axis of 3 and of `stack`.
    xyz = _mix(TO_WHITE_XYZ, [_to_linear(rgb[..., channel]) for channel in range(3)])
    return sum(f_of_xyz(t)[..., None] * share for t, share in zip(xyz, LAB_OF_F, strict=True)) + BLACK


def lab_to_rgb(lab):
    """Convert Lab (..., 3) to float32 sRGB in 0..1. Colours out of gamut are clipped (which changes their L, too).

    The slope of a clipped channel is 0. See `gamut.fit_to_gamut` for a way that keeps L.
    """
    return linear_to_rgb(namespace(lab).stack(lab_to_linear_rgb(lab), axis=-1))


def linear_to_rgb(linear):
    """Convert values proportional to light, of any shape, to sRGB, clipped to 0..1."""
    xp = namespace(linear)
    above = 1.055 * _power(xp.maximum(linear, LINEAR_KINK), 1 / 2.4) - 0.055
    return xp.clip(xp.where(linear > LINEAR_KINK, above, 12.92 * linear), 0.0, 1.0)


def lab_to_uint8(L, ab):
    """Convert L (..., 1) and ab (..., 2) to uint8 sRGB (..., 3), rounded."""
    return namespace(L, ab).array(_levels(L, ab, 255), "uint8")


def lab_to_uint16(L, ab):
    """Convert L (..., 1) and ab (..., 2) to uint16 sRGB (..., 3), rounded; 65535 is white."""
    return namespace(L, ab).array(_levels(L, ab, 65535), "uint16")


def _levels(L, ab, white: int):
    xp = namespace(L, ab)
    return xp.round(white * lab_to_rgb(xp.concatenate([xp.array(L, "float32"), xp.array(ab, "float32")], axis=-1)))


def lab_to_linear_rgb(lab):
    """Convert Lab (..., 3) to linear (light-proportional) R, G, B, three of shape (...), beyond 0..1 out of gamut."""
    lab = namespace(lab).array(lab, "float32")
    fy = (lab[..., 0] + 16) / 116
    return f_to_linear_rgb(fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200)


def f_to_linear_rgb(fx, fy, fz):
    """Convert f(X), f(Y), f(Z) of white-relative XYZ, any shape, to linear R, G, B of that shape."""
    xp = namespace(fx)
    xyz = [xp.where(f > F_SLOPE * F_KINK + F_OFFSET, f * f * f, (f - F_OFFSET) / F_SLOPE) for f in (fx, fy, fz)]
    return _mix(FROM_WHITE_XYZ, xyz)


def f_of_xyz(t):
    """Return CIE's f of white-relative X, Y or Z: the cube root above the kink, a line below."""
    xp = namespace(t)
    return xp.where(t > F_KINK, _power(xp.maximum(t, F_KINK), 1 / 3), F_SLOPE * t + F_OFFSET)


def _to_linear(values):
    """Return sRGB values of any shape as float32 in 0..1, proportional to light."""
    xp, dtype = namespace(values), getattr(values.dtype, "name", values.dtype)
    if dtype == "uint8":
        return xp.take(LINEAR_OF_UINT8, xp.array(values, "int32"), axis=0)
    if "float" not in dtype:
        raise TypeError(f"rgb is {dtype}; give uint8 in 0..255 or floats in 0..1")
    values = xp.array(values, "float32")
    above = _power((xp.maximum(values, GAMMA_KINK) + 0.055) / 1.055, 2.4)
    return xp.where(values > GAMMA_KINK, above, values / 12.92)


def _mix(matrix, channels):
    """A 3 x 3 matrix times three tensors. No matmul: newer GPUs run those in TF32, which has only three digits."""
    first, second, third = channels
    return [float(row[0]) * first + float(row[1]) * second + float(row[2]) * third for row in matrix]


def _power(base, exponent: float):
    """base ** exponent for base > 0. By logarithm, because XLA makes vector code of exp and log, not of a power."""
    xp = namespace(base)
    return xp.exp(exponent * xp.log(base))
