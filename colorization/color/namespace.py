"""One set of formulas for numpy arrays and for the tensors of networks."""

from types import ModuleType

import numpy as np


def namespace(*values) -> ModuleType:
    """Return the module whose functions work on values: numpy if all are arrays, lists or numbers, else keras.ops."""
    arrays = all(isinstance(x, np.ndarray | np.generic | list | tuple | int | float) for x in values)
    return np if arrays else tensor_namespace()


def tensor_namespace() -> ModuleType:
    """Return keras.ops, for what numpy has no function of that name for; it takes arrays, too, and gives tensors."""
    from keras import ops  # here: the light install has no Keras

    return ops
