"""Does what was written answer as the network does? Each form is loaded again and asked about photographs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import skimage.data
import tensorflow as tf

from colorization.color.bins import annealed
from colorization.color.lab import rgb_to_lab
from colorization.color.tables import lightness
from colorization.errors import InputError
from colorization.export.onnx import condition_inputs, output_names
from colorization.images.resize import reduced
from colorization.inference.colorize import Colorizer as FinishedColorizer
from colorization.inference.model import Model
from colorization.models.colorizer import Colorizer

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee")  # of scikit-image; each is seen at a size of its own
SIZES = ((64, 64), (37, 61), (130, 90))  # a multiple of every stride, and two that are of none
PICTURE_SIZES = ((1, 1, 3), (37, 53, 1), (300, 197, 3))  # grey and RGB, smaller and larger than most input sizes
ROUNDING = "ONEDNN_DEFAULT_FPMATH_MODE"  # an environment variable: BF16 rounds TensorFlow's answers by 0.1 Lab units
MOST_AB = 0.1  # Lab units on average: rounding makes 0.001, half-precision weights 0.03, a wrong operation 1
MOST_LEVELS = 0.5  # of 255, on average


def photographs(channels: int = 1) -> list[np.ndarray]:
    """Return the photographs as uint8 (H, W, channels)."""
    return [getattr(skimage.data, name)()[..., :channels] for name in PHOTOGRAPHS]


def verify_onnx(folder: Path, colorizer: Colorizer) -> None:
    """Raise InputError if the model folder's network differs from the Colorizer's."""
    model = Model(folder)
    for L, conditions in _questions(colorizer):
        expected = _asked(colorizer, L, conditions)  # first: where both are NaN, that is no fault of the file
        _check_ab(_ab(model.predict(L, **conditions), model.card.bin_colours), expected, "model.onnx", L.shape)


def decibels_lost(folder: Path, colorizer: Colorizer) -> float:
    """Return by how much, in dB, the PSNR of ab on the photographs is lower by the model folder than by the network."""
    model, errors = Model(folder), []
    for photograph, size in zip(photographs(3), SIZES, strict=True):
        lab = reduced(photograph, size, of=rgb_to_lab)[None]
        told = _ab(model.predict(lab[..., :1]), model.card.bin_colours)
        answers = (told, _asked(colorizer, lab[..., :1], {}))
        errors.append([np.square(ab - lab[..., 1:]).mean() for ab in answers])
    written, own = np.sum(errors, axis=0)
    return float(10 * np.log10(written / own))


def verify_litert(path: Path, colorizer: Colorizer, bin_colours: np.ndarray) -> None:
    """Raise InputError if the LiteRT file differs from the network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow says that its interpreter will move to a package of its own
        interpreter = tf.lite.Interpreter(str(path))
    places = {
        each["name"].split(":")[0].removeprefix("serving_default_"): each["index"]
        for each in interpreter.get_input_details()
    }
    outputs = sorted(interpreter.get_output_details(), key=lambda each: each["name"])  # in the order of their own names
    for L, conditions in _questions(colorizer):
        given = {"L": L, **conditions}
        for name, place in places.items():
            interpreter.resize_tensor_input(place, given[name].shape)
        try:
            interpreter.allocate_tensors()
            for name, place in places.items():
                interpreter.set_tensor(place, given[name])
            interpreter.invoke()
        except RuntimeError as error:
            raise InputError(
                f"LiteRT cannot run a {colorizer.network.name} network ({str(error).splitlines()[0][:200]}); "
                "leave --format litert out and use model.onnx, which ONNX Runtime runs on phones, too"
            ) from error
        answers = [interpreter.get_tensor(each["index"]) for each in outputs]
        told = dict(zip(sorted(output_names(colorizer)), answers, strict=True))
        _check_ab(_ab(told, bin_colours), _asked(colorizer, L, conditions), path.name, L.shape)


def verify_saved_model(path: Path, folder: Path) -> None:
    """Raise InputError if the SavedModel colorizes otherwise than the model folder, which was verified before.

    Logits are divided by the temperature, and with them the rounding in them is magnified: at half the temperature
    twice as far, at 0 without bound, where the likeliest colour jumps between near ties. The lightness stays.
    """
    loaded, finished = tf.saved_model.load(str(path)), FinishedColorizer(Model(folder), upsampling="bicubic")
    temperature = min(finished.model.card.numbers.get("temperature", 1.0), 1.0)
    for photograph, (height, width, channels) in zip(photographs(3), PICTURE_SIZES, strict=True):
        picture = reduced(photograph[..., :channels], (height, width))
        served = loaded.signatures["serving_default"](pictures=tf.constant(picture[None]))["pictures"].numpy()[0]
        expected = finished(picture)
        what = f"{path.name} differs from the network by {{:.2f}} levels of {{}} at {height} x {width} px"
        _check_levels(served, expected, MOST_LEVELS / temperature if temperature else np.inf, what, "colour")
        _check_levels(2.55 * lightness(served), 2.55 * lightness(expected), MOST_LEVELS, what, "lightness")


def _check_levels(served: np.ndarray, expected: np.ndarray, most: float, message: str, of: str) -> None:
    apart = np.abs(served.astype(float) - expected).mean()
    if apart > most:
        raise InputError(message.format(apart, of))


def _questions(colorizer: Colorizer):
    """Yield L (1, h, w, 1) and conditions, as a user might ask: colours at some places, some vector."""
    random = np.random.default_rng(0)
    for photograph, size in zip(photographs(), SIZES, strict=True):
        L = reduced(photograph, size, of=lightness)[None]
        conditions = {}
        for name, spec in condition_inputs(colorizer.network).items():
            shape = (*L.shape[:3], spec.shape[-1]) if spec.shape.rank == 4 else (1, spec.shape[-1])
            values = random.uniform(0, 1, shape) * (random.random(shape) < 0.1)
            conditions[name] = np.float32(values * (50 if name.endswith("_ab") else 1))
        yield L, conditions


def _asked(colorizer: Colorizer, L: np.ndarray, conditions: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the network's own ab, at temperature 1 where it has one; raises InputError for NaN or infinity."""
    numbers = {"temperature": 1.0} if colorizer.gives("logits") else {}
    output = colorizer.output(L, **conditions)
    ab = np.asarray(colorizer.covering(colorizer.decode(output, **numbers), L))
    if not np.isfinite(ab).all():
        name = colorizer.network.name
        raise InputError(f"the {name} network answers with NaN or infinity, for L {L.shape}; it needs other weights")
    return ab


def _ab(outputs: Mapping[str, np.ndarray], bin_colours: np.ndarray) -> np.ndarray:
    return annealed(outputs["logits"], 1.0) @ bin_colours if "logits" in outputs else outputs["ab"]


def _check_ab(told: np.ndarray, expected: np.ndarray, what: str, shape: tuple[int, ...]) -> None:
    if told.shape != expected.shape:
        raise InputError(f"{what} answers with {told.shape}, the network with {expected.shape}, for L {shape}")
    apart = np.abs(told - expected).mean()
    if not apart <= MOST_AB:
        advice = f"; {ROUNDING} is BF16, and rounds: export without it" if os.environ.get(ROUNDING) == "BF16" else ""
        raise InputError(f"{what} differs from the network by {apart:.3f} Lab units on average, for L {shape}{advice}")
