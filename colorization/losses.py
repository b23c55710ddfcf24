"""What training minimises, in keras.ops."""

import keras
from keras import ops


def l1(truth, prediction):
    """Mean absolute error. Its minimum is the median of the plausible values."""
    return ops.mean(ops.abs(truth - prediction))


def l2(truth, prediction):
    """Mean squared error. Its minimum is the mean of the plausible values: brown between red and green."""
    return ops.mean(ops.square(truth - prediction))


def huber(truth, prediction):
    """Squared up to a distance of 1, linear beyond (Huber 1964): the mean of close answers, the median of far ones."""
    return ops.mean(keras.losses.huber(truth, prediction, delta=1.0))


REGRESSION_LOSSES = {"l1": l1, "l2": l2, "huber": huber}
