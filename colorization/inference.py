"""Grey pictures of any size -> colour, by a network that sees them at its working size.

The network's ab is enlarged along the edges of the full-size lightness and joined with it, which stays as it is: what
an exported graph does and what our own commands do is this one function.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.color.gamut import fit_to_gamut
from colorization.color.lab import lab_to_uint8, lab_to_uint16, rgb_to_lab
from colorization.color.saturation import strengthened
from colorization.config import UPSAMPLINGS
from colorization.errors import InputError
from colorization.hints import Hint, hint_planes
from colorization.resize import enlarge, shrink, target_size
from colorization.sampling import confidence, sample_ab
from colorization.strips import in_strips
from colorization.upsampling import colours_of_rows, enlarge_colours

MODEL_FILE = "model.json"


def colorize_batch(pictures, grid_ab: Callable, working_size: int, upsampling: str = UPSAMPLINGS[0]):
    """uint8 (B, H, W, C) with C 1 (grey) or 3 (RGB) -> uint8 RGB (B, H, W, 3) of the same lightness; or uint16 of it.

    grid_ab: L (B, h, w, 1) -> ab (B, h', w', 2). working_size: shorter side, in pixels, at which it is asked; larger
    pictures are reduced to it, smaller ones stay. upsampling: how ab is enlarged, see `upsampling.enlarge_colours`.
    """
    L = lightness(pictures)
    return join_grid(L, grid_ab(shrink(L, working_size)), upsampling, pictures.dtype)


def lightness(pictures):
    """uint8 or uint16 (B, H, W, C) with C 1 (grey) or 3 (RGB) -> L (B, H, W, 1), 0..100."""
    channels, size = tf.minimum([0, 1, 2], tf.shape(pictures)[-1] - 1), tf.shape(pictures)[:3]

    def of_rows(first, end):
        rgb = tf.gather(pictures[:, first:end], channels, axis=-1)
        return rgb_to_lab(rgb if rgb.dtype == tf.uint8 else tf.cast(rgb, tf.float32) / 65535)[..., :1]

    L = in_strips(of_rows, *tf.unstack(size), tf.float32)
    return tf.reshape(L, (*tf.unstack(size), 1))


def join_grid(L, ab, upsampling: str = UPSAMPLINGS[0], dtype=tf.uint8):
    """L (B, H, W, 1) and ab on a smaller grid (B, h, w, 2) -> uint8 RGB (B, H, W, 3), or uint16."""
    colours, size = colours_of_rows(ab, L, upsampling), tf.shape(L)[:3]
    rgb = in_strips(lambda first, end: join(L[:, first:end], colours(first, end), dtype), *tf.unstack(size), dtype)
    return tf.reshape(rgb, (*tf.unstack(size), 3))


def join(L, ab, dtype=tf.uint8):
    """L (..., 1) and ab (..., 2) -> uint8 RGB (..., 3), or uint16. What is out of gamut is made paler; L is kept."""
    return (lab_to_uint8 if dtype == tf.uint8 else lab_to_uint16)(L, fit_to_gamut(L, ab))


@dataclass(frozen=True)
class Chances:
    """How likely each colour is at each place of one picture: its L (1, H, W, 1), probabilities (1, h, w, 313).

    dtype: of the versions that are drawn, tf.uint8 or tf.uint16, as the picture itself.
    """

    L: tf.Tensor
    probabilities: np.ndarray
    upsampling: str = UPSAMPLINGS[0]
    dtype: tf.DType = tf.uint8

    def sample(self, temperature: float, seed: int, **how_strong) -> np.ndarray:
        """One version of the picture, RGB (H, W, 3), drawn as `sampling.sample_ab` says.

        how_strong: saturation and vibrance, as in `color.strength`.
        """
        ab = strengthened(sample_ab(self.probabilities, temperature, seed), **how_strong)
        return join_grid(self.L, ab, self.upsampling, self.dtype).numpy()[0]

    def confidence(self) -> np.ndarray:
        """uint8 (H, W): white where one colour is sure, black where all are alike."""
        sure = enlarge(confidence(self.probabilities)[..., None], tf.shape(self.L)[1], tf.shape(self.L)[2])
        return tf.cast(tf.round(255 * sure), tf.uint8).numpy()[0, ..., 0]


class ExportedColorizer:
    """An exported model as our own commands use it: its signatures and its model.json, nothing else.

    conditions: what it may be asked for, with defaults: numbers such as temperature, None for planes such as hint_ab.
    working_size: shorter side, px, at which the network sees a picture. upsampling: how its colours are enlarged.
    flips: whether it is asked about the mirrored picture, too, and both answers are averaged.
    """

    upsampling = UPSAMPLINGS[0]
    flips = False

    def __init__(self, path: Path):
        """Raises InputError if `path` holds no exported model of this program."""
        self.path = Path(path)
        try:
            self.card = json.loads((path / MODEL_FILE).read_text(encoding="utf-8"))
            self.conditions, self.working_size = dict(self.card["conditions"]), int(self.card["working_size"])
            self._loaded = tf.saved_model.load(str(path))  # kept: signatures die with it
            self._signature = self._loaded.signatures["predict_ab"]
            self._distribution = self._loaded.signatures["distribution"] if self.card["distribution"] else None
            shapes = self._signature.structured_input_signature[1]
            specs = {name: shapes[name] for name in self.conditions}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, tf.errors.OpError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise InputError(
                f"{path} is no exported model, or a broken one ({reason}); make one by `export logs/<run>`"
            ) from error
        self._planes = {name: specs[name].shape[-1] for name, value in self.conditions.items() if value is None}
        self._specs = specs
        self._trace()

    def asked_otherwise(self, working_size: int = 0, upsampling: str = "", flips: bool = False) -> ExportedColorizer:
        """The same model, asked at another working size (0: its own), with other upsampling, or with flips."""
        other = copy.copy(self)
        other.working_size = working_size or self.working_size
        if (upsampling or self.upsampling, flips) != (self.upsampling, self.flips):
            other.upsampling, other.flips = upsampling or self.upsampling, flips
            other._trace()
        return other

    def _trace(self):
        def colorize(pictures, working_size, conditions):
            ask = functools.partial(self.grid_ab, **conditions)
            return colorize_batch(pictures, ask, working_size, self.upsampling)

        self._colorize = {
            depth: tf.function(
                colorize, input_signature=[tf.TensorSpec((None,) * 4, depth), tf.TensorSpec((), tf.int32), self._specs]
            )
            for depth in (tf.uint8, tf.uint16)
        }

    @property
    def looks(self) -> dict[str, dict[str, float]]:
        """Its named looks, each some conditions; the first one is what it does unasked."""
        return self.card.get("looks", {})

    @property
    def weights(self) -> dict:
        """Every variable of the network, by the key that training.checkpoints gives it."""
        return self._loaded.weights

    def grid_ab(self, L, **conditions):
        """L (B, H, W, 1) in 0..100 -> ab on the network's grid; conditions are those of model.json."""
        given = self._asked(conditions, tf.shape(L)[:3])
        ab = self._signature(L=L, **given)["ab"]
        if not self.flips:
            return ab
        planes = {name: tf.reverse(given[name], [2]) for name in self._planes}
        mirrored = self._signature(L=tf.reverse(L, [2]), **(given | planes))["ab"]
        return (ab + tf.reverse(mirrored, [2])) / 2  # the cells of both cover the picture evenly

    def predict_ab(self, L, **conditions):
        """L (B, H, W, 1) in 0..100 -> ab (B, H, W, 2), Lab units, at exactly this size.

        The network is asked at its working size, as for a photograph; planes are of that size.
        """
        L = tf.convert_to_tensor(L)
        return enlarge_colours(self.grid_ab(shrink(L, self.working_size), **conditions), L, self.upsampling)

    def distribution(self, L):
        """L (B, H, W, 1) in 0..100 -> probabilities (B, h, w, 313) of the colour bins on the network's grid.

        The network is asked at its working size. Raises InputError as check_distribution does.
        """
        self.check_distribution()
        L = shrink(tf.convert_to_tensor(L), self.working_size)
        probabilities = self._distribution(L=L)["probabilities"]
        if not self.flips:
            return probabilities
        mirrored = self._distribution(L=tf.reverse(L, [2]))["probabilities"]
        return (probabilities + tf.reverse(mirrored, [2])) / 2

    def __call__(self, pictures, hints: Sequence[Hint] = (), hint_radius: int = 0, **conditions) -> np.ndarray:
        """uint8 (H, W), (H, W, C) or (B, H, W, C), C 1 or 3 -> uint8 RGB (H, W, 3) or (B, H, W, 3); or uint16 of it.

        hints: colours at places of the pictures, hint_radius as in `hints.hint_planes`; only for a model that takes
        them. conditions: those of model.json. Raises ValueError for wrong pictures, InputError for what the model or
        the pictures cannot take.
        """
        batch, many = _as_batch(pictures), np.ndim(pictures) == 4
        size = batch.shape[1:3]
        grid = tuple(int(side) for side in target_size(*size, self.working_size))
        if hints:
            planes = hint_planes(hints, hint_radius, size, grid)
            conditions |= {name: np.repeat(plane, len(batch), axis=0) for name, plane in planes.items()}
        given = self._asked(conditions, (len(batch), *grid))
        pictures = tf.constant(batch)
        coloured = self._colorize[pictures.dtype](pictures, self.working_size, given).numpy()
        return coloured if many else coloured[0]

    def chances(self, picture) -> Chances:
        """How likely each colour is at each place of a picture, uint8 or uint16 (H, W) or (H, W, C)."""
        pictures = tf.constant(_as_batch(picture))
        L = lightness(pictures)
        return Chances(L, self.distribution(L).numpy(), self.upsampling, pictures.dtype)

    def check_conditions(self, names) -> None:
        """Raises InputError if the model cannot be asked for one of these."""
        for name in names:
            if name not in self.conditions:
                plain = name.removesuffix("_ab").removesuffix("_mask")  # a hint is one thing for whoever gives it
                raise InputError(f"{self.path} takes no {plain}; leave --{plain} out, or choose another model")

    def check_distribution(self) -> None:
        """Raises InputError for a model that gives one colour, not a distribution."""
        if self._distribution is None:
            raise InputError(
                f"{self.path} tells one colour for each pixel, not how likely others are: no samples, no confidence; "
                "a model of --model classification, or eccv16, tells that"
            )

    def _asked(self, conditions: dict, shape) -> dict:
        """Every condition as a tensor: what was given, else the default, which is zeros for a plane."""
        self.check_conditions(conditions)
        asked = {**self.conditions, **conditions}
        zeros = {name: tf.zeros((*shape, n)) for name, n in self._planes.items() if asked[name] is None}
        return {name: tf.cast(value, tf.float32) for name, value in (asked | zeros).items()}


def _as_batch(pictures) -> np.ndarray:
    pictures = np.asarray(pictures)
    if pictures.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pictures must be uint8, or uint16, got {pictures.dtype}; scale to 0..255 and round")
    batch = {2: pictures[None, ..., None], 3: pictures[None], 4: pictures}.get(pictures.ndim)
    if batch is None or batch.shape[-1] not in (1, 3):
        raise ValueError(f"pictures must be (H, W), (H, W, C) or (B, H, W, C) with C 1 or 3, got {pictures.shape}")
    return batch


def load_colorizer(path: str | Path) -> ExportedColorizer:
    """The exported model in the folder `path`; raises InputError if there is none."""
    return ExportedColorizer(Path(path))
