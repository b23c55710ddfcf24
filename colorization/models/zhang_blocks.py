"""The blocks that both of Zhang's networks are made of: eccv16 (arXiv 1603.08511), siggraph17 (arXiv 1705.02999).

A layer carries the name of its weights in the authors' files, with "_" for ".": `model3_4` is `model3.4` there.
"""

from keras import layers

from colorization.models.layers import batch_normalization

EPSILON = 1e-5  # PyTorch's; Keras' own 1e-3 can be seen in the colours
MOMENTUM = 0.9  # PyTorch's 0.1


def block(x, name: str, convolutions, start: int = 0):
    """Add convolutions, each with its ReLU, then one BatchNormalization.

    convolutions: (channels, stride, dilation) each. start: number of the first layer, where ReLUs count, too.
    """
    for i, (channels, stride, dilation) in enumerate(convolutions):
        number = start + 2 * i
        x = convolution(x, f"{name}_{number}", channels, stride, dilation)
        x = layers.ReLU(name=f"{name}_{number + 1}")(x)
    name = f"{name}_{start + 2 * len(convolutions)}"
    return batch_normalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)


def convolution(x, name: str, channels: int, stride: int = 1, dilation: int = 1):
    """Add a 3 x 3 convolution, padded as PyTorch does: one all round; "same" with a stride pads one side only."""
    if stride == 1:
        return layers.Conv2D(channels, 3, padding="same", dilation_rate=dilation, name=name)(x)
    x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    return layers.Conv2D(channels, 3, strides=stride, name=name)(x)


def doubling(x, name: str, channels: int):
    """Add a transposed convolution of 4 x 4 to twice the height and width."""
    return layers.Conv2DTranspose(channels, 4, strides=2, padding="same", name=name)(x)


def dilated_blocks(x, channels: int):
    """Add model4 to model7: twelve convolutions at an eighth of the size, six of them dilated to see more."""
    for number, dilation in ((4, 1), (5, 2), (6, 2), (7, 1)):
        x = block(x, f"model{number}", [(channels, 1, dilation)] * 3)
    return x
