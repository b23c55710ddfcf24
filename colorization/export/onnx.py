"""A network -> model.onnx: L and its conditions in, its answer on a grid that covers exactly the picture out.

Its weights lie in the file once, by the keys that checkpoints give them, so that training can begin with them without
any of TensorFlow's loaders. The converter would fold a normalisation into the convolution before it; so it is shown a
function whose weights are inputs, and these become the file's constants afterwards. ONNX Runtime folds when it loads.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from colorization.models.colorizer import Colorizer
from colorization.models.weights import HALF, keyed

OPSET = 17
SQRT_2 = "sqrt_2"  # a constant of the file
LEAST = 1e-12  # probability that stands for 0, which has no logarithm


def condition_inputs(network: keras.Model) -> dict[str, tf.TensorSpec]:
    """Return what the network takes beside L, by name: planes (B, h, w, C) and vectors (B, C)."""
    return {
        x.name: tf.TensorSpec((None,) * (len(x.shape) - 1) + (x.shape[-1],), tf.float32, x.name)
        for x in network.inputs[1:]
    }


def output_names(colorizer: Colorizer) -> tuple[str, ...]:
    """Return what model.onnx gives for this network."""
    if colorizer.gives("logits"):
        return ("logits",)
    return ("ab", "spread") if colorizer.gives("spread") else ("ab",)


def answer(colorizer: Colorizer, output, L) -> dict:
    """Return the network's output for L (B, h, w, 1) by the names of `output_names`, on a grid as large as the picture.

    Temperature, saturation and vibrance come later, where the file is used.
    """
    if colorizer.gives("logits"):  # cells that are cut narrower are mixed as probabilities, not as logits
        probabilities = colorizer.covering(colorizer.distribution(output), L)
        return {"logits": keras.ops.log(keras.ops.maximum(probabilities, LEAST))}
    told = {"ab": colorizer.decode(output)} | ({"spread": output["spread"]} if colorizer.gives("spread") else {})
    return {name: colorizer.covering(each, L) for name, each in told.items()}


def weights_in_order(network: keras.Model) -> list[keras.Variable]:
    """Return the variables whose values `stateless_answer` takes."""
    return [*network.trainable_variables, *network.non_trainable_variables]


def stateless_answer(colorizer: Colorizer, inputs: Sequence, weights: Sequence) -> dict:
    """Return `answer` to inputs (L, then the conditions), by these values of the weights instead of its own."""
    network, count = colorizer.network, len(colorizer.network.trainable_variables)
    given = list(inputs) if len(inputs) > 1 else inputs[0]
    output, _ = network.stateless_call(weights[:count], weights[count:], given, training=False)
    return answer(colorizer, output, inputs[0])


class _OneOperation(keras.layers.BatchNormalization):
    """Normalization by what was learnt as one operation of TensorFlow, which is one of ONNX, too; Keras makes eight.

    ONNX Runtime merges it into the convolution before, and loads a file of half as many operations.
    """

    def call(self, inputs, training=None, mask=None):
        if len(inputs.shape) != 4 or inputs.dtype != "float32":
            return super().call(inputs, training=False, mask=mask)
        learnt = self.gamma, self.beta, self.moving_mean, self.moving_variance
        return tf.compat.v1.nn.fused_batch_norm(inputs, *learnt, epsilon=self.epsilon, is_training=False)[0]


def _with_single_operations(network: keras.Model) -> keras.Model:
    """Return the network with other normalizations, whose weights are fresh; all other layers are the same."""

    def other(layer):
        fits = isinstance(layer, keras.layers.BatchNormalization) and layer.scale and layer.center
        return _OneOperation.from_config(layer.get_config()) if fits and layer.axis in (-1, 3) else layer

    return keras.models.clone_model(network, clone_function=other, recursive=True)


def write_onnx(colorizer: Colorizer, path: Path, half: bool = False) -> None:
    """Write the network to the file `path`. half: store the weights in 16 bits; they are used in 32."""
    network, inputs = colorizer.network, condition_inputs(colorizer.network)
    variables = {f"weight_{i}": variable for i, variable in enumerate(weights_in_order(network))}

    written = dataclasses.replace(colorizer, network=_with_single_operations(network))

    def call(lightness, *others):
        return stateless_answer(written, (lightness, *others[: len(inputs)]), others[len(inputs) :])

    signature = [tf.TensorSpec((None, None, None, 1), tf.float32, "L"), *inputs.values()]
    signature += [tf.TensorSpec(variable.shape, tf.float32, name) for name, variable in variables.items()]
    # or each pass of the converter begins with a copy of the graph, which takes a fifth of the time
    os.environ["TF2ONNX_CATCH_ERRORS"] = "FALSE"
    model, _ = tf2onnx.convert.from_function(tf.function(call), input_signature=signature, opset=OPSET)
    keys = {id(variable): key for key, variable in keyed(network.variables).items()}
    taken = [x.name for x in model.graph.input]  # in the order of the signature, in the converter's spelling
    wanted = ["L", *inputs, *(keys[id(variable)] for variable in variables.values())]
    _rename(model.graph, dict(zip(taken, wanted, strict=True)))
    _divide_before_erf(model.graph)
    _fix(model.graph, {keys[id(variable)]: variable.numpy() for variable in variables.values()}, half)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    for value in graph.input:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = names.get(name, name)


def _divide_before_erf(graph: onnx.GraphProto) -> None:
    """Write erf(x / sqrt 2) as such again: by the converter's product ONNX Runtime does not know a GELU."""
    before = {node.input[0] for node in graph.node if node.op_type == "Erf"}
    factors = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Mul" and node.output[0] in before and np.allclose(factors.get(node.input[1], 0), 0.5**0.5):
            node.op_type, node.input[1] = "Div", SQRT_2
    graph.initializer.append(onnx.numpy_helper.from_array(np.float32(2**0.5), SQRT_2))
    used = {name for node in graph.node for name in node.input}
    for each in [each for each in graph.initializer if each.name not in used]:
        graph.initializer.remove(each)


def _fix(graph: onnx.GraphProto, weights: Mapping[str, np.ndarray], half: bool) -> None:
    """Make inputs of the graph constants of it."""
    kept, used = [x for x in graph.input if x.name not in weights], {name for node in graph.node for name in node.input}
    del graph.input[:]
    graph.input.extend(kept)
    casts = []
    for name, value in weights.items():
        if half and name in used and value.ndim > 1:  # vectors are few, and variances may be too small for 16 bits
            graph.initializer.append(onnx.numpy_helper.from_array(value.astype(np.float16), name + HALF))
            casts.append(onnx.helper.make_node("Cast", [name + HALF], [name], to=onnx.TensorProto.FLOAT))
        else:
            graph.initializer.append(onnx.numpy_helper.from_array(value, name))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
