"""Grey pictures of any size -> colour: L to ab by the network, at its input size, and ab back on every pixel.

Temperature, presets, saturation, flips, enlarging and the gamut come after the network, once for every model.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.color.bins import BINS, annealed
from colorization.color.certainty import certain, evened, unless_flat
from colorization.color.saturation import strengthened
from colorization.color.tables import join, lightness, row_blocks, without_colour
from colorization.config import UPSAMPLINGS
from colorization.errors import InputError
from colorization.images.resize import reduced, target_size
from colorization.inference.bundled import called
from colorization.inference.hint_propagation import with_hints
from colorization.inference.hints import Hint, hint_planes
from colorization.inference.model import Model, as_input
from colorization.inference.presets import check_ranges, preset_named
from colorization.inference.reference import in_colours_of
from colorization.inference.sampling import confidence, sample_ab
from colorization.inference.upsampling import Enlarging, enlarge_colours

BAND = 2**18  # pixels of a large picture that are painted at once


@dataclass(frozen=True)
class Colorizer:
    """A model, and how it is asked; a function of pictures. `dataclasses.replace` asks it otherwise.

    input_size: shorter side, px, at which the network sees a picture; 0 is the model's own. upsampling: how its colours
    are enlarged. flips: whether it is asked about the mirrored picture, too, and both answers are averaged.
    """

    model: Model
    input_size: int = 0
    upsampling: str = UPSAMPLINGS[0]
    flips: bool = False

    def __post_init__(self):
        object.__setattr__(self, "input_size", self.input_size or self.model.card.input_size)

    @property
    def path(self) -> Path:
        return self.model.path

    @property
    def conditions(self) -> dict[str, float | None]:
        """Return what may be asked for, with the defaults of numbers, and None for planes and vectors.

        A reference may be given to every model: its answer is moved to those colours afterwards.
        """
        return {**dict.fromkeys([*self.model.card.inputs, "reference"]), **self.model.card.numbers}

    @property
    def takes_hints(self) -> bool:
        """Return whether the network itself knows what to do with hints; to the others they are added afterwards."""
        return "hint_ab" in self.model.card.inputs

    @property
    def presets(self) -> dict[str, dict[str, float]]:
        """Return the named settings of the model; the first one is what it does unasked."""
        return self.model.card.presets

    def __call__(
        self, pictures: np.ndarray, hints: Sequence[Hint] = (), hint_radius: int = 0, look: str = "", **conditions
    ) -> np.ndarray:
        """Return pictures in colour: RGB (H, W, 3) or (B, H, W, 3), of the depth of the pictures given.

        Args:
            pictures: uint8 or uint16, (H, W), (H, W, C) or (B, H, W, C), C 1 (grey) or 3 (RGB).
            hints: colours at places of the pictures; hint_radius as in hint_planes.
            look: a preset of the model, such as "vivid"; empty = its default.
            conditions: those of model.json, such as saturation; they win over the look's.

        Raises:
            ValueError: wrong pictures. InputError: what the model or the pictures cannot take.
        """
        conditions = {**preset_named(look, self.presets, self.path), **conditions}
        coloured = [self._picture(each, hints, hint_radius, conditions) for each in _as_batch(pictures)]
        return np.stack(coloured) if np.ndim(pictures) == 4 else coloured[0]

    def predict_ab(self, L: np.ndarray, **conditions) -> np.ndarray:
        """Return ab (B, H, W, 2), Lab units, of L (B, H, W, 1) in 0..100, as a photograph gets it: at the input size.

        conditions: those of model.json; planes are of the size that the network sees.
        """
        return np.stack(
            [
                enlarge_colours(self.grid_ab(self._seen(one), **_of_picture(conditions, i)), one, self.upsampling)
                for i, one in enumerate(np.asarray(L, np.float32))
            ]
        )

    def distribution(self, L: np.ndarray) -> np.ndarray:
        """Return probabilities (B, h, w, 313) of the colour bins on the network's grid, of L (B, H, W, 1) in 0..100.

        Raises InputError as check_distribution does.
        """
        self.check_distribution()
        return np.stack([self._probabilities(self._seen(one)) for one in np.asarray(L, np.float32)])

    def grid_ab(self, L: np.ndarray, **conditions) -> np.ndarray:
        """Return ab (h', w', 2) on the network's grid, of L (h, w, 1) at the size that it shall see.

        conditions: those of model.json; planes are (h, w, C), vectors (C,).
        """
        numbers, given = self._resolved(conditions)
        ab = self._ab(L, given, numbers)
        if self.flips:
            planes = {name: x[:, ::-1] if x.ndim == 3 else x for name, x in given.items()}
            ab = (ab + self._ab(L[:, ::-1], planes, numbers)[:, ::-1]) / 2  # the cells of both cover the picture evenly
        ab = strengthened(ab[None], numbers["saturation"], numbers["vibrance"])[0]
        if conditions.get("reference") is None:
            return ab
        [shares] = as_input("reference", [conditions["reference"]], (1, len(BINS)))
        usual = self.model.card.numbers["saturation"] or 1.0
        return in_colours_of(ab, shares, numbers["saturation"] / usual)

    def outputs(self, L: np.ndarray, **conditions) -> dict[str, np.ndarray]:
        """Return what the network itself gives, each (h', w', C), of L (h, w, 1) at the size that it shall see."""
        _, given = self._resolved(conditions)
        outputs = self.model.predict(L[None], **{name: x[None] for name, x in given.items()})
        return {name: x[0] for name, x in outputs.items()}

    def variants(self, picture: np.ndarray) -> Variants:
        """Return how likely each colour is at each place of a picture, uint8 or uint16 (H, W) or (H, W, C)."""
        self.check_distribution()
        [pixels] = _as_batch(picture)
        L = self._seen(pixels, of=lightness)
        return Variants(pixels, L, self._probabilities(L), self.upsampling)

    def check_conditions(self, names) -> None:
        """Raise InputError if the model cannot be asked for one of these."""
        for name in names:
            if name not in self.conditions:
                plain = name.removesuffix("_ab").removesuffix("_mask")  # a user gives a hint, not two planes
                close = difflib.get_close_matches(name, ["look", "hints", "hint_radius", *self.conditions], n=1)
                advice = f"did you mean {close[0]}?" if close else f"leave --{plain} out, or choose another model"
                raise InputError(f"{called(self.path)} takes no {plain}; {advice}")

    def check_distribution(self) -> None:
        """Raise InputError for a model that gives one colour, not a distribution."""
        if "logits" not in self.model.card.outputs:
            raise InputError(
                f"{called(self.path)} gives one colour for each pixel, not how likely others are: no samples, no "
                "confidence; a model of --model classification, or eccv16, gives that"
            )

    def _picture(self, pixels: np.ndarray, hints: Sequence[Hint], radius: int, conditions: Mapping) -> np.ndarray:
        pixels = without_colour(pixels)
        L = self._seen(pixels, of=lightness)
        if not hints:
            return paint(pixels, self.grid_ab(L, **conditions), L, self.upsampling)
        planes = hint_planes(hints, radius, pixels.shape[:2], L.shape[:2])
        taken = planes if self.takes_hints else {}
        ab = enlarge_colours(self.grid_ab(L, **conditions, **taken), L, self.upsampling)
        return paint(pixels, with_hints(ab, L, **planes), L, self.upsampling)

    def seen(self, pixels: np.ndarray) -> np.ndarray:
        """Return L (h, w, 1) of a picture, uint8 or uint16 (H, W, C), as the network sees it."""
        return self._seen(without_colour(pixels), of=lightness)

    def _seen(self, picture: np.ndarray, of=np.asarray) -> np.ndarray:
        return reduced(picture, target_size(*picture.shape[:2], self.input_size), of)

    def _ab(self, L: np.ndarray, given: Mapping[str, np.ndarray], numbers: Mapping[str, float]) -> np.ndarray:
        outputs = self.outputs(L, **given)
        if "logits" in outputs:
            return annealed(outputs["logits"], numbers["temperature"]) @ self.model.card.bin_colours
        if "spread" not in outputs:
            return outputs["ab"]
        ab, spread = outputs["ab"][None], outputs["spread"][None]
        ab = certain(unless_flat(ab, L[None]), spread, numbers["certainty"])
        evenness = numbers["evenness"]
        return evened(ab, spread, reduced(L, ab.shape[1:3])[None], evenness)[0] if evenness else ab[0]

    def _probabilities(self, L: np.ndarray) -> np.ndarray:
        probabilities = annealed(self.model.predict(L[None])["logits"], 1.0)[0]
        if not self.flips:
            return probabilities
        mirrored = annealed(self.model.predict(L[None, :, ::-1])["logits"], 1.0)[0]
        return (probabilities + mirrored[:, ::-1]) / 2

    def _resolved(self, conditions: Mapping) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        """Return every number, and what is given of planes and vectors."""
        self.check_conditions(conditions)
        check_ranges(conditions)
        given = {name: np.asarray(x) for name, x in conditions.items() if name in self.model.card.inputs}
        numbers = {name: conditions.get(name, default) for name, default in self.model.card.numbers.items()}
        return numbers, given


@dataclass(frozen=True)
class Variants:
    """How likely each colour is at each place of one picture.

    pixels: the picture (H, W, C). L: (h, w, 1), as the network saw it. probabilities: (h', w', 313) on its grid.
    """

    pixels: np.ndarray
    L: np.ndarray
    probabilities: np.ndarray
    upsampling: str = UPSAMPLINGS[0]

    def sample(self, temperature: float, seed: int, saturation: float = 1.0, vibrance: float = 0.0) -> np.ndarray:
        """Return one version of the picture, RGB (H, W, 3), drawn as `sampling.sample_ab` says."""
        ab = strengthened(sample_ab(self.probabilities, temperature, seed)[None], saturation, vibrance)[0]
        return paint(self.pixels, ab, self.L, self.upsampling)

    def confidence(self) -> np.ndarray:
        """Return uint8 (H, W): white where one colour is sure, black where all are alike."""
        sure = np.rint(255 * confidence(self.probabilities)).astype(np.uint8)
        return np.asarray(Image.fromarray(sure).resize(self.pixels.shape[1::-1], Image.Resampling.BILINEAR))


def load_colorizer(path: str | Path) -> Colorizer:
    """Return the exported model in the folder `path`; raises InputError if there is none."""
    return Colorizer(Model(path))


def paint(pixels: np.ndarray, ab: np.ndarray, L: np.ndarray, upsampling: str = UPSAMPLINGS[0]) -> np.ndarray:
    """Return RGB (H, W, 3) with the lightness of pixels (H, W, C), uint8 or uint16, and the colours of a grid.

    ab: (h', w', 2). L: (h, w, 1), the picture's lightness at the size that the network saw.
    """
    height, width = pixels.shape[:2]
    colours = Enlarging(ab, L, (height, width), upsampling)
    rgb = np.empty((height, width, 3), pixels.dtype)
    for rows in row_blocks(height, width, BAND):
        lightness_of_rows = lightness(pixels[rows])
        rgb[rows] = join(lightness_of_rows, colours.rows(rows, lightness_of_rows), pixels.dtype)
    return rgb


def _of_picture(conditions: Mapping, index: int) -> dict:
    """Return the part of a batch's conditions that belongs to one picture; numbers belong to all."""
    return {name: value[index] if np.ndim(value) > 1 else value for name, value in conditions.items()}


def _as_batch(pictures) -> np.ndarray:
    if not isinstance(pictures, np.ndarray):
        kind = type(pictures).__name__
        raise ValueError(f"pictures must be a numpy array, got {kind}; of a file np.asarray(PIL.Image.open(path))")
    if not pictures.size:
        raise ValueError(f"pictures must have at least one pixel, got {pictures.shape}")
    if pictures.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pictures must be uint8, or uint16, got {pictures.dtype}; scale to 0..255 and round")
    batch = {2: pictures[None, ..., None], 3: pictures[None], 4: pictures}.get(pictures.ndim)
    if batch is None or batch.shape[-1] not in (1, 3):
        raise ValueError(f"pictures must be (H, W), (H, W, C) or (B, H, W, C) with C 1 or 3, got {pictures.shape}")
    return batch
