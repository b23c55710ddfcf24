"""The perceptual loss: how far two pictures are apart for a network that knows what pictures show.

Johnson, Alahi and Fei-Fei 2016 (arXiv 1603.08155). The squared error wants the mean of all plausible colours, which is
brown. What recognises things sees that brown is wrong, and which colours it expects instead.
"""

from __future__ import annotations

from keras import Model, ops

from colorization.color.lab import lab_to_rgb
from colorization.models.encoders import build_encoder, load_encoder, scale_for


class PretrainedEye:
    """A network with ImageNet's weights that stay as they are; it judges, so no colorizer's encoder should be it.

    name: one of ENCODERS. Its weights are random until `load`, so that a network can be built without its package.
    """

    def __init__(self, name: str):
        self.name = name
        self.encoder, skips = build_encoder(name)
        self.maps = Model(self.encoder.input, [*skips, self.encoder.output], name="eye")
        self.maps.trainable = False
        self.scale = scale_for(name)

    def load(self) -> None:
        """Give it ImageNet's weights; raises InputError, with the command that brings them, where they are not."""
        load_encoder(self.encoder, self.name)

    def distance(self, L, true_ab, ab):
        """Return how differently it sees L (B, H, W, 1) in the colours true_ab and ab, (B, h, w, 2), Lab units.

        The sum over its maps at 1/4, 1/8, 1/16 and 1/32 of the size: mean squared difference, as a share of the
        variance within the true picture's map. 0 where it sees no difference, about 1.3 for a grey photograph.
        """
        true, coloured = (self.maps(self._input(L, each), training=False) for each in (true_ab, ab))
        shares = [
            ops.mean(ops.square(a - b)) / ops.mean(ops.var(a, axis=(1, 2)))
            for a, b in zip(map(ops.stop_gradient, true), coloured, strict=True)
        ]
        return sum(shares[1:], start=shares[0])

    def _input(self, L, ab):
        enlarged = ops.image.resize(ab, ops.shape(L)[1:3], "bilinear")
        return self.scale(255 * lab_to_rgb(ops.concatenate([L, enlarged], axis=-1)))
