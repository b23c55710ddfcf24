"""Importing TensorFlow without its greeting."""

import importlib
import os
import sys
import tempfile
from types import ModuleType


def quiet_import(module: str) -> ModuleType:
    """Import a module without the four lines on standard error by which TensorFlow's C++ part greets everybody.

    They come before its log level counts. What was said is shown if the import fails.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        imported = None
        try:
            imported = importlib.import_module(module)
            return imported
        finally:
            if imported is None:
                said.seek(0)
                os.write(terminal, said.read())
            os.dup2(terminal, 2)
            os.close(terminal)
