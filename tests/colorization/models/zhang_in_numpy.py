"""Zhang's eccv16 and siggraph17 once more, in plain numpy: what the networks in Keras must agree with.

Weights are a dict under PyTorch's names and in PyTorch's shapes; inside, pictures are (B, C, H, W), as there. float64.
"""

import numpy as np

EPSILON = 1e-5
SLOPE = 0.2  # of the LeakyReLU
CONVOLUTIONS = {"model1": 2, "model2": 2, "model3": 3, "model4": 3, "model5": 3, "model6": 3, "model7": 3}
DILATED = ("model5", "model6")
# random weights: a lively input, logits that prefer some bins, colours up to some dozen Lab units
GAINS = {"model1.0": 3, "model8.6": 3, "model_out": 8, "model_out.0": 0.3}
BATCH_NORM = {"weight": (1, 0.25), "bias": (0, 0.2), "running_mean": (0.5, 0.2), "running_var": (0.7, 0.3)}


def eccv16(weights, L):
    """L (B, H, W, 1), sides multiples of 8 -> logits (B, H/4, W/4, 313), ab (B, H, W, 2) in Lab units."""
    x = _channels_first(L - 50) / 100
    for name, count in CONVOLUTIONS.items():
        last_stride = 2 if name in ("model1", "model2", "model3") else 1
        x = block(weights, name, x, range(0, 2 * count, 2), last_stride)
    x = relu(transposed_convolution(weights, "model8.0", x))
    x = relu(convolution(weights, "model8.2", x))
    x = relu(convolution(weights, "model8.4", x))
    logits = convolution(weights, "model8.6", x)
    ab = enlarged(convolution(weights, "model_out", softmax(logits)), 4)
    return _channels_last(logits), 110 * _channels_last(ab)


def siggraph17(weights, L, hint_ab, hint_mask):
    """L, hint_ab, hint_mask (B, H, W, 1 or 2), sides multiples of 8 -> classes (B, H/4, W/4, 529), ab (B, H, W, 2)."""
    x = np.concatenate([_channels_first(L - 50) / 100, _channels_first(hint_ab) / 110, _channels_first(hint_mask)], 1)
    after = {}
    for name, count in CONVOLUTIONS.items():
        x = after[name] = block(weights, name, x, range(0, 2 * count, 2))
        if name in ("model1", "model2", "model3"):
            x = x[:, :, ::2, ::2]
    x = transposed_convolution(weights, "model8up.0", x) + convolution(weights, "model3short8.0", after["model3"])
    eight = block(weights, "model8", relu(x), (1, 3))
    x = transposed_convolution(weights, "model9up.0", eight) + convolution(weights, "model2short9.0", after["model2"])
    x = block(weights, "model9", relu(x), (1,))
    x = transposed_convolution(weights, "model10up.0", x) + convolution(weights, "model1short10.0", after["model1"])
    x = convolution(weights, "model10.1", relu(x))
    ab = np.tanh(convolution(weights, "model_out.0", np.where(x > 0, x, SLOPE * x)))
    return _channels_last(convolution(weights, "model_class.0", eight)), 110 * _channels_last(ab)


def block(weights, name, x, numbers, last_stride=1):
    """Convolutions of these numbers, each with its ReLU, the last one with the stride; then BatchNorm."""
    for number in numbers:
        stride = last_stride if number == numbers[-1] else 1
        x = relu(convolution(weights, f"{name}.{number}", x, stride, dilation=2 if name in DILATED else 1))
    return batch_norm(weights, f"{name}.{numbers[-1] + 2}", x)


