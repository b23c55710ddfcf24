"""What every network is to the rest of the program: something that answers predict_ab(L)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from colorization.color.bins import annealed
from colorization.color.certainty import certain, evened, unless_flat
from colorization.color.saturation import strengthened
from colorization.errors import InputError
from colorization.models.layers import crop_grid

STRENGTH = {"saturation": 1.0, "vibrance": 0.0}  # conditions of every network, and their defaults
CERTAINTY = {"certainty": 0.0, "evenness": 0.0}  # of one that gives a spread


@dataclass(frozen=True)
class DatasetStats:
    """What a network may know of the training data when it is built.

    mean_ab: mean a and b of the training pictures, Lab units; the answer of one who only knows the data set. None where
        the training pictures are not known.
    classes: names of the labels, or none.
    prior: how often each of the 313 colour bins occurs (data_pipelines.color_prior), sums to 1; empty where unknown.
    size: side of the training crops, px.
    patches: how many crops of each picture make up an epoch; with more than one, none shows the whole picture.
    """

    mean_ab: tuple[float, float] | None = (0.0, 0.0)
    classes: tuple[str, ...] = ()
    prior: tuple[float, ...] = ()
    size: int = 256
    patches: int = 1


@dataclass(frozen=True)
class Semantic:
    """The branch of a network that names what the picture shows, so that its colours know it, too.

    chances: output -> probabilities (B, classes), each 0..1, together 1.
    weight: of the Kullback-Leibler divergence from the targets, in the loss.
    """

    chances: Callable
    weight: float


@dataclass(frozen=True)
class Adversary:
    """The second network of an adversarial model, and how the two are played against each other.

    critic: [L, ab], Lab units -> how real each patch looks (B, h, w, 1), without bounds.
    unit: Lab units that count as 1 where the slope of the critic is measured.
    weight: of -critic(coloured picture) in the network's loss.
    penalty: weight of the gradient penalty in the critic's loss.
    steps: of the critic for each one of the network. learning_rate: the critic's highest.
    """

    critic: keras.Model
    unit: float
    weight: float
    penalty: float
    steps: int
    learning_rate: float


@dataclass(frozen=True)
class Objective:
    """What trains a network, and what is known of its loss.

    loss: (L, ab, output) -> scalar; ab is the truth at the picture's size.
    lower_bound: (L, ab) -> the lowest value that the loss can take for this truth, where that is not 0.
    name, weight: what the loss is called, and what it counts, where it is one part of several.
    semantic, adversary: what an adversarial model with a semantic branch has beside.
    sample_conditions: (L, ab, random) -> {name: plane or vector}, in numpy: conditions to train with, drawn from the
        truth. Without it, and in validation, the defaults.
    initialize: () -> None, gives fresh weights the part that was learnt elsewhere; called once, when a run begins.
    prepare: () -> None, loads what only the loss needs; called before each training, also one that goes on.
    lr_multipliers: factors of the learning rate, by the paths of the variables that have one.
    scale_logits: (factor) -> None, multiplies the weights of the logits, where there are some.
    summaries: (L, ab) -> {name: uint8 picture} for TensorBoard, where a model has something of its own to show.
    """

    loss: Callable
    lower_bound: Callable | None = None
    name: str = "loss"
    weight: float = 1.0
    semantic: Semantic | None = None
    adversary: Adversary | None = None
    sample_conditions: Callable | None = None
    initialize: Callable | None = None
    prepare: Callable | None = None
    lr_multipliers: Mapping[str, float] = field(default_factory=dict)
    scale_logits: Callable | None = None
    summaries: Callable | None = None


@dataclass(frozen=True)
class Colorizer:
    """A network with what makes its output colours and what trains it.

    Colour is in Lab units throughout: L float32 (B, H, W, 1) in 0..100, ab float32 (B, H, W, 2) in -110..110.

    network: L -> output, any height and width. Its inputs beside L are conditions. An output that is a dict may have
        "logits" (B, h, w, 313) of the colour bins, or "spread" (B, h, w, 1): how far the true a and b lie from the
        answer, a standard deviation in Lab units.
    decode: (output, **conditions) -> ab on the network's grid, which may be smaller than the picture.
    objective: what trains it.
    conditions: what may be asked for beside L, with defaults. `saturation` and `vibrance`, which every one has, are
        those of `color.saturation`; `certainty` and `evenness`, of one that gives a spread, those of
        `color.certainty`; another number goes to `decode`; what has the name of an input of the network is a plane
        (B, H, W, C) or a vector (B, C). The default of a plane is None, which stands for zeros; that of a vector None
        or its numbers.
    stride: pixels that a cell of the grid is wide; the grid may then reach beyond the lower and the right edge, where
        the network mirrors the picture to a size that it can halve. 0: the output has the picture's size.
    training_outputs: names of the outputs that only training needs.
    """

    network: keras.Model
    decode: Callable
    objective: Objective
    conditions: Mapping[str, object] = field(default_factory=dict)
    stride: int = 0
    training_outputs: tuple[str, ...] = ()

    def __post_init__(self):
        strength = STRENGTH | (CERTAINTY if self.gives("spread") else {})
        object.__setattr__(self, "conditions", {**strength, **self.conditions})

    def gives(self, name: str) -> bool:
        """Return whether the network's output has a part of that name, such as "logits"."""
        return isinstance(self.network.output, dict) and name in self.network.output

    @property
    def known_shapes(self) -> dict[str, tuple]:
        """Shape of each condition that is an input of the network: (None, None, None, C) or (None, C)."""
        return {x.name: tuple(x.shape) for x in self.network.inputs[1:]}

    def grid_ab(self, L, **conditions):
        """Return ab on the network's own grid, (B, h, w, 2); the grid covers exactly the picture."""
        return self._ab(self.output(L, **conditions), L, conditions)

    def predict_ab(self, L, **conditions):
        """Return ab of the picture's size, (B, H, W, 2), from L (B, H, W, 1); enlarged bilinearly if need be.

        Raises ValueError if L has another rank or number of channels.
        """
        if len(L.shape) != 4 or L.shape[-1] != 1:
            raise ValueError(
                f"L must have shape (B, H, W, 1), got {tuple(L.shape)}; add the last axis with L[..., None]"
            )
        return self.enlarged_ab(self.output(L, **conditions), L, **conditions)

    def enlarged_ab(self, output, L, **conditions):
        """Return ab of the network's output for L, (B, H, W, 2)."""
        ab = self._ab(output, L, conditions)
        size = tuple(L.shape[1:3])
        return ab if tuple(ab.shape[1:3]) == size else ops.image.resize(ab, size, "bilinear")

    def distribution(self, output):
        """Return the probabilities (B, h, w, 313) of the colour bins, for a network that gives logits."""
        return annealed(output["logits"], 1.0)

    def grid_distribution(self, L):
        """Return probabilities (B, h, w, 313) of the bins on a grid that covers exactly the picture."""
        return self.covering(self.distribution(self.output(L)), like=L)

    def with_defaults(self, conditions: Mapping[str, object]) -> Colorizer:
        """Return the same with other defaults of numbers and vectors; raises InputError for one it does not take."""
        for name, value in conditions.items():
            shape = self.known_shapes.get(name)
            takes = name in self.conditions if shape is None else shape[1:] == np.shape(value)
            if not takes:
                raise InputError(f"a {self.network.name} network takes no {name}; leave --{name} out")
        return dataclasses.replace(self, conditions={**self.conditions, **conditions})

    def without_training_parts(self) -> Colorizer:
        """Return the same colours from a network that has nothing else."""
        if not self.training_outputs:
            return self
        kept = {name: x for name, x in self.network.output.items() if name not in self.training_outputs}
        network = keras.Model(self.network.input, kept, name=self.network.name)
        return dataclasses.replace(self, network=network, training_outputs=())

    def output(self, L, training: bool = False, **conditions):
        """Return what the network gives for L and the planes and vectors among the conditions."""
        if not self.known_shapes:
            return self.network(L, training=training)
        asked = {**self.conditions, **conditions}
        known = []
        for name, shape in self.known_shapes.items():
            value = 0.0 if asked[name] is None else asked[name]
            known.append(ops.broadcast_to(ops.cast(value, "float32"), (*ops.shape(L)[: len(shape) - 1], shape[-1])))
        return self.network([ops.convert_to_tensor(L), *known], training=training)

    def _ab(self, output, L, conditions):
        asked = {**self.conditions, **conditions}
        how_strong = {name: asked.pop(name) for name in STRENGTH}
        certainty, evenness = (asked.pop(name, default) for name, default in CERTAINTY.items())
        numbers = {name: value for name, value in asked.items() if name not in self.known_shapes}
        ab = self.covering(self.decode(output, **numbers), like=L)
        if self.gives("spread"):
            spread = self.covering(output["spread"], like=L)
            ab = certain(unless_flat(ab, L), spread, certainty)
            if evenness:  # a look's, and so a number of Python: training has none, and this resizing no XLA
                cells = ops.image.resize(L, ops.shape(ab)[1:3], "bilinear", antialias=True)
                ab = evened(ab, spread, cells, evenness)
        return strengthened(ab, **how_strong)

    def covering(self, grid, like):
        """Return the part of a grid that covers exactly the picture."""
        return crop_grid(grid, *ops.shape(like)[1:3], self.stride) if self.stride else grid
