"""`lab.rgb_to_lab` compiled by XLA, for whole batches: several times faster than the same operations one by one.

TensorFlow only. XLA compiles anew for each shape, which takes longer than the work: so all pixels are laid in one row
and cut into blocks of one fixed size, the last one padded.
"""

import tensorflow as tf

from colorization.color import lab

BLOCK = 65_536  # pixels; larger ones are no faster (measured up to 1 million) and cost small pictures more padding


def rgb_to_lab(rgb):
    """Convert sRGB (..., 3), uint8 in 0..255 or float in 0..1, to float32 Lab (..., 3), as `lab.rgb_to_lab`.

    Called eagerly or in `tf.data.Dataset.map`, with any leading shape, known or not. Has gradients.
    """
    rgb = tf.convert_to_tensor(rgb)
    in_lab = tf.reshape(_in_blocks(tf.reshape(rgb, (-1, 3))), tf.shape(rgb))
    in_lab.set_shape(rgb.shape)  # what is known of it, for the layers that come after
    return in_lab


@tf.function(reduce_retracing=True)
def _in_blocks(pixels):
    """sRGB (N, 3) -> Lab (N, 3)."""
    count = tf.shape(pixels)[0]
    blocks = tf.reshape(tf.pad(pixels, ((0, -count % BLOCK), (0, 0))), (-1, BLOCK, 3))
    # a loop of AutoGraph's: tf.map_fn leaves state behind when its function raises, and MirroredStrategy trips over it
    in_lab = tf.TensorArray(tf.float32, size=tf.shape(blocks)[0], element_shape=(BLOCK, 3))
    for i in tf.range(tf.shape(blocks)[0]):
        in_lab = in_lab.write(i, _one_block(blocks[i]))
    return tf.reshape(in_lab.stack(), (-1, 3))[:count]


_one_block = tf.function(lab.rgb_to_lab, jit_compile=True)
