"""HSV against scikit-image, as arrays and as tensors."""

import numpy as np
import pytest
import skimage.color
import tensorflow as tf
from numpy.testing import assert_allclose

from colorization.color.hsv import hsv_to_rgb, rgb_to_hsv

LEVELS = np.linspace(0, 1, 12, dtype=np.float32)
CUBE = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS), axis=-1)  # holds black, white, greys and pure colours


@pytest.mark.parametrize("kind", [np.asarray, tf.constant])
def test_agrees_with_scikit_image(kind):
    hsv = skimage.color.rgb2hsv(CUBE)
    assert_allclose(rgb_to_hsv(kind(CUBE)), hsv, atol=1e-6)
    assert_allclose(hsv_to_rgb(kind(np.float32(hsv))), CUBE, atol=1e-6)
