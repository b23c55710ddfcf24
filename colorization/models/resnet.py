"""ResNet (He et al. 2016, arXiv 1512.03385) without its classifier, as torchvision has it: the encoder of DeOldify.

Each layer has the name that its weights have in DeOldify's files, so that they can be assigned by name.
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import layers

from colorization.models.layers import batch_normalization

EPSILON = 1e-5  # PyTorch's
MOMENTUM = 0.9  # of Keras; PyTorch says 0.1 for the same
EXPANSION = 4  # channels of a bottleneck block's output, as a multiple of those of its 3 x 3 convolution
FIRST_STAGE = 4  # index of the first stage in torchvision's list: convolution, normalization, ReLU, max pooling, stages


@dataclass(frozen=True)
class Variant:
    """A depth of the network (table 1 of the paper).

    blocks: number of residual blocks of each of the four stages, from 1/4 of the size to 1/32. bottleneck: whether a
    block has convolutions of 1 x 1, 3 x 3 and 1 x 1, or two of 3 x 3.
    """

    blocks: tuple[int, ...]
    bottleneck: bool


VARIANTS = {
    "resnet34": Variant((3, 4, 6, 3), bottleneck=False),
    "resnet101": Variant((3, 4, 23, 3), bottleneck=True),
}


def resnet_maps(x, variant: Variant, width: int, name: str) -> list:
    """Add the network to a graph and return its five feature maps, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size.

    Args:
        x: RGB (B, H, W, 3) normalized by ImageNet's mean and deviation; H and W multiples of 32.
        width: channels of the first map, 64 in the paper. Stage i (0 to 3) has 2^i times as many, a stage of
            bottleneck blocks EXPANSION times as many again.
        name: what the names of all layers begin with.
    """
    x = convolution(x, width, 7, 2, f"{name}.0")
    x = layers.ReLU(name=f"{name}.2")(normalized(x, f"{name}.1"))
    maps = [x]
    # PyTorch pads with minus infinity; after a ReLU zeros do the same
    x = layers.MaxPooling2D(3, strides=2, name=f"{name}.3")(layers.ZeroPadding2D(1, name=f"{name}.3.pad")(x))
    block = _bottleneck_block if variant.bottleneck else _basic_block
    for stage, blocks in enumerate(variant.blocks):
        for i in range(blocks):
            stride = 2 if stage > 0 and i == 0 else 1
            x = block(x, 2**stage * width, stride, f"{name}.{FIRST_STAGE + stage}.{i}")
        maps.append(x)
    return maps


def _basic_block(x, channels: int, stride: int, name: str):
    """Add the residual block of ResNet-34: two convolutions of 3 x 3 (figure 5 of the paper, left)."""
    y = _norm_relu(convolution(x, channels, 3, stride, f"{name}.conv1"), name, 1)
    y = normalized(convolution(y, channels, 3, 1, f"{name}.conv2"), f"{name}.bn2")
    return _plus_shortcut(y, x, stride, name)


def _bottleneck_block(x, channels: int, stride: int, name: str):
    """Add the residual block of ResNet-101: 1 x 1, 3 x 3, 1 x 1 (figure 5, right).

    The 3 x 3 convolution has the stride, as in torchvision; in the paper it is the first one.
    """
    y = _norm_relu(convolution(x, channels, 1, 1, f"{name}.conv1"), name, 1)
    y = _norm_relu(convolution(y, channels, 3, stride, f"{name}.conv2"), name, 2)
    y = normalized(convolution(y, EXPANSION * channels, 1, 1, f"{name}.conv3"), f"{name}.bn3")
    return _plus_shortcut(y, x, stride, name)


def _norm_relu(x, name: str, index: int):
    return layers.ReLU(name=f"{name}.relu{index}")(normalized(x, f"{name}.bn{index}"))


def _plus_shortcut(y, x, stride: int, name: str):
    """Add ReLU(y + x); x passes a 1 x 1 convolution first where y has another size or other channels."""
    if stride > 1 or x.shape[-1] != y.shape[-1]:
        x = normalized(convolution(x, y.shape[-1], 1, stride, f"{name}.downsample.0"), f"{name}.downsample.1")
    return layers.ReLU(name=f"{name}.relu")(layers.Add(name=f"{name}.add")([x, y]))


def convolution(x, channels: int, side: int, stride: int, name: str):
    """Add a convolution without bias, padded by side // 2 on both sides as PyTorch's.

    With a stride Keras' "same" would pad one side only.
    """
    if stride > 1 and side > 1:
        x = layers.ZeroPadding2D(side // 2, name=f"{name}.pad")(x)
        return layers.Conv2D(channels, side, strides=stride, use_bias=False, name=name)(x)
    return layers.Conv2D(channels, side, strides=stride, padding="same", use_bias=False, name=name)(x)


def normalized(x, name: str):
    """Add a BatchNormalization with PyTorch's epsilon and momentum."""
    return batch_normalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)
