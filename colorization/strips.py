"""Large pictures a few rows at a time, so that what is calculated from 100 megapixels never lies in memory whole."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

STRIP_PIXELS = 2**18  # of all pictures of a batch; twice as many save no time


def strip_rows(batch, width):
    """How many rows of pictures of that width are worked on at once; scalar int32 tensor."""
    return tf.maximum(STRIP_PIXELS // tf.maximum(batch * width, 1), 1)


def in_strips(work: Callable, batch, height, width, dtype):
    """What `work` makes of all rows: the tensors (B, rows, W, C) that work(first, end) gives, one below the other."""
    rows = strip_rows(batch, width)
    count = -(-height // rows)
    strips = tf.TensorArray(dtype, size=count, infer_shape=False)

    def one(i, strips):
        strip = work(i * rows, tf.minimum((i + 1) * rows, height))
        return i + 1, strips.write(i, tf.transpose(strip, (1, 0, 2, 3)))  # concat joins along the first axis

    _, strips = tf.while_loop(lambda i, _: i < count, one, (0, strips), parallel_iterations=1)
    return tf.transpose(strips.concat(), (1, 0, 2, 3))


def sum_of_strips(work: Callable, batch, height, width, shape):
    """The sum of the float32 tensors of that shape that work(first, end) gives, over all strips."""
    rows = strip_rows(batch, width)

    def one(first, total):
        return first + rows, total + work(first, tf.minimum(first + rows, height))

    zeros = tf.zeros(shape)
    return tf.while_loop(lambda first, _: first < height, one, (0, zeros), parallel_iterations=1)[1]