def convolution(weights, prefix, x, stride=1, dilation=1):
    """(B, in, H, W) -> (B, out, H/stride, W/stride): weight (out, in, k, k), dilation * (k - 1) / 2 zeros all round."""
    weight = weights[f"{prefix}.weight"].astype(float)
    size = weight.shape[2]
    padding = dilation * (size // 2)
    height, width = ((side - 1) // stride + 1 for side in x.shape[2:])
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    total = 0
    for i, j in np.ndindex(size, size):
        seen = x[:, :, i * dilation :: stride, j * dilation :: stride][:, :, :height, :width]
        total = total + np.einsum("oi,bihw->bohw", weight[:, :, i, j], seen, optimize=True)
    return total + _per_channel(weights.get(f"{prefix}.bias", 0))


def transposed_convolution(weights, prefix, x):
    """(B, in, H, W) -> (B, out, 2 H, 2 W): every pixel lays its weight (in, out, 4, 4) two further on, 1 is cut off."""
    weight = weights[f"{prefix}.weight"].astype(float)
    batch, _, height, width = x.shape
    total = np.zeros((batch, weight.shape[1], 2 * height + 2, 2 * width + 2))
    for i, j in np.ndindex(4, 4):
        laid = np.einsum("io,bihw->bohw", weight[:, :, i, j], x, optimize=True)
        total[:, :, i : i + 2 * height : 2, j : j + 2 * width : 2] += laid
    return total[:, :, 1:-1, 1:-1] + _per_channel(weights[f"{prefix}.bias"])


def batch_norm(weights, prefix, x):
    scale, offset, mean, variance = (
        _per_channel(weights[f"{prefix}.{name}"]) for name in ("weight", "bias", "running_mean", "running_var")
    )
    return (x - mean) / np.sqrt(variance + EPSILON) * scale + offset


def enlarged(x, times):
    """(B, C, H, W) -> (B, C, times H, times W), bilinear, align_corners=False."""

    def matrix(side):
        """Row k: the shares that the old pixels have in the new pixel k, whose middle is at (k + 1/2) / times."""
        place = np.clip((np.arange(times * side) + 0.5) / times - 0.5, 0, side - 1)
        return np.maximum(0, 1 - np.abs(place[:, None] - np.arange(side)))

    return matrix(x.shape[2]) @ x @ matrix(x.shape[3]).T


def relu(x):
    return np.maximum(x, 0)


def softmax(x):
    x = np.exp(x - x.max(axis=1, keepdims=True))
    return x / x.sum(axis=1, keepdims=True)


def random_state_dict(network, width, seed):
    """Every key of the state dict, float32, of sizes that keep the signal alive: +-sqrt(6 / fan-in) * GAINS."""
    random = np.random.default_rng(seed)
    weights = {}
    for prefix, shape in shapes(network, width).items():
        transposed = shape[2:] == (4, 4)
        if len(shape) == 1:
            for name, (middle, reach) in BATCH_NORM.items():
                weights[f"{prefix}.{name}"] = middle + reach * random.uniform(-1, 1, shape)
            weights[f"{prefix}.num_batches_tracked"] = np.array(100)
            continue
        fan_in = 4 * shape[0] if transposed else np.prod(shape[1:])  # 2 x 2 pixels lay on each one of a doubling
        weights[f"{prefix}.weight"] = GAINS.get(prefix, 1) * np.sqrt(6 / fan_in) * random.uniform(-1, 1, shape)
        if prefix != "model_out":
            weights[f"{prefix}.bias"] = 0.05 * random.uniform(-1, 1, shape[1] if transposed else shape[0])
    return {key: value.astype(np.float32) if value.ndim else value for key, value in weights.items()}


def shapes(network, width):
    """Key's prefix -> shape of its weight: (out, in, k, k), transposed (in, out, 4, 4), or (channels,) of BatchNorm."""
    w1, w2, w4, w8 = width, 2 * width, 4 * width, 8 * width
    found, channels = {}, 1 if network == "eccv16" else 4
    for (name, count), out in zip(CONVOLUTIONS.items(), (w1, w2, w4, w8, w8, w8, w8), strict=True):
        for number in range(0, 2 * count, 2):
            found[f"{name}.{number}"] = (out, channels, 3, 3)
            channels = out
        found[f"{name}.{2 * count}"] = (out,)
    if network == "eccv16":
        return found | {
            "model8.0": (w8, w4, 4, 4), "model8.2": (w4, w4, 3, 3), "model8.4": (w4, w4, 3, 3),
            "model8.6": (313, w4, 1, 1), "model_out": (2, 313, 1, 1),
        }  # fmt: skip
    return found | {
        "model8up.0": (w8, w4, 4, 4), "model8.1": (w4, w4, 3, 3), "model8.3": (w4, w4, 3, 3), "model8.5": (w4,),
        "model9up.0": (w4, w2, 4, 4), "model9.1": (w2, w2, 3, 3), "model9.3": (w2,),
        "model10up.0": (w2, w2, 4, 4), "model10.1": (w2, w2, 3, 3),
        "model3short8.0": (w4, w4, 3, 3), "model2short9.0": (w2, w2, 3, 3), "model1short10.0": (w2, w1, 3, 3),
        "model_class.0": (529, w4, 1, 1), "model_out.0": (2, w2, 1, 1),
    }  # fmt: skip


def _per_channel(values):
    return np.asarray(values, float).reshape(1, -1, 1, 1)


def _channels_first(x):
    return np.moveaxis(np.asarray(x, float), -1, 1)


def _channels_last(x):
    return np.moveaxis(x, 1, -1)
