"""A trained or imported network -> a SavedModel that needs none of our code: pictures in, pictures out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.errors import InputError
from colorization.inference import MODEL_FILE, colorize_batch
from colorization.models.colorizer import Colorizer
from colorization.training.checkpoints import keyed
from colorization.training.run_folder import RunFolder, write_json

TEST_SHAPES = ((1, 1, 3), (37, 53, 1), (300, 197, 3))  # odd, tiny, larger than most working sizes; grey and RGB

BATCH = tf.TensorSpec((None, None, None, None), tf.uint8, "pictures")


class ExportModule(tf.Module):
    """What is saved: `__call__` for one picture or a batch, the signatures, and the weights by name."""

    def __init__(self, colorizer: Colorizer, working_size: int):
        super().__init__()
        self.network = colorizer.network
        self.weights = keyed(colorizer.network.variables)
        self.colorizer = colorizer
        self.working_size = working_size

    @tf.function
    def __call__(self, pictures):
        """uint8 (H, W), (H, W, C) or (B, H, W, C), C 1 or 3 -> uint8 RGB, (H, W, 3) or (B, H, W, 3)."""
        if pictures.shape.rank == 4:
            return self.batch(pictures)
        return self.batch(pictures[None] if pictures.shape.rank == 3 else pictures[None, ..., None])[0]

    @tf.function(input_signature=[BATCH])
    def batch(self, pictures):
        """What every other door leads to: traced and saved once."""
        return colorize_batch(pictures, self.colorizer.grid_ab, self.working_size)

    @tf.function
    def predict_ab(self, L, **conditions):
        return {"ab": self.colorizer.grid_ab(L, **conditions)}

    @tf.function
    def distribution(self, L):
        return {"probabilities": self.colorizer.grid_distribution(L)}

    @tf.function
    def serve(self, pictures):
        return {"pictures": self.batch(pictures)}


def export_folder(run_path: Path) -> Path:
    """Where the export of a run lies if nothing else is said: saved_models/<run>."""
    return Path("saved_models") / run_path.resolve().name


def _looks_of(init: str, colorizer: Colorizer) -> dict[str, dict[str, float]]:
    """Looks of the exported model `init` that ask for nothing but what `colorizer` takes; none where it is gone."""
    looks = read_card(Path(init)).get("looks", {}) if init else {}
    return {
        name: look for name, look in looks.items() if all(colorizer.conditions.get(key) is not None for key in look)
    }


def check_free(path: Path, id: str, what: str) -> None:
    """Raises InputError if `path` exists and is anything but an earlier export of this very run."""
    if path.exists() and read_card(path).get("run") != id:
        raise InputError(f"{path} exists and is no export of {what}; give --overwrite to replace it, or move it away")


def read_card(path: Path) -> dict:
    """model.json of an export, or {} where there is none that can be read."""
    try:
        return json.loads((path / MODEL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def export_run(
    run: RunFolder,
    path: Path,
    overwrite: bool = False,
    defaults: Mapping[str, float] | None = None,
    looks: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, dict[str, float]]:
    """Write the SavedModel of a run's best epoch to the folder `path`, and return its looks; see `export_colorizer`.

    looks: named conditions that may be asked for by one word, the first its default; None or none: those of the
    exported model that the run began with, if it still lies there. defaults: conditions, such as temperature, whose
    defaults the export shall have instead of these. Raises InputError for a condition that the network does not take.
    """
    if not overwrite:
        check_free(path, run.id, str(run.path))
    colorizer = run.load_colorizer().without_training_parts()
    looks = dict(looks or _looks_of(run.config.training.init, colorizer))
    for look in looks.values():
        colorizer.with_defaults(look)
    colorizer = colorizer.with_defaults({**next(iter(looks.values()), {}), **(defaults or {})})
    about = run.config.to_json() | {"run": run.id, "facts": dataclasses.asdict(run.facts), "looks": looks}
    export_colorizer(colorizer, run.config.data.size, about, path)
    return looks


def export_colorizer(colorizer: Colorizer, working_size: int, about: dict, path: Path) -> None:
    """Write a SavedModel and its model.json to the folder `path`, and prove that it answers as the network does.

    What lies there is replaced. working_size: shorter side, px, at which the network sees a photograph. about: what
    model.json says beside what our own commands need to know.
    Raises InputError if `path` cannot be written, or if what was written, loaded again, differs from the network by
    more than one 8-bit level.
    """
    module = ExportModule(colorizer, working_size)
    card = about | {
        "working_size": working_size,
        "stride": colorizer.stride,
        "conditions": dict(colorizer.conditions),
        "distribution": colorizer.distribution is not None,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            new, old = Path(folder) / "new", Path(folder) / "old"
            save(module, new)
            write_json(new / MODEL_FILE, card)
            compare(new, module)
            if path.exists():
                path.rename(old)
            new.rename(path)
    except (OSError, tf.errors.OpError) as error:
        raise InputError(f"{path} cannot be written ({str(error).splitlines()[0]}); give another --output") from error


def save(module: ExportModule, path: Path) -> None:
    """Trace `__call__` for one picture and for batches of any size, and save with the signatures."""
    for shape in ((None, None), (None, None, None), (None, None, None, None)):
        module.__call__.get_concrete_function(tf.TensorSpec(shape, tf.uint8, "pictures"))
    L = tf.TensorSpec((None, None, None, 1), tf.float32, "L")
    signatures = {
        "serving_default": module.serve.get_concrete_function(BATCH),
        "predict_ab": module.predict_ab.get_concrete_function(L, **_condition_specs(module.colorizer)),
    }
    if module.colorizer.distribution:
        signatures["distribution"] = module.distribution.get_concrete_function(L)
    tf.saved_model.save(module, str(path), signatures=signatures)


def _condition_specs(colorizer: Colorizer) -> dict[str, tf.TensorSpec]:
    """A scalar for each number, (B, H, W, C) for each plane."""
    planes = colorizer.planes
    shapes = {name: (None, None, None, planes[name]) if name in planes else () for name in colorizer.conditions}
    return {name: tf.TensorSpec(shape, tf.float32, name) for name, shape in shapes.items()}


def compare(path: Path, module: ExportModule) -> None:
    """Load what was saved and colorize blots of several sizes with both. Raises InputError if they differ."""
    loaded = tf.saved_model.load(str(path))
    random = np.random.default_rng(0)
    for height, width, channels in TEST_SHAPES:
        blots = random.uniform(0, 255, (2, 9, 7, channels))  # as smooth as a photograph: noise would magnify rounding
        pictures = tf.cast(tf.image.resize(blots, (height, width)), tf.uint8)
        batch, one = (module(each).numpy().astype(int) for each in (pictures, pictures[0]))
        served = loaded.signatures["serving_default"](pictures=pictures)["pictures"].numpy()
        apart = max(np.abs(batch - served).max(), np.abs(one - loaded(pictures[0]).numpy()).max())
        if apart > 1:
            raise InputError(f"the exported model differs from the network by {apart} levels at {height} x {width} px")
