"""Real exported models that have a formula where others have a network: quickly made, and their answers are known."""

import json
from pathlib import Path

import tensorflow as tf

from colorization.color.bins import BINS

WORKING_SIZE = 64  # px, larger than the pictures here: the network's grid is the picture's
WARM = [20.0, 30.0]  # ab
PLANES = {"hint_ab": 2, "hint_mask": 1}
KINDS = {  # as the exported networks are: conditions with their defaults, and whether they tell a distribution
    "unet": ({"saturation": 1.0}, False),
    "classification": ({"saturation": 1.0, "temperature": 1.0}, True),
    "siggraph17": ({"hint_ab": None, "hint_mask": None}, False),
    "ruler": ({"saturation": 1.0}, False),
}


def save_formula_model(kind: str, folder: str = "model") -> None:
    """A SavedModel of one of KINDS, with the signatures and the card that our commands need."""
    conditions, distribution = KINDS[kind]
    L = tf.TensorSpec((None, None, None, 1), tf.float32, "L")
    shapes = {name: (None, None, None, PLANES[name]) if name in PLANES else () for name in conditions}
    specs = {name: tf.TensorSpec(shape, tf.float32, name) for name, shape in shapes.items()}
    answer = _ruler if kind == "ruler" else _predict_ab
    signatures = {"predict_ab": tf.function(answer).get_concrete_function(L, **specs)}
    if distribution:
        signatures["distribution"] = tf.function(_distribution).get_concrete_function(L)
    tf.saved_model.save(tf.Module(), folder, signatures=signatures)
    card = {"conditions": conditions, "distribution": distribution, "working_size": WORKING_SIZE}
    card["looks"] = {"natural": {"saturation": 1.0}, "vivid": {"saturation": 1.5}}
    (Path(folder) / "model.json").write_text(json.dumps(card))


def _predict_ab(L, **conditions):
    """WARM, the more the higher the temperature; with hints only these, and with a mask that fits them."""
    if "hint_ab" in conditions:
        return {"ab": conditions["hint_ab"] * conditions["hint_mask"] + tf.zeros_like(L)}
    return {"ab": conditions.get("temperature", 1.0) * conditions["saturation"] * tf.ones_like(L) * WARM}


def _ruler(L, saturation):
    """a: half the height that the network sees, px; b: 0 at the left edge, 60 at the right one."""
    height, width = tf.shape(L)[1], tf.shape(L)[2]
    a = tf.ones_like(L) * tf.cast(height, tf.float32) / 2
    b = tf.ones_like(L) * tf.linspace(0.0, 60.0, width)[:, None]
    return {"ab": tf.concat([a, b], axis=-1) * saturation}


def _distribution(L):
    """Sure of one bin in the left half, of nothing in the right one."""
    sure, unsure = tf.one_hot(100, len(BINS)), tf.fill([len(BINS)], 1 / len(BINS))
    left = tf.range(tf.shape(L)[2])[:, None] < tf.shape(L)[2] // 2
    return {"probabilities": tf.where(left, sure, unsure) * tf.ones_like(L)}
