"""Pickles of numpy arrays and plain types, read without the power that a pickle has to call any function."""

from __future__ import annotations

import io
import pickle

import numpy as np

from colorization.errors import InputError

# What a pickled array asks for, under NumPy's old and new module names.
ADMITTED = {
    "numpy.core.multiarray._reconstruct": np._core.multiarray._reconstruct,
    "numpy._core.multiarray._reconstruct": np._core.multiarray._reconstruct,
    "numpy.ndarray": np.ndarray,
    "numpy.dtype": np.dtype,
    "_codecs.encode": lambda text, encoding: text.encode("latin1"),  # how Python 3 writes bytes in an old protocol
}

# What unpickling of garbage may raise besides its own error: the documentation of pickle leaves the list open.
_GARBAGE = (EOFError, ValueError, LookupError, AttributeError, ImportError, TypeError, MemoryError, OverflowError)


def read_pickle(raw: bytes, where: str) -> dict:
    """Return the pickled dict with its keys as str; strings written by Python 2 come as bytes (see `text`).

    Raises InputError, naming the file `where`, if it is broken, no dict, or asks for more than arrays and plain types.
    """
    try:
        tree = _PlainUnpickler(io.BytesIO(raw), encoding="bytes").load()
        return {text(key): value for key, value in tree.items()}
    except (pickle.UnpicklingError, *_GARBAGE) as error:
        raise InputError(f"{where} cannot be read ({error}); unpack the official archive anew") from error


def text(value: bytes | str) -> str:
    """Return a str, also from the bytes that a string of Python 2 becomes."""
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str):
        if f"{module}.{name}" not in ADMITTED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no picture needs")
        return ADMITTED[f"{module}.{name}"]
