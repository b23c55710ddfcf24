"""The one resizing of the project: caches, inference and exported graphs shrink and enlarge by these functions.

Colours are enlarged along the edges of a photograph in upsampling.py.

They work eagerly and inside tf.function, where a picture's size may be known only when the graph runs.
"""

from __future__ import annotations

import tensorflow as tf

MAX_ASPECT = 4  # longest shape that a network sees: longer side over shorter side


def target_size(height, width, shorter_side: int, max_aspect: float | None = MAX_ASPECT):
    """The size that `shrink` gives: the shorter side becomes `shorter_side`, the aspect is kept.

    A panorama is bounded by its longer side, `max_aspect` times shorter_side, so that it cannot fill the memory; its
    shorter side is then smaller. None lifts the bound. A picture is never enlarged, and no side falls below 1.

    Args:
        height, width, shorter_side: ints or scalar int tensors, px.

    Returns:
        int32 scalar tensors (height, width), px.
    """
    # float64: in float32 the size of a large picture could depend on where it was calculated.
    height, width = tf.cast(height, tf.float64), tf.cast(width, tf.float64)
    shorter_side = tf.cast(shorter_side, tf.float64)
    scale = tf.minimum(tf.constant(1.0, tf.float64), shorter_side / tf.minimum(height, width))
    if max_aspect is not None:
        scale = tf.minimum(scale, max_aspect * shorter_side / tf.maximum(height, width))
    return tuple(tf.maximum(tf.cast(tf.round(side * scale), tf.int32), 1) for side in (height, width))


def shrink(pictures, shorter_side: int, max_aspect: float | None = MAX_ASPECT):
    """Pictures (H, W, C) or (B, H, W, C) reduced to `target_size`; small ones come back unchanged.

    Bilinear with antialiasing. uint8 gives uint8, rounded; a float dtype is kept, and so is its range.
    """
    pictures = tf.convert_to_tensor(pictures)
    shape = tf.shape(pictures)
    size = target_size(shape[-3], shape[-2], shorter_side, max_aspect)
    small = tf.image.resize(pictures, tf.stack(size), method="bilinear", antialias=True)
    if pictures.dtype.is_integer:
        small = tf.round(small)
    return tf.saturate_cast(small, pictures.dtype)


def enlarge(ab, height: int, width: int):
    """Colours (B, h, w, 2) on a network's grid -> float32 (B, height, width, 2), plainly bilinear."""
    return tf.image.resize(ab, (height, width), method="bilinear")
