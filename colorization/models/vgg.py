"""VGG16 (Simonyan, Zisserman 2015, arXiv 1409.1556) up to block4_conv3, any width, and where its weights come from."""

from pathlib import Path

from keras import Model, layers

from colorization.errors import InputError
from colorization.models.imagenet import NETWORKS, fetch_weights, read_network

IMAGENET_WIDTH = 64
VGG_OFFSET = [-103.939, -116.779, -123.68]  # of blue, green, red in 0..255: less the mean of ImageNet
BLOCKS = ((1, 2), (2, 2), (4, 3), (8, 3))  # multiple of the width, convolutions; a pooling follows each but the last


def vgg16_to_block4(x, width: int):
    """Build preprocessed (B, H, W, 3) -> (B, H / 8, W / 8, 8 * width). Layers have the names of Keras' VGG16."""
    for block, (multiple, convolutions) in enumerate(BLOCKS, start=1):
        for i in range(1, convolutions + 1):
            # He: nothing normalises between these ten layers, and what they give must keep its size
            x = layers.Conv2D(
                multiple * width,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"block{block}_conv{i}",
            )(x)
        if block < len(BLOCKS):
            x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return x


def settled_backbone(backbone: str, width: int) -> str:
    """Return what `--backbone auto` comes to, and any other as it is: imagenet at the width that its weights have."""
    if backbone != "auto":
        return backbone
    return "imagenet" if width == IMAGENET_WIDTH else "none"


def start_from(backbone: str, network: Model) -> None:
    """Give the VGG layers of `network` ImageNet's weights, or those of a file that keras.applications.VGG16 reads.

    backbone: imagenet, a file, none, or auto (`settled_backbone`).
    Raises InputError if the weights are not there or do not fit: only `none` trains from random ones at this width.
    """
    width = network.get_layer("block1_conv1").filters
    backbone = settled_backbone(backbone, width)
    if backbone == "none":
        return
    if width != IMAGENET_WIDTH:
        raise InputError(f"--backbone {backbone} has width {IMAGENET_WIDTH}; give --width {IMAGENET_WIDTH}")
    if backbone == "imagenet":
        file = fetch_weights(NETWORKS["vgg16"].headless, "give the file with --backbone, or --backbone none")
    else:
        file = Path(backbone)
    trained = read_network("vgg16", file, "--backbone")
    for block, (_, convolutions) in enumerate(BLOCKS, start=1):
        for i in range(1, convolutions + 1):
            name = f"block{block}_conv{i}"
            network.get_layer(name).set_weights(trained.get_layer(name).get_weights())
