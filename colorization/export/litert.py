"""A network -> model.tflite, for phones: what model.onnx takes and gives, as a LiteRT file."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow.lite.python.convert import ConverterError

from colorization.errors import InputError
from colorization.export.onnx import condition_inputs, stateless_answer, weights_in_order
from colorization.models.colorizer import Colorizer


def write_litert(colorizer: Colorizer, path: Path) -> None:
    """Write the network to the file `path`; its user sets the picture's size by `resize_tensor_input`."""
    inputs = [tf.TensorSpec((None, None, None, 1), tf.float32, "L"), *condition_inputs(colorizer.network).values()]
    weights = [
        tf.constant(variable.numpy()) for variable in weights_in_order(colorizer.network)
    ]  # LiteRT has no variables
    call = tf.function(lambda *given: stateless_answer(colorizer, given, weights), input_signature=inputs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call.get_concrete_function()])
    try:
        path.write_bytes(converter.convert())
    except ConverterError as error:
        reason = str(error).splitlines()[0][:200]
        raise InputError(
            f"a {colorizer.network.name} network cannot be written as LiteRT ({reason}); leave --format litert out "
            "and use model.onnx"
        ) from error
