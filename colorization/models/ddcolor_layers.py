"""Layers of DDColor's two decoders, which DeOldify shares in part. Weights have the names of the authors' files."""

import math

from keras import initializers, layers, ops

TEMPERATURE = 10_000.0  # longest wavelength of the positional encoding, over 2 pi (Vaswani et al. 2017)


class PixelShuffle(layers.Layer):
    """Sub-pixel convolution's last step (Shi et al. 2016, arXiv 1609.05158): (B, h, w, C s^2) -> (B, s h, s w, C).

    s: `side`. Channel c s^2 + i s + j of a place becomes channel c of the pixel in its row i and column j, as in
    PyTorch.
    """

    def __init__(self, side: int, **kwargs):
        super().__init__(**kwargs)
        self.side = side

    def call(self, x):
        return shuffled(x, self.side)

    def compute_output_shape(self, shape):
        up = [length and length * self.side for length in shape[1:3]]
        return (shape[0], *up, shape[3] // self.side**2)


def shuffled(x, side: int):
    """Return maps (B, h, w, C side^2) as PixelShuffle does."""
    batch, height, width, channels = ops.shape(x)
    x = ops.reshape(x, (batch, height, width, channels // side**2, side, side))
    x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
    return ops.reshape(x, (batch, height * side, width * side, channels // side**2))


class ShuffleBlur(layers.Layer):
    """Mean of each place and those above, to the left, and diagonally above left: (B, h, w, C) -> the same.

    It takes away the checkerboard that a pixel shuffle leaves (Sugawara et al. 2018, arXiv 1806.02658; `blur` of
    fastai). The first row and column are repeated beyond the edge.
    """

    def call(self, x):
        return blurred(x)

    def compute_output_shape(self, shape):
        return shape


def blurred(x):
    """Return maps (B, h, w, C) as ShuffleBlur does."""
    x = ops.concatenate([x[:, :1], x], axis=1)
    x = ops.concatenate([x[:, :, :1], x], axis=2)
    return ops.average_pool(x, 2, strides=1)


class LearntQueries(layers.Layer):
    """`count` learnt vectors, the same for each picture of a batch: anything (B, ..) -> (B count, width)."""

    def __init__(self, count: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.count, self.width = count, width

    def build(self, shape):
        self.weight = self.add_weight((self.count, self.width), initializers.RandomNormal(stddev=1.0), name="weight")

    def call(self, like):
        return ops.tile(ops.cast(self.weight, self.compute_dtype), (ops.shape(like)[0], 1))

    def compute_output_shape(self, shape):
        return (None, self.width)


class LevelEmbedding(layers.Layer):
    """Maps of several sizes, (B, h, w, C) each -> the values and the keys of attention to each, (B, h w, C).

    Values are the places of a map plus a learnt vector of that map, its level. Keys are the values plus the positional
    encoding. Returned are all values, then all keys.
    """

    def build(self, maps_shape):
        self.weight = self.add_weight(
            (len(maps_shape), maps_shape[0][-1]), initializers.RandomNormal(stddev=1.0), name="weight"
        )

    def call(self, maps):
        values, keys = [], []
        for x, level in zip(maps, ops.unstack(ops.cast(self.weight, self.compute_dtype)), strict=True):
            batch, height, width, channels = ops.shape(x)
            position = ops.reshape(positional_encoding(height, width, channels), (height * width, channels))
            values.append(ops.reshape(x, (batch, height * width, channels)) + level)
            keys.append(values[-1] + ops.cast(position, x.dtype))
        return values + keys

    def compute_output_shape(self, shapes):
        counts = [None if None in s[1:3] else s[1] * s[2] for s in shapes]
        return 2 * [(s[0], count, s[3]) for s, count in zip(shapes, counts, strict=True)]


def positional_encoding(height, width, channels: int):
    """Return the sinusoidal encoding of each place of a map, (height, width, channels), as in DETR (arXiv 2005.12872).

    The first half of the channels encodes the row, the second the column. channels: a multiple of 4.
    """
    rows, columns = _sines(height, channels // 2), _sines(width, channels // 2)
    shape = (height, width, channels // 2)
    return ops.concatenate([ops.broadcast_to(rows[:, None], shape), ops.broadcast_to(columns[None], shape)], axis=-1)


def _sines(count, channels: int):
    """Return the encoding of positions 1 .. count, (count, channels).

    Positions are scaled to end at 2 pi. Of such a position p, channels 2 i and 2 i + 1 are the sine and the cosine of
    p / TEMPERATURE^(2 i / channels).
    """
    place = ops.cast(ops.arange(count) + 1, "float32")
    place = place / (ops.cast(count, "float32") + 1e-6) * (2 * math.pi)
    divisors = TEMPERATURE ** (2 * ops.arange(channels // 2, dtype="float32") / channels)
    angles = place[:, None] / divisors
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (count, channels))


class MultiHeadAttention(layers.Layer):
    """Multi-head attention (Vaswani et al. 2017, section 3.2.2), with `count` queries for each picture.

    query (B count, C), key and value (B, m, C), or (B count, C) for self-attention -> (B count, C). Each head has d =
    C / heads channels: softmax(q k' / sqrt(d)) v. The three projections are one weight, as in PyTorch.
    """

    def __init__(self, count: int, heads: int, width: int, name: str, **kwargs):
        super().__init__(name=name, **kwargs)
        self.count, self.heads, self.width = count, heads, width
        self.out = layers.Dense(width, name=f"{name}.out_proj")

    def build(self, query_shape, key_shape, value_shape):
        self.kernel = self.add_weight((self.width, 3 * self.width), "glorot_uniform", name="in_proj_weight")
        self.bias = self.add_weight((3 * self.width,), "zeros", name="in_proj_bias")
        self.out.build(query_shape)

    def call(self, query, key, value):
        kernels, biases = ops.split(self.kernel, 3, axis=1), ops.split(self.bias, 3)
        given = zip((query, key, value), kernels, biases, strict=True)
        query, key, value = (self._projected(x, kernel, bias) for x, kernel, bias in given)
        scores = ops.matmul(query / (self.width // self.heads) ** 0.5, ops.transpose(key, (0, 1, 3, 2)))
        attended = ops.transpose(ops.matmul(ops.softmax(scores, axis=-1), value), (0, 2, 1, 3))
        return self.out(ops.reshape(attended, (-1, self.width)))

    def _projected(self, x, kernel, bias):
        """Return x, (B n, C) or (B, n, C), projected and split into heads: (B, heads, n, C / heads)."""
        count = self.count if len(x.shape) == 2 else ops.shape(x)[1]
        x = ops.matmul(ops.reshape(x, (-1, self.width)), ops.cast(kernel, x.dtype)) + ops.cast(bias, x.dtype)
        return ops.transpose(ops.reshape(x, (-1, count, self.heads, self.width // self.heads)), (0, 2, 1, 3))

    def compute_output_shape(self, query_shape, key_shape, value_shape):
        return query_shape


class QueriesToColours(layers.Layer):
    """Queries (B Q, C), features (B, h, w, C) and the picture (B, 4 h, 4 w, 3) -> ab (B, 4 h, 4 w, 2).

    The authors' order: e = shuffled(ReLU(W f)), C features of each pixel; maps q e, one for each of the Q queries q;
    ab = R [maps, picture]. Behind the ReLU all is linear, and R [q e] = (R q) e: here the queries are mixed to two
    first, so that no pixel ever has C + Q numbers. The SIDE rows of pixels in a place are made one after the other. The
    answer is the same, for a fraction of the memory.
    """

    SIDE = 4  # pixels along each side of a place

    def __init__(self, queries: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.queries, self.width = queries, width
        self.enlarge = layers.Conv2D(self.SIDE**2 * width, 1, name="decoder.last_shuf.conv.0")
        self.refine = layers.Conv2D(2, 1, kernel_initializer="zeros", name="refine_net.0.0")

    def build(self, queries_shape, features_shape, picture_shape):
        self.enlarge.build(features_shape)
        self.refine.build((*picture_shape[:3], self.queries + 3))

    def call(self, queries, features, picture):
        batch, height, width = ops.shape(features)[:3]
        of_queries, of_picture = self.refine.kernel[0, 0, : self.queries], self.refine.kernel[:, :, self.queries :]
        queries = ops.reshape(queries, (-1, self.queries, self.width))
        mixed = ops.matmul(ops.transpose(queries, (0, 2, 1)), of_queries)  # (B, C, 2)
        places, rows = ops.reshape(features, (-1, self.width)), []
        for kernel, bias in zip(*self._by_row(), strict=True):
            pixels = ops.relu(ops.matmul(places, kernel) + bias)
            rows.append(ops.matmul(ops.reshape(pixels, (batch, -1, self.width)), mixed))  # (B, h w SIDE, 2)
        shape = (batch, height, width, self.SIDE, 2)
        ab = ops.stack([ops.reshape(row, shape) for row in rows], axis=2)  # (B, h, SIDE, w, SIDE, 2)
        ab = blurred(ops.reshape(ab, (batch, height * self.SIDE, width * self.SIDE, 2)))
        return ab + ops.conv(picture, of_picture) + self.refine.bias

    def _by_row(self) -> tuple[list, list]:
        """Return the kernels (C, SIDE C) and biases (SIDE C,) of the pixels of each row of a place."""
        side, width = self.SIDE, self.width
        kernel = ops.transpose(ops.reshape(self.enlarge.kernel, (width, width, side, side)), (2, 0, 3, 1))
        bias = ops.transpose(ops.reshape(self.enlarge.bias, (width, side, side)), (1, 2, 0))
        kernel, bias = ops.reshape(kernel, (side, width, side * width)), ops.reshape(bias, (side, side * width))
        return ops.unstack(kernel), ops.unstack(bias)

    def compute_output_shape(self, queries_shape, features_shape, picture_shape):
        return (*picture_shape[:3], 2)
