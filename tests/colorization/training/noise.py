"""Pictures of noise: what training needs where nothing is to be learnt."""

import numpy as np

from data_pipelines import Pictures, Split


def noise(training: int, validation: int, size: tuple[int, int] = (18, 20), classes: int = 0) -> Pictures:
    """Return so many pictures, each (*size, 3), the same at every call; with targets where there are classes."""
    random, count = np.random.default_rng(0), training + validation
    rows = random.integers(0, 256, (count, *size, 3), np.uint8)
    targets = random.dirichlet(np.ones(classes), count).astype("f4") if classes else None
    names = [*(f"t{i}" for i in range(training)), *(f"v{i}" for i in range(validation))]
    parts = slice(training), slice(training, count)
    return Pictures(
        *(Split(rows[p], names[p], targets=None if targets is None else targets[p]) for p in parts), "noise"
    )
