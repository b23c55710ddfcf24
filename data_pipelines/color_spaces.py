"""HSV, XYZ and YUV by tensorflow-io. TensorFlow only; works eagerly, in a `tf.function` and in `tf.data.Dataset.map`.

All take and give floats of shape (..., 3); RGB may also be uint8, which is brought from 0..255 to 0..1 first. Other
integers raise TypeError. For Lab use `lab`: tensorflow-io's gradients are NaN there at black and out of gamut.

Ranges: RGB 0..1. H, S, V 0..1 each (H is the angle divided by 360 degrees). X 0..0.951, Y 0..1, Z 0..1.089 of light
(D65, 2 degrees). Y 0..1, U -0.437..0.437, V -0.615..0.615 of YUV (BT.601, from gamma-encoded RGB).
"""

import warnings

import tensorflow as tf

with warnings.catch_warnings():
    # Its compiled plug-ins do not load under this TensorFlow, and say so. The colour functions do not need them.
    warnings.filterwarnings("ignore", module=r"tensorflow_io\.python\.ops")
    from tensorflow_io.python.experimental import color_ops


def rgb_to_hsv(rgb):
    """Convert RGB to hue, saturation, value. The hue of a grey is 0."""
    return color_ops.rgb_to_hsv(_unit_floats(rgb))


def hsv_to_rgb(hsv):
    """Convert hue, saturation, value to RGB."""
    return color_ops.hsv_to_rgb(_floats(hsv))


def rgb_to_xyz(rgb):
    """Convert RGB to CIE XYZ, proportional to light, Y of white 1. Newer GPUs (TF32) give three digits only."""
    return color_ops.rgb_to_xyz(_unit_floats(rgb))


def xyz_to_rgb(xyz):
    """Convert CIE XYZ to RGB, clipped to 0..1."""
    return color_ops.xyz_to_rgb(_floats(xyz))


def rgb_to_yuv(rgb):
    """Convert RGB to luma Y and the colour differences U = 0.492 (B - Y), V = 0.877 (R - Y)."""
    return color_ops.rgb_to_yuv(_unit_floats(rgb))


def yuv_to_rgb(yuv):
    """Convert luma and colour differences to RGB."""
    return color_ops.yuv_to_rgb(_floats(yuv))


def _unit_floats(rgb):
    rgb = tf.convert_to_tensor(rgb)
    return tf.cast(rgb, tf.float32) / 255 if rgb.dtype == tf.uint8 else _floats(rgb)


def _floats(values):
    values = tf.convert_to_tensor(values)
    if not values.dtype.is_floating:
        raise TypeError(f"colours are {values.dtype.name}; give floats (RGB may be uint8, too)")
    return tf.cast(values, tf.float32)
