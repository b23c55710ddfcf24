"""ResNet (He et al. 2016, arXiv 1512.03385) as torchvision has it, in Keras: the eye of the published DeOldify.

A layer carries the name of its weights in DeOldify's files, so that each finds its own there.
"""

from __future__ import annotations

from dataclasses import dataclass

from keras import layers

from colorization.models.layers import batch_normalization

EPSILON = 1e-5  # PyTorch's
MOMENTUM = 0.9  # PyTorch's 0.1
EXPANSION = 4  # a bottleneck gives so many times the channels that it thinks in
FIRST_STAGE = 4  # place of the first stage among the network's parts: convolution, normalization, ReLU, pooling


@dataclass(frozen=True)
class Variant:
    """Blocks of the four stages, the largest map first. bottleneck: of 1, 3 and 1 pixels, not two of 3."""

    blocks: tuple[int, ...]
    bottleneck: bool


VARIANTS = {
    "resnet34": Variant((3, 4, 6, 3), bottleneck=False),
    "resnet101": Variant((3, 4, 23, 3), bottleneck=True),
}


def resnet_maps(x, variant: Variant, width: int, name: str) -> list:
    """Add the network without its classes; returns its maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size.

    x: RGB normalized as ImageNet's, (B, H, W, 3), H and W multiples of 32. width: channels of the first map; 64 in the
    paper.
    """
    x = convolution(x, width, 7, 2, f"{name}.0")
    x = layers.ReLU(name=f"{name}.2")(normalized(x, f"{name}.1"))
    maps = [x]
    # after a ReLU zeros are as low as PyTorch's padding, which is endlessly low
    x = layers.MaxPooling2D(3, strides=2, name=f"{name}.3")(layers.ZeroPadding2D(1, name=f"{name}.3.pad")(x))
    block = _bottleneck if variant.bottleneck else _two_convolutions
    for stage, blocks in enumerate(variant.blocks):
        for i in range(blocks):
            stride = 2 if stage > 0 and i == 0 else 1
            x = block(x, 2**stage * width, stride, f"{name}.{FIRST_STAGE + stage}.{i}")
        maps.append(x)
    return maps


def _two_convolutions(x, channels: int, stride: int, name: str):
    y = _rectified(convolution(x, channels, 3, stride, f"{name}.conv1"), name, 1)
    y = normalized(convolution(y, channels, 3, 1, f"{name}.conv2"), f"{name}.bn2")
    return _added(x, y, channels, stride, name)


def _bottleneck(x, channels: int, stride: int, name: str):
    y = _rectified(convolution(x, channels, 1, 1, f"{name}.conv1"), name, 1)
    y = _rectified(convolution(y, channels, 3, stride, f"{name}.conv2"), name, 2)
    y = normalized(convolution(y, EXPANSION * channels, 1, 1, f"{name}.conv3"), f"{name}.bn3")
    return _added(x, y, EXPANSION * channels, stride, name)


def _rectified(x, name: str, place: int):
    return layers.ReLU(name=f"{name}.relu{place}")(normalized(x, f"{name}.bn{place}"))


def _added(x, y, channels: int, stride: int, name: str):
    """The shortcut; where the map changes its shape, through a convolution."""
    if stride > 1 or x.shape[-1] != channels:
        x = normalized(convolution(x, channels, 1, stride, f"{name}.downsample.0"), f"{name}.downsample.1")
    return layers.ReLU(name=f"{name}.relu")(layers.Add(name=f"{name}.add")([x, y]))


def convolution(x, channels: int, side: int, stride: int, name: str):
    """Add a convolution without offset, padded as PyTorch does: "same" with a stride would pad one side only."""
    if stride > 1 and side > 1:
        x = layers.ZeroPadding2D(side // 2, name=f"{name}.pad")(x)
        return layers.Conv2D(channels, side, strides=stride, use_bias=False, name=name)(x)
    return layers.Conv2D(channels, side, strides=stride, padding="same", use_bias=False, name=name)(x)


def normalized(x, name: str):
    """Add a BatchNormalization with PyTorch's settings."""
    return batch_normalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)
