"""Paints with a finished model: numpy and ONNX Runtime. `load` in the package above is the door."""
