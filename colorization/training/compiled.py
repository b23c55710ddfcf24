"""Functions as TensorFlow's graphs."""

import functools
from collections.abc import Callable

import tensorflow as tf


def compiled(function: Callable, **how) -> Callable:
    """Return a function as a graph that is traced as seldom as can be; how: further options of tf.function.

    A partial, because of one method of several networks in a process TensorFlow counts all tracings, and warns of them.
    """
    return tf.function(functools.partial(function), reduce_retracing=True, **how)
