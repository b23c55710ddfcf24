"""A network -> a SavedModel for TensorFlow Serving and TensorFlow: pictures in, pictures out, none of our code needed.

The whole way is in its graph, with the model's own temperature and saturation. Colours are enlarged plainly, bicubic.
"""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from colorization.color.gamut import fit_to_gamut
from colorization.color.lab import lab_to_uint8, rgb_to_lab
from colorization.images.resize import MAX_ASPECT
from colorization.models.colorizer import Colorizer

BATCH = tf.TensorSpec((None, None, None, None), tf.uint8, "pictures")


class PictureModule(tf.Module):
    """What is saved: `__call__` for one picture or a batch, and the signature of TensorFlow Serving."""

    def __init__(self, colorizer: Colorizer, input_size: int):
        super().__init__()
        self.network, self.colorizer, self.input_size = colorizer.network, colorizer, input_size

    @tf.function
    def __call__(self, pictures):
        """Return RGB of uint8 pictures (H, W), (H, W, C) or (B, H, W, C), C 1 or 3: uint8 (H, W, 3) or (B, H, W, 3)."""
        if pictures.shape.rank == 4:
            return self.batch(pictures)
        return self.batch(pictures[None] if pictures.shape.rank == 3 else pictures[None, ..., None])[0]

    @tf.function(input_signature=[BATCH])
    def batch(self, pictures):
        """Return RGB of a batch; what every other door leads to is traced and saved once."""
        channels, size = tf.minimum([0, 1, 2], tf.shape(pictures)[-1] - 1), tf.shape(pictures)[1:3]
        L = rgb_to_lab(tf.gather(pictures, channels, axis=-1))[..., :1]
        seen = tf.image.resize(L, target_size(size, self.input_size), method="bilinear", antialias=True)
        ab = tf.image.resize(self.colorizer.grid_ab(seen), size, method="bicubic")
        return lab_to_uint8(L, fit_to_gamut(L, ab))

    @tf.function
    def serve(self, pictures):
        return {"pictures": self.batch(pictures)}


def target_size(size, shorter_side: int):
    """Return images.resize.target_size of a size (height, width) that is known when the graph runs; int32 (2,)."""
    sides = tf.cast(size, tf.float64)  # in float32 the size of a large picture could depend on where it was calculated
    scales = shorter_side / tf.reduce_min(sides), MAX_ASPECT * shorter_side / tf.reduce_max(sides)
    scale = tf.minimum(tf.constant(1.0, tf.float64), tf.minimum(*scales))
    return tf.maximum(tf.cast(tf.round(sides * scale), tf.int32), 1)


def write_saved_model(colorizer: Colorizer, input_size: int, path: Path) -> None:
    """Write the folder `path`. input_size: shorter side, px, at which the network sees a picture."""
    module = PictureModule(colorizer, input_size)
    for shape in ((None, None), (None, None, None), (None, None, None, None)):
        module.__call__.get_concrete_function(tf.TensorSpec(shape, tf.uint8, "pictures"))
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.serve.get_concrete_function(BATCH)})
