"""Small real files of every source, made in a temporary folder."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def make_photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A colourful picture, uint8 (height, width, 3): a few random colours with smooth passages between them."""
    few = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(few).resize((width, height), Image.Resampling.BICUBIC))


@pytest.fixture(scope="session")
def photo():
    """make_photo, for tests that need pixels without a file."""
    return make_photo


@pytest.fixture(scope="session")
def save_photo():
    """Write a colourful picture: save_photo(path, height, width, seed)."""

    def save(path: Path, height: int = 40, width: int = 48, seed: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_photo(height, width, seed)).save(path)
        return path

    return save


@pytest.fixture(scope="session")
def write_cifar():
    """Lay out a tiny archive like the official one: write_cifar(folder, "cifar10", rows) -> the unpacked folder."""

    def write(folder: Path, dataset: str, rows: int = 4) -> Path:
        if dataset == "cifar10":
            folder = folder / "cifar-10-batches-py"
            names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
            label_key, meta = b"labels", ("batches.meta", {b"label_names": [b"airplane", b"automobile", b"bird"]})
        else:
            folder = folder / "cifar-100-python"
            names = ["train", "test"]
            label_key, meta = b"fine_labels", ("meta", {b"fine_label_names": [b"apple", b"bear", b"whale"]})
        folder.mkdir(parents=True)
        (folder / meta[0]).write_bytes(pickle.dumps(meta[1], protocol=2))
        for number, name in enumerate(names):
            random = np.random.default_rng(number)
            batch = {
                b"data": random.integers(0, 256, (rows, 3072), np.uint8),
                label_key: random.integers(0, 3, rows).tolist(),
                b"filenames": [f"picture_{number}_{row}.png".encode() for row in range(rows)],
            }
            (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
        return folder

    return write
