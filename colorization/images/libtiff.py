"""What libtiff says of damaged data while Pillow decodes: remembered, where C would print it on stderr."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import threading

from PIL import Image

DAMAGED = "its data are damaged in places: look for stripes"

_heard = threading.local()


@ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
def _remember(module, message, values):
    _heard.complained = True


@functools.cache
def listen_to_libtiff() -> None:
    """Take the place of the functions by which libtiff prints errors and warnings.

    Where it cannot be reached in Pillow's library, as on Windows, it goes on printing.
    """
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(Image.core.__file__)  # names are looked up in the libraries that it needs, too
        library.TIFFSetErrorHandler(_remember)
        library.TIFFSetWarningHandler(None)


def libtiff_complained() -> bool:
    """Return whether libtiff told of an error in this thread since this was asked last."""
    complained, _heard.complained = getattr(_heard, "complained", False), False
    return complained
