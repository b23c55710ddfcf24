"""A real `main.py serve` on a free port, with exported models that have a formula where others have a network."""

import contextlib
import io
import re
import subprocess
import threading
import urllib.error
import urllib.request

from PIL import Image

from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import start

TWO_MODELS = ["--model", "saved_models/warm", "--model", "saved_models/hinted"]  # of export_models


def picture(format="PNG", level=120, size=(48, 40)):
    """The file of an even grey picture, as bytes."""
    file = io.BytesIO()
    Image.new("L", size, level).save(file, format)
    return file.getvalue()


def export_models(folder):
    """Make saved_models/warm, which has a temperature, and saved_models/hinted in `folder`."""
    save_formula_model("sure", str(folder / "saved_models/warm"))
    save_formula_model("siggraph17", str(folder / "saved_models/hinted"), presets={})


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
        line = process.stdout.readline()
        address = re.match(r"http://[^ ]+", line)
        assert address, (line, process.communicate(timeout=60))
        yield Served(process, address[0])
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
