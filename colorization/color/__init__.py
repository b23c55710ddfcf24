"""Colour spaces: `rgb_to_lab`, `lab_to_rgb`, and from `spaces` HSV, XYZ and YUV. Colour is the last axis of size 3.

Importing this package imports no TensorFlow of its own (Keras may, if TensorFlow is its backend).
"""

import keras

from colorization.color import lab
from colorization.color.lab import lab_to_rgb

SPACES = ("rgb_to_hsv", "hsv_to_rgb", "rgb_to_xyz", "xyz_to_rgb", "rgb_to_yuv", "yuv_to_rgb")
__all__ = ["lab_to_rgb", "rgb_to_lab", *SPACES]


def rgb_to_lab(rgb):
    """sRGB (..., 3), uint8 in 0..255 or float in 0..1 -> float32 Lab: L 0..100, a -86..98, b -108..94.

    Compiled for speed when called eagerly under TensorFlow. In a graph these are the plain operations of `lab`, so
    that a graph may be differentiated, exported and run without XLA.
    """
    if _is_eager_tensorflow(rgb):
        from colorization.color import compiled

        return compiled.rgb_to_lab(rgb)
    return lab.rgb_to_lab(rgb)


def __getattr__(name):
    if name in SPACES:  # on use only, because they need TensorFlow
        from colorization.color import spaces

        return getattr(spaces, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _is_eager_tensorflow(rgb):
    if keras.backend.backend() != "tensorflow" or isinstance(rgb, keras.KerasTensor):
        return False
    import tensorflow as tf

    return tf.executing_eagerly()
