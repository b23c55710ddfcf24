"""Real model folders that have a formula where others have a network: quickly made, and their answers are known."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from colorization.color.bins import BINS

INPUT_SIZE = 64  # px, larger than the pictures here: the network's grid is the picture's
WARM = [20.0, 30.0]  # ab
SURE_BIN = int(np.flatnonzero((BINS == WARM).all(axis=-1))[0])  # that "classification" is sure of in the left half
SURE = 20.0  # its logit; that of the others is 0
PRESETS = {"natural": {"saturation": 1.0}, "vivid": {"saturation": 1.5}}
PLANES = {"hint_ab": 2, "hint_mask": 1}
KINDS = {  # as the exported networks are: their conditions, and what they give
    "unet": ((), "ab"),
    "classification": (("temperature",), "logits"),
    "sure": (("temperature",), "logits"),
    "siggraph17": (("hint_ab", "hint_mask"), "ab"),
    "ruler": ((), "ab"),
    "nan": ((), "ab"),
}


def save_formula_model(kind: str, folder: str = "model", presets: Mapping = PRESETS) -> None:
    """Write a model folder of one of KINDS."""
    conditions, output = KINDS[kind]
    Path(folder).mkdir(parents=True, exist_ok=True)
    onnx.save(_network(kind, [name for name in conditions if name in PLANES], output), Path(folder, "model.onnx"))
    card = {"input_size": INPUT_SIZE, "outputs": [output], "conditions": {}}
    for name in ("saturation", *conditions):
        is_plane = name in PLANES
        card["conditions"][name] = (
            {"kind": "plane", "channels": PLANES[name]} if is_plane else {"kind": "number", "default": 1.0}
        )
    card["presets"] = dict(presets)
    Path(folder, "model.json").write_text(json.dumps(card))


def _network(kind: str, planes: list[str], output: str) -> onnx.ModelProto:
    channels = {"ab": 2, "logits": len(BINS)}[output]
    graph = helper.make_graph(
        FORMULAS[kind],
        kind,
        [_tensor("L", 1), *(_tensor(name, PLANES[name]) for name in planes)],
        [_tensor(output, channels)],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in CONSTANTS.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _tensor(name: str, channels: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "height", "width", channels])


CONSTANTS = {
    "zero": np.float32(0),
    "one": np.float32(1),
    "two": np.float32(2),
    "sixty": np.float32(60),
    "warm": np.float32(WARM),
    "sure": np.float32(SURE) * (np.arange(len(BINS)) == SURE_BIN).astype(np.float32),
    "unsure": np.zeros(len(BINS), np.float32),
    "rows": np.int64([1]),
    "columns": np.int64([2]),
    "columns_axis": np.int64(2),
}
_NOTHING = [helper.make_node("Mul", ["L", "zero"], ["nothing"])]  # zeros, as large as L
_COLUMN = [  # from 1 at the left edge to the width at the right one
    *_NOTHING,
    helper.make_node("Add", ["nothing", "one"], ["ones"]),
    helper.make_node("CumSum", ["ones", "columns_axis"], ["column"]),
    helper.make_node("ReduceSum", ["ones", "columns"], ["width"]),
]
FORMULAS = {
    # WARM everywhere
    "unet": [*_NOTHING, helper.make_node("Add", ["nothing", "warm"], ["ab"])],
    # sure of one bin in the left half, of nothing in the right one
    "classification": [
        *_COLUMN,
        helper.make_node("Div", ["width", "two"], ["half"]),
        helper.make_node("Floor", ["half"], ["middle"]),
        helper.make_node("LessOrEqual", ["column", "middle"], ["is_left"]),
        helper.make_node("Where", ["is_left", "sure", "unsure"], ["logits"]),
    ],
    # sure of one bin, WARM, everywhere
    "sure": [*_NOTHING, helper.make_node("Add", ["nothing", "sure"], ["logits"])],
    # nothing but the hints, where the mask is
    "siggraph17": [
        *_NOTHING,
        helper.make_node("Mul", ["hint_ab", "hint_mask"], ["hints"]),
        helper.make_node("Add", ["hints", "nothing"], ["ab"]),
    ],
    # NaN everywhere
    "nan": [
        *_NOTHING,
        helper.make_node("Div", ["nothing", "zero"], ["nans"]),
        helper.make_node("Add", ["nans", "warm"], ["ab"]),
    ],
    # a: half the height that the network sees, px; b: 0 at the left edge, 60 at the right one
    "ruler": [
        *_COLUMN,
        helper.make_node("ReduceSum", ["ones", "rows"], ["height"]),
        helper.make_node("Mul", ["ones", "height"], ["heights"]),
        helper.make_node("Div", ["heights", "two"], ["a"]),
        helper.make_node("Sub", ["column", "one"], ["step"]),
        helper.make_node("Sub", ["width", "one"], ["steps"]),
        helper.make_node("Div", ["step", "steps"], ["share"]),
        helper.make_node("Mul", ["share", "sixty"], ["b"]),
        helper.make_node("Concat", ["a", "b"], ["ab"], axis=3),
    ],
}
