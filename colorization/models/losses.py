"""What training minimises, in keras.ops."""

import keras
from keras import ops


def l1(truth, prediction):
    """Return the mean absolute error. Its minimum is the median of the plausible values."""
    return ops.mean(ops.abs(truth - prediction))


def l2(truth, prediction):
    """Return the mean squared error. Its minimum is the mean of the plausible values: brown between red and green."""
    return ops.mean(ops.square(truth - prediction))


def huber(truth, prediction):
    """Return the squared error up to 1, linear beyond (Huber 1964): the mean of close answers, the median of far."""
    return ops.mean(keras.losses.huber(truth, prediction, delta=1.0))


def colourfulness(rgb):
    """Return how colourful RGB pictures (B, H, W, 3), 0..1, are, (B,): 0 grey. Hasler and Süsstrunk 2003.

    sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2), with rg = |R - G| and yb = |(R + G) / 2 - B|.
    """
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    opponents = ops.stack([ops.abs(red - green), ops.abs((red + green) / 2 - blue)], axis=-1)
    means, variances = ops.mean(opponents, axis=(1, 2)), ops.var(opponents, axis=(1, 2))
    # the root alone has an infinite slope at 0, where training begins
    spread, shift = (ops.sqrt(ops.sum(each, axis=-1) + 1e-8) for each in (variances, ops.square(means)))
    return spread + 0.3 * shift


REGRESSION_LOSSES = {"l1": l1, "l2": l2, "huber": huber}


def distribution_cross_entropy(shares, logits):
    """Return -sum(shares log softmax(logits)) over the last axis, nats: cross-entropy of the logits with the shares.

    shares (..., Q), each 0..1, together 1; logits (..., Q). Its minimum is `distribution_entropy(shares)`.
    Equation 2 of Zhang 2016 (arXiv 1603.08511), without the weight.
    """
    return -ops.sum(shares * ops.log_softmax(logits, axis=-1), axis=-1)


def distribution_entropy(shares):
    """Return -sum(shares log shares) over the last axis, in nats; a share of 0 counts 0."""
    return -ops.sum(shares * ops.log(ops.maximum(shares, 1e-30)), axis=-1)


def kullback_leibler(targets, chances):
    """Return sum(targets log(targets / chances)) over the last axis, in nats; 0 where both are the same.

    targets, chances (..., K): each 0..1, together 1. A target of 0 counts 0; a chance below 1e-7 counts as that much.
    """
    chances = ops.maximum(chances, 1e-7)
    return ops.sum(targets * (ops.log(ops.maximum(targets, 1e-30)) - ops.log(chances)), axis=-1)
