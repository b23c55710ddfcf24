"""Layers that Keras has not: padding by reflection to a multiple, cropping back, doubling. Any size, 1 x 1 included.

Only keras.ops, with sizes read when the layer runs, so that a network built for (None, None) trains, runs inside
`tf.function` and exports at any size. (`UpSampling2D("bilinear")` fails in a graph of unknown size.)
"""

import keras
from keras import layers, ops

from colorization.color.lab import lab_to_rgb

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of RGB 0..1


def _reflected_indices(size, padded):
    """0, 1 .. size-1, size-2 .. 1, 0, 1 ..: `padded` indices that mirror at the edges, as np.pad(mode="reflect").

    Unlike padding by reflection it holds for a picture that is smaller than its padding, such as 1 x 1.
    """
    period = ops.maximum(2 * (size - 1), 1)
    position = ops.arange(padded) % period
    return ops.minimum(position, ops.abs(period - position)) % ops.maximum(size, 1)


class PadToMultiple(layers.Layer):
    """Mirror the picture at its lower and right edge until both sides are multiples of `multiple`."""

    def __init__(self, multiple: int, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, x):
        return mirrored(x, self.multiple)

    def compute_output_shape(self, shape):
        def up(side):
            return None if side is None else -(-side // self.multiple) * self.multiple

        return (shape[0], up(shape[1]), up(shape[2]), shape[3])


class GreyPicture(layers.Layer):
    """Lightness 0..100 (B, H, W, 1) -> the grey picture as networks for colour pictures see it: sRGB, 0..255."""

    def call(self, L):
        lab = ops.concatenate([L, ops.zeros_like(L), ops.zeros_like(L)], axis=-1)
        return lab_to_rgb(lab) * 255

    def compute_output_shape(self, shape):
        return (*shape[:3], 3)


class CropLike(layers.Layer):
    """The upper left part of the first input, as high and wide as the second: undoes PadToMultiple."""

    def call(self, x, like):
        return x[:, : ops.shape(like)[1], : ops.shape(like)[2], :]

    def compute_output_shape(self, x_shape, like_shape):
        return (x_shape[0], like_shape[1], like_shape[2], x_shape[3])


class BilinearDouble(layers.Layer):
    """Twice the height and width, bilinear with half-pixel centres: each new row is 3/4 the nearer and 1/4 the next."""

    def call(self, x):
        return _double(_double(x, axis=1), axis=2)

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] and shape[1] * 2, shape[2] and shape[2] * 2, shape[3])


def _double(x, axis: int):
    before = [slice(None)] * 4
    after = [slice(None)] * 4
    first, last = list(before), list(before)
    before[axis], after[axis] = slice(None, -1), slice(1, None)
    first[axis], last[axis] = slice(None, 1), slice(-1, None)
    previous = ops.concatenate([x[tuple(first)], x[tuple(before)]], axis=axis)
    following = ops.concatenate([x[tuple(after)], x[tuple(last)]], axis=axis)
    pairs = ops.stack([0.75 * x + 0.25 * previous, 0.75 * x + 0.25 * following], axis=axis + 1)
    shape = list(ops.shape(x))
    shape[axis] = shape[axis] * 2
    return ops.reshape(pairs, shape)


def crop_grid(grid, height, width, stride: int):
    """Return a grid that covers exactly height x width px, from one of cells `stride` px wide, (B, h, w, C).

    Cells beyond the picture (which was mirrored to a multiple) are left out. Where a picture ends within a cell, all
    cells become that little narrower, and are interpolated linearly.
    """
    return _crop_cells(_crop_cells(grid, height, stride, axis=1), width, stride, axis=2)


def _crop_cells(grid, pixels, stride: int, axis: int):
    count = ceil_div(pixels, stride)
    cell = ops.cast(pixels, "float32") / ops.cast(count, "float32")  # px
    place = (ops.cast(ops.arange(count), "float32") + 0.5) * cell / stride - 0.5
    place = ops.clip(place, 0, ops.cast(ops.shape(grid)[axis] - 1, "float32"))
    below = ops.floor(place)
    share = ops.reshape(place - below, [-1 if i == axis else 1 for i in range(4)])
    below = ops.cast(below, "int32")
    after = ops.minimum(below + 1, ops.shape(grid)[axis] - 1)
    return (1 - share) * ops.take(grid, below, axis=axis) + share * ops.take(grid, after, axis=axis)


def ceil_div(length, divisor: int):
    """Return length / divisor, rounded up. No `-(-length // divisor)`: tf2onnx 1.17 rounds that towards zero."""
    return (length + divisor - 1) // divisor


def mirrored(x, multiple: int):
    """Continue pictures (B, H, W, C) by their mirror image to the next multiple, at the lower and the right edge."""
    height, width = ops.shape(x)[1], ops.shape(x)[2]
    if isinstance(height, int) and isinstance(width, int) and height % multiple == width % multiple == 0:
        return x
    x = ops.take(x, _reflected_indices(height, ceil_div(height, multiple) * multiple), axis=1)
    return ops.take(x, _reflected_indices(width, ceil_div(width, multiple) * multiple), axis=2)


def batch_normalization(**kwargs) -> layers.BatchNormalization:
    """Make a BatchNormalization whose statistics are of the whole batch when several replicas share it."""
    return layers.BatchNormalization(synchronized=keras.backend.backend() == "tensorflow", **kwargs)


def imagenet_normalization(name: str) -> layers.Rescaling:
    """Make the layer that brings RGB 0..255 to ImageNet's mean 0 and deviation 1, channel by channel."""
    factors = [1 / (255 * deviation) for deviation in IMAGENET_DEVIATION]
    offsets = [-mean / deviation for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)]
    return layers.Rescaling(factors, offsets, dtype="float32", name=name)


class LayerNormalization(layers.LayerNormalization):
    """Keras' own over the channels, in the steps that ONNX Runtime knows: there it is one operation, not eight."""

    def call(self, x):
        places = ops.cast(ops.reshape(x, (-1, x.shape[-1])), "float32")
        centred = places - ops.mean(places, axis=-1, keepdims=True)
        variance = ops.mean(ops.power(centred, 2.0), axis=-1, keepdims=True)
        places = centred / ops.sqrt(variance + self.epsilon) * self.gamma + self.beta
        return ops.cast(ops.reshape(places, ops.shape(x)) if len(x.shape) > 2 else places, self.compute_dtype)


class Places(layers.Layer):
    """Maps (B, h, w, C) -> their places one by one, (B h w, C): a layer on them is one matrix product."""

    def call(self, x):
        return ops.reshape(x, (-1, x.shape[-1]))

    def compute_output_shape(self, shape):
        return (None, shape[-1])


class PlacedLike(layers.Layer):
    """Places (B h w, C) -> maps as high and wide as the second input: undoes Places."""

    def call(self, x, like):
        return ops.reshape(x, ops.shape(like))

    def compute_output_shape(self, x_shape, like_shape):
        return like_shape
