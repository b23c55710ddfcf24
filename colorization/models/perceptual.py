"""The perceptual loss: how far two pictures are apart for a network that knows what pictures show.

Johnson, Alahi and Fei-Fei 2016 (arXiv 1603.08155). The squared error wants the mean of all plausible colours, which is
brown. What recognises things sees that brown is wrong, and which colours it expects instead.
"""

from __future__ import annotations

from keras import Model, ops

from colorization.color.lab import lab_to_rgb
from colorization.models.efficientnet_lite import assign_pytorch
from colorization.models.encoders import build_encoder, installed_weights, scale_for
from colorization.models.pytorch_file import read_state_dict

EPSILON = 1e-6  # a map may be 0 everywhere


class PretrainedEye:
    """A network that judges: its weights are ImageNet's and stay so, also beside an encoder that began with the same.

    name: one of ENCODERS that has a package. Its weights are random until `load`: to build a network takes no package.
    """

    def __init__(self, name: str):
        self.name = name
        self.encoder, skips = build_encoder(name)
        self.maps = Model(self.encoder.input, [*skips, self.encoder.output], name="eye")
        self.maps.trainable = False
        self.scale = scale_for(name)

    def load(self) -> None:
        """Give it ImageNet's weights; raises InputError, with the command that brings them, where they are not."""
        file = installed_weights(self.name, instead="give --perceptual-weight 0")
        assign_pytorch(self.encoder, read_state_dict(file), self.name)

    def distance(self, L, true_ab, ab):
        """Return how differently it sees L (B, H, W, 1) in the colours true_ab and ab, (B, h, w, 2), Lab units.

        For each picture the sum over its maps at 1/4, 1/8, 1/16 and 1/32 of the size: mean squared difference, as a
        share of the true picture's mean square; then the mean of the batch. 0 where it sees no difference.
        """
        true, coloured = (self.maps(self._input(L, each), training=False) for each in (true_ab, ab))
        shares = [
            _mean_square(a - b) / (_mean_square(a) + EPSILON)
            for a, b in zip(map(ops.stop_gradient, true), coloured, strict=True)
        ]
        return ops.mean(ops.sum(ops.stack(shares), axis=0))

    def _input(self, L, ab):
        enlarged = ops.image.resize(ab, ops.shape(L)[1:3], "bilinear")
        return self.scale(255 * lab_to_rgb(ops.concatenate([L, enlarged], axis=-1)))


def _mean_square(maps):
    """Return the mean square of each picture's map (B, h, w, C): (B,), float32, for half precision ends at 65504."""
    return ops.mean(ops.square(ops.cast(maps, "float32")), axis=(1, 2, 3))
