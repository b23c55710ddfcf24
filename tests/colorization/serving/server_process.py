"""A real `main.py serve` on a free port, with exported models that have a formula where others have a network."""

import contextlib
import json
import re
import subprocess
import threading
import urllib.error
import urllib.request

import tensorflow as tf

from tests.end_to_end.processes import start

WARM = [20.0, 30.0]  # ab
PLANES = {"hint_ab": 2, "hint_mask": 1}
CONDITIONS = {
    "warm": {"saturation": 1.0, "temperature": 1.0},  # WARM, the more the higher both are
    "hinted": {"saturation": 1.0, "hint_ab": None, "hint_mask": None},  # the hints' colours, where they are
}


def export_models(folder):
    """saved_models/warm and saved_models/hinted in `folder`."""
    for name, conditions in CONDITIONS.items():
        L = tf.TensorSpec((None, None, None, 1), tf.float32, "L")
        shapes = {key: (None, None, None, PLANES[key]) if key in PLANES else () for key in conditions}
        specs = {key: tf.TensorSpec(shape, tf.float32, key) for key, shape in shapes.items()}
        signatures = {"predict_ab": tf.function(_predict_ab).get_concrete_function(L, **specs)}
        path = folder / "saved_models" / name
        tf.saved_model.save(tf.Module(), str(path), signatures=signatures)
        looks = {"natural": {"saturation": 1.0}, "vivid": {"saturation": 1.5}} if name == "warm" else {}
        card = {"conditions": conditions, "distribution": False, "working_size": 64, "looks": looks}
        (path / "model.json").write_text(json.dumps(card))


def _predict_ab(L, **conditions):
    if "hint_ab" in conditions:
        return {"ab": conditions["hint_ab"] * conditions["hint_mask"] * conditions["saturation"] + tf.zeros_like(L)}
    return {"ab": conditions["temperature"] * conditions["saturation"] * tf.ones_like(L) * WARM}


class Served:
    """A running server: its address, its process, and what it said on standard error."""

    def __init__(self, process, url):
        self.process, self.url, self.warned = process, url, []
        self._reader = threading.Thread(target=lambda: self.warned.extend(process.stderr), daemon=True)
        self._reader.start()

    def ask(self, path, content=None, method=None, **headers):
        """Status, headers and body of an answer, whatever its status."""
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def end(self, sent):
        """Exit status after a signal, and all that was said on standard error."""
        self.process.send_signal(sent)
        self.process.wait(timeout=60)
        self._reader.join()
        return self.process.returncode, "".join(self.warned)


@contextlib.contextmanager
def serving(folder, *words):
    """`serve --port 0` with these words, from the moment that it answers; ended in the end if it still runs."""
    process = start(["serve", "--port", "0", *words], folder)
    try:
        lines = [process.stdout.readline(), process.stdout.readline()]
        address = re.match(r"http://[^ ]+", lines[1])
        assert address, (lines, process.communicate(timeout=60))
        yield Served(process, address[0])
    finally:
        process.terminate()  # not killed: it has a folder to clear away
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
