"""A model folder: model.json, which says what the model takes and gives, and model.onnx, the network itself."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# read when ONNX Runtime is imported: its own wheels would tell Microsoft what they run, and write down who they are
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime  # noqa: E402
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors  # noqa: E402

from colorization.color.bins import BINS  # noqa: E402
from colorization.errors import InputError  # noqa: E402

MODEL_FILE, NETWORK_FILE = "model.json", "model.onnx"
CONDITION_KINDS = ("number", "plane", "vector")
INPUT_SIZE = 256  # px; of a model.json that says nothing else
UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    onnxruntime_errors.Fail,
    onnxruntime_errors.InvalidArgument,
    onnxruntime_errors.InvalidGraph,
    onnxruntime_errors.InvalidProtobuf,
    onnxruntime_errors.NoSuchFile,
    onnxruntime_errors.NotImplemented,
    onnxruntime_errors.RuntimeException,
)


class NonFiniteError(InputError):
    """A network answered with NaN or infinity, of which no colours can be made."""


@dataclass(frozen=True)
class Condition:
    """Something that a model may be asked for beside the lightness.

    kind: "number", such as temperature, which the network does not see; "plane" (B, h, w, channels), such as hint_ab;
    "vector" (B, channels). default: of a number, or of each channel; zeros where nothing is said.
    """

    kind: str
    default: float | tuple[float, ...] = 0.0
    channels: int = 0

    @classmethod
    def from_json(cls, tree: dict) -> Condition:
        """Return the condition that model.json describes; raises ValueError for a kind that is none."""
        if tree["kind"] not in CONDITION_KINDS:
            raise ValueError(f"a condition is of the kind {tree['kind']!r}; known: {', '.join(CONDITION_KINDS)}")
        default = tree.get("default", 0.0)
        default = tuple(map(float, default)) if isinstance(default, list) else float(default)
        return cls(tree["kind"], default, int(tree.get("channels", 0)))

    def shape(self, of_L: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of a plane or a vector for pictures L, (B, h, w, 1)."""
        return (*of_L[: 3 if self.kind == "plane" else 1], self.channels)


@dataclass(frozen=True)
class ModelCard:
    """What model.json says. What an older file has not said yet is filled with defaults.

    conditions: by name. outputs: what the network gives: "ab", or "logits" of the 313 bins, or "ab" and "spread".
    input_size: shorter side, px, at which the network sees a picture. presets: named settings, each some of the numbers
    and vectors among the conditions; the first is the default. bin_colours: ab of the bins, (313, 2). about:
    everything else: config, origin, stats, licence; an older file's stats have no mean_ab: None.
    """

    conditions: dict[str, Condition]
    outputs: tuple[str, ...]
    input_size: int
    presets: dict[str, dict[str, float | list[float]]]
    bin_colours: np.ndarray
    about: dict

    @classmethod
    def from_json(cls, tree: dict) -> ModelCard:
        """Return what model.json says; raises ValueError, TypeError, AttributeError or LookupError for no such JSON."""
        outputs = tuple(tree.get("outputs", ("ab",)))
        conditions = {"saturation": {"kind": "number", "default": 1.0}, "vibrance": {"kind": "number"}}
        if "logits" in outputs:
            conditions["temperature"] = {"kind": "number", "default": tree.get("model", {}).get("temperature", 1.0)}
        if "spread" in outputs:
            conditions |= {"certainty": {"kind": "number"}, "evenness": {"kind": "number"}}
        conditions |= tree.get("conditions", {})
        return cls(
            {name: Condition.from_json(each) for name, each in conditions.items()},
            outputs,
            int(tree.get("input_size", INPUT_SIZE)),
            {name: dict(preset) for name, preset in tree.get("presets", {}).items()},
            np.float32(tree.get("bin_colours", BINS)),
            tree | {"stats": {"mean_ab": None} | tree.get("stats", {})},
        )

    @property
    def numbers(self) -> dict[str, float]:
        """The conditions that are numbers, with their defaults."""
        return {name: each.default for name, each in self.conditions.items() if each.kind == "number"}

    @property
    def inputs(self) -> dict[str, Condition]:
        """The conditions that the network sees: planes and vectors."""
        return {name: each for name, each in self.conditions.items() if each.kind != "number"}


class Model:
    """A network that answers; thread-safe.

    It runs in the thread that asks, and sees one picture at a time: so what it answers depends on nothing else.
    """

    def __init__(self, path: str | Path):
        """Load the model folder `path`; raises InputError if it holds none that can be read."""
        self.path = Path(path)
        if not self.path.is_dir():
            raise InputError(f"{path} is no folder; give that of an exported model, such as saved_models/<run>")
        try:
            self.card = ModelCard.from_json(json.loads((self.path / MODEL_FILE).read_text(encoding="utf-8")))
            self._session = _session(str(self.path / NETWORK_FILE))
            given, taken = {"L", *self.card.inputs}, {each.name for each in self._session.get_inputs()}
            if given != taken:
                raise ValueError(f"{NETWORK_FILE} takes {sorted(taken)}, {MODEL_FILE} says {sorted(given)}")
        except UNREADABLE as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise InputError(
                f"{path} is no exported model, or a broken one ({reason}); make one by `export logs/<run>`"
            ) from error

    def __getstate__(self) -> dict:
        """Return what pickle writes: the network itself, so that who unpickles it needs no file of ours."""
        return {"path": self.path, "card": self.card, "network": (self.path / NETWORK_FILE).read_bytes()}

    def __setstate__(self, state: dict) -> None:
        self.path, self.card, self._session = state["path"], state["card"], _session(state["network"])

    def predict(self, L: np.ndarray, **conditions: np.ndarray) -> dict[str, np.ndarray]:
        """Return the network's outputs by name, float32 on its own grid, such as ab (B, h', w', 2).

        L: (B, h, w, 1), 0..100. conditions: planes (B, h, w, C) and vectors (B, C); the defaults where left out.
        Raises InputError for a condition of another shape, NonFiniteError for an answer that holds NaN or infinity,
        MemoryError if there is no room for what lies between the layers.
        """
        inputs = {"L": np.asarray(L, np.float32)}
        for name, each in self.card.inputs.items():
            shape = each.shape(L.shape)
            default = np.broadcast_to(np.float32(each.default), shape)
            inputs[name] = as_input(name, conditions[name], shape) if name in conditions else default
        try:
            answers = self._session.run(self.card.outputs, inputs)
        except onnxruntime_errors.RuntimeException as error:
            if "alloc" in str(error).lower():
                raise MemoryError from error
            raise
        if not all(np.isfinite(answer).all() for answer in answers):
            raise NonFiniteError(
                f"{self.path} answers with NaN or infinity, not with colours: import or export it anew, or choose "
                "another --model"
            )
        return dict(zip(self.card.outputs, answers, strict=True))


def as_input(name: str, value, shape: tuple[int, ...]) -> np.ndarray:
    """Return a condition as float32 of a shape; raises InputError for one of another, and for what is no number."""
    try:
        array = np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numbers of the shape {shape[1:]} for each picture") from error
    if array.shape != shape or not np.isfinite(array).all():
        got = f"got {array.shape[1:]}" if array.shape != shape else "some are none"
        raise InputError(f"{name} must be numbers of the shape {shape[1:]} for each picture, {got}")
    return array


def _session(network: str | bytes) -> onnxruntime.InferenceSession:
    """Return a session of a network: the path of its file, or what is in it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # threads take whole pictures; the sums of one never depend on their number
    options.enable_mem_pattern = False  # or a second picture of one size takes all its memory beside that of the first
    options.log_severity_level = 3  # errors only, which are raised, too
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
