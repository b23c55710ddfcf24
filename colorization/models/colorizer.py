"""What every network is to the rest of the program: something that answers predict_ab(L)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras
from keras import ops


@dataclass(frozen=True)
class Facts:
    """What a network may know of the training data when it is built.

    mean_ab: mean a and b of the training pictures, Lab units; the answer of one who only knows the data set.
    classes: names of the labels, or none.
    """

    mean_ab: tuple[float, float] = (0.0, 0.0)
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Colorizer:
    """A network with what makes its output colours and what trains it.

    Colour is in Lab units throughout: L float32 (B, H, W, 1) in 0..100, ab float32 (B, H, W, 2) in -110..110.

    network: L -> output, whatever `to_ab` and `loss` take. Any height and width.
    to_ab: (output, **conditions) -> ab on the network's grid, which may be smaller than the picture.
    loss: (L, ab, output) -> scalar; ab is the truth at the picture's size.
    conditions: what `to_ab` may be asked for beside the output, with defaults; most often nothing.
    floor: (L, ab) -> the lowest value the loss can take for this truth; 0 for most.
    critic: the second network of an adversarial model.
    summaries: (L, ab) -> {name: uint8 picture} for TensorBoard, where a model has something of its own to show.
    """

    network: keras.Model
    to_ab: Callable
    loss: Callable
    conditions: Mapping[str, object] = field(default_factory=dict)
    floor: Callable = lambda L, ab: 0.0
    critic: keras.Model | None = None
    summaries: Callable | None = None

    def grid_ab(self, L, **conditions):
        """ab on the network's own grid, (B, h, w, 2)."""
        return self.to_ab(self.network(L, training=False), **{**self.conditions, **conditions})

    def predict_ab(self, L, **conditions):
        """ab of the picture's size, (B, H, W, 2), from lightness L (B, H, W, 1); enlarged bilinearly if need be.

        Raises ValueError if L has another rank or number of channels.
        """
        if len(L.shape) != 4 or L.shape[-1] != 1:
            raise ValueError(
                f"L must have shape (B, H, W, 1), got {tuple(L.shape)}; add the last axis with L[..., None]"
            )
        return self.enlarged_ab(self.network(L, training=False), like=L, **conditions)

    def enlarged_ab(self, output, like, **conditions):
        """ab of the network's output, as high and wide as `like`."""
        ab = self.to_ab(output, **{**self.conditions, **conditions})
        size = tuple(like.shape[1:3])
        return ab if tuple(ab.shape[1:3]) == size else ops.image.resize(ab, size, "bilinear")
