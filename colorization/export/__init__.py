"""Trained and published networks -> model folders: model.json and model.onnx, and forms for other programs beside."""
