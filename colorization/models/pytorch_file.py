"""Read weights that PyTorch saved before version 1.6, without PyTorch and without a pickle's power to run code.

Such a file is a row of pickles (a magic number, the format's version, the machine, the state dict, the keys of its
storages) and then, for each storage, its length as int64 and its numbers. A tensor of the state dict names its storage.
Source: torch/serialization.py, `_legacy_save`.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}
GARBAGE = (  # what unpickling may raise beside its own error
    EOFError,
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    MemoryError,
    OverflowError,
)


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a PyTorch state dict by name.

    Raises InputError if the file is missing, broken, or holds anything but named tensors of floats and counters.
    """
    try:
        with path.open("rb") as file:
            if _Unpickler(file).load() != MAGIC:
                raise pickle.UnpicklingError("no magic number")
            _, _, tensors, keys = (_Unpickler(file).load() for _ in range(4))
            storages = {}
            for key in keys:
                count = int.from_bytes(file.read(8), "little")
                dtype = next(np.dtype(each.dtype) for each in tensors.values() if each.storage == key)
                storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
        return {name: tensor.of(storages) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, StopIteration, *GARBAGE) as error:
        raise InputError(f"{path} cannot be read as weights of PyTorch ({error})") from error


@dataclass(frozen=True)
class _Tensor:
    """Where the numbers of a tensor lie: from `offset` on in the storage of that key, `stride` numbers apart."""

    storage: str
    dtype: type
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def of(self, storages: dict) -> np.ndarray:
        places = np.full(self.shape, self.offset)
        for axis, stride in enumerate(self.stride):
            places += stride * np.arange(self.shape[axis]).reshape([-1 if i == axis else 1 for i in range(places.ndim)])
        return storages[self.storage][places]


def _rebuild_tensor(storage, offset, shape, stride, requires_grad, hooks):
    dtype, key = storage
    return _Tensor(key, dtype, offset, tuple(shape), tuple(stride))


class _Unpickler(pickle.Unpickler):
    """Admits what a state dict needs, and nothing else."""

    def find_class(self, module: str, name: str):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid):
        kind, dtype, key, *_ = pid
        if kind != "storage":
            raise pickle.UnpicklingError(f"it asks for a {kind}")
        return dtype, key
