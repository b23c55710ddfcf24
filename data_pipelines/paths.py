"""What the relative paths of pictures say of them: their split, their label, and how often training sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from colorization.errors import InputError
from data_pipelines import Pictures, Skipped, Split
from data_pipelines.holdout import held_out


def pictures_by_path(
    rows, names: Sequence[str], official: bool, root: str, options, skipped: tuple[Skipped, ...] = ()
) -> Pictures:
    """Return both splits of pictures whose labels are their folders, weighed as the options `balance` and `weigh` say.

    rows: the pictures, with `take`. names: their paths relative to `root`. official: they begin with train/ or val/,
    which are the splits; otherwise about a tenth is held out by a hash of its path.
    """
    held = {name for name in names if name.startswith("val/")} if official else held_out(names)
    train = [i for i, name in enumerate(names) if name not in held]
    validation = [i for i, name in enumerate(names) if name in held]
    folders = [_label(name, official) for name in names]
    classes = tuple(sorted(set(folders)))
    if len(classes) == 1:
        classes = ()
    number = {label: index for index, label in enumerate(classes)}
    labels = np.array([number[label] for label in folders], np.int64) if classes else None
    factors = [parse_weight(word) for word in options.weigh]

    def side(chosen: Sequence[int], weighed: bool) -> Split:
        own_names = tuple(names[i] for i in chosen)
        own_labels = None if labels is None else labels[chosen]
        weights = training_weights(own_names, own_labels, options.balance, factors) if weighed else None
        return Split(rows.take(chosen), own_names, own_labels, weights=weights)

    return Pictures(
        train=side(train, weighed=True),
        validation=side(validation, weighed=False),
        description=f"{root}: {len(train)} training and {len(validation)} validation pictures "
        f"({'train/ and val/' if official else 'split by path'}), {len(skipped)} left out",
        classes=classes,
        skipped=skipped,
    )


def parse_weight(word: str) -> tuple[str, float]:
    """Read "portrait=3" -> ("portrait", 3.0); raises InputError for anything else."""
    prefix, _, factor = word.rpartition("=")
    try:
        value = float(factor)
    except ValueError:
        value = math.nan
    if not prefix or not 0 < value < math.inf:
        raise InputError(f"--weigh {word}: write prefix=factor with a factor above 0, such as portrait=3")
    return prefix, value


def training_weights(
    names: Sequence[str], labels: np.ndarray | None, balance: float, factors: Sequence[tuple[str, float]]
) -> np.ndarray | None:
    """Return how often training sees each picture, relative to the others: float64 (N,); None where all count alike.

    balance: 0 counts every picture alike, 1 every label alike. factors: of pictures, by the word that their folder or
    file begins with; several that fit are multiplied.
    """
    if not factors and (not balance or labels is None):
        return None
    weights = np.ones(len(names))
    if labels is not None:
        weights = np.bincount(labels)[labels] ** -balance
    for prefix, factor in factors:
        weights[[begins_with(name, (prefix,)) for name in names]] *= factor
    return weights


def kept(names: Sequence[str], options, root: str) -> list[int]:
    """Return the places of the names that the option `leave_out` leaves.

    Raises InputError for a word of it, or of `weigh`, that no folder or file begins with: a typing error must not let
    pictures in.
    """
    for word in [*options.leave_out, *(parse_weight(word)[0] for word in options.weigh)]:
        if not any(begins_with(name, (word,)) for name in names):
            raise InputError(f"no folder or file under {root} begins with {word!r}; mend --leave-out or --weigh")
    return [i for i, name in enumerate(names) if not begins_with(name, options.leave_out)]


def begins_with(name: str, words: Sequence[str]) -> bool:
    """Return whether a folder or the file of a relative path begins with one of the words, or the path itself does."""
    words = tuple(words)
    return bool(words) and (name.startswith(words) or any(part.startswith(words) for part in name.split("/")))


def _label(name: str, official: bool) -> str:
    """The folder of a picture, relative to the root (to its train/ or val/); '.' for what lies in the root itself."""
    path = name.partition("/")[2] if official else name
    return path.rpartition("/")[0] or "."
