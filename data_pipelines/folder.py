"""Any tree of pictures. The folder that a picture lies in is its label; what cannot be learnt from is left out."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from colorization.color.lab import rgb_to_lab
from colorization.config import FolderConfig
from colorization.errors import InputError
from colorization.images.reader import looks_like_picture, read_picture
from colorization.images.resize import shrink
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.cache import Cache, Source, load_or_build, stamp_of
from data_pipelines.holdout import held_out

COLOURLESS = 2.0  # mean chroma of Lab; grey pictures with a JPEG's noise reach about 1
GREY = "colourless"  # what the reason to leave such a picture out begins with
TYPICAL_ASPECT = 1.5  # to estimate the size of a cache


def prepare(options: FolderConfig, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Read pictures whose shorter side is `options.size`, decoded once into a cache.

    Where both train/ and val/ are there, these are the splits and nothing else is read; otherwise about a tenth is
    held out by a hash of each picture's relative path. Pictures that are broken, smaller than `options.size` (they
    are never enlarged) or colourless are in `skipped`. Hidden files and files that are no pictures are passed over.

    Raises:
        InputError: no --data-dir, no such folder, or no usable picture in it.
    """
    if not options.data_dir:
        raise InputError("--dataset folder needs the folder of pictures; give it with --data-dir")
    factors = [parse_weight(word) for word in options.weigh]
    root = Path(options.data_dir)
    if not root.is_dir():
        raise InputError(f"{root} is no folder; give the folder of pictures with --data-dir")
    official = (root / "train").is_dir() and (root / "val").is_dir()
    try:
        sources = sorted(_walk(root, ("train", "val") if official else None), key=lambda source: source.name)
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read ({error.strerror}); see its permissions") from error
    _check_prefixes(sources, [*options.leave_out, *(prefix for prefix, _ in factors)], root)
    sources = [source for source in sources if not _begins_with(source.name, options.leave_out)]
    cache = load_or_build(
        cache_dir,
        settings={"dataset": options.dataset, "size": options.size, "colourless": COLOURLESS},
        sources=sources,
        decode=lambda source: decode(source, options.size),
        picture_bytes=int(3 * options.size**2 * TYPICAL_ASPECT),
        progress=progress,
    )
    if not cache.names:
        raise _nothing_usable(root, len(sources), cache)
    pictures = _split(cache, official, root)
    weights = training_weights(pictures.train.names, pictures.train.labels, options.balance, factors)
    return dataclasses.replace(pictures, train=dataclasses.replace(pictures.train, weights=weights))


def decode(source: Source, size: int) -> np.ndarray | None:
    """Decode a picture, uint8 (H, W, 3), its shorter side `size`; None for a file that is no picture.

    Raises InputError, with the reason, for one that cannot be learnt from.
    """
    if not looks_like_picture(source.path):
        return None
    rgb = read_picture(source.path).rgb
    height, width = rgb.shape[:2]
    if min(height, width) < size:
        raise InputError(f"{width} x {height} px, smaller than --size {size}")
    small = shrink(rgb, size, max_aspect=None)
    chroma = mean_chroma(small)
    if chroma < COLOURLESS:
        raise InputError(f"{GREY}: mean chroma {chroma:.2f}, below {COLOURLESS}")
    return small


def _nothing_usable(root: Path, files: int, cache: Cache) -> InputError:
    if cache.skipped and all(each.reason.startswith(GREY) for each in cache.skipped):
        return InputError(
            f"all {len(cache.skipped)} pictures under {root} are colourless, so nobody knows their colours; "
            "give colour photographs with --data-dir"
        )
    first = f"; {cache.skipped[0].path}: {cache.skipped[0].reason}" if cache.skipped else ""
    return InputError(
        f"no picture under {root} can be used ({files} files looked at{first}); give another folder with --data-dir"
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
        weights[[_begins_with(name, (prefix,)) for name in names]] *= factor
    return weights


def _check_prefixes(sources: Sequence[Source], words: Sequence[str], root: Path) -> None:
    """Raise InputError for a word that no folder or file begins with: a typing error must not let pictures in."""
    for word in words:
        if not any(_begins_with(source.name, (word,)) for source in sources):
            raise InputError(f"no folder or file under {root} begins with {word!r}; mend --leave-out or --weigh")


def _begins_with(name: str, words: Sequence[str]) -> bool:
    """Whether a folder or the file of a relative path begins with one of the words, or the path itself does."""
    words = tuple(words)
    return bool(words) and (name.startswith(words) or any(part.startswith(words) for part in name.split("/")))


def mean_chroma(rgb: np.ndarray) -> float:
    """Return the mean distance from grey in Lab, 0 to about 134, of a uint8 picture (H, W, 3)."""
    return float(np.linalg.norm(rgb_to_lab(rgb)[..., 1:], axis=-1).mean())


def _walk(root: Path, only: Sequence[str] | None) -> Iterator[Source]:
    """Every file under the root (under its folders `only`, if given). Links are followed, but nothing is read twice."""
    seen = {os.path.realpath(root)}
    folders = [root / name for name in only] if only else [root]
    while folders:
        folder = folders.pop()
        for path in sorted(folder.iterdir()):
            real = os.path.realpath(path)
            if path.name.startswith(".") or real in seen:
                continue
            seen.add(real)
            if path.is_dir():
                folders.append(path)
            elif path.is_file():
                yield Source(path.relative_to(root).as_posix(), stamp_of(path), path)


def _split(cache: Cache, official: bool, root: Path) -> Pictures:
    held = {name for name in cache.names if name.startswith("val/")} if official else held_out(cache.names)
    train = [i for i, name in enumerate(cache.names) if name not in held]
    validation = [i for i, name in enumerate(cache.names) if name in held]
    folders = [_label(name, official) for name in cache.names]
    classes = tuple(sorted(set(folders)))
    if len(classes) == 1:
        classes = ()
    return Pictures(
        train=_side(cache, train, folders, classes),
        validation=_side(cache, validation, folders, classes),
        description=f"{root}: {len(train)} training and {len(validation)} validation pictures "
        f"({'train/ and val/' if official else 'split by path'}), {len(cache.skipped)} left out",
        classes=classes,
        skipped=cache.skipped,
    )


def _side(cache: Cache, chosen: Sequence[int], folders: Sequence[str], classes: Sequence[str]) -> Split:
    number = {label: index for index, label in enumerate(classes)}
    return Split(
        rows=cache.rows.take(chosen),
        names=tuple(cache.names[i] for i in chosen),
        labels=np.array([number[folders[i]] for i in chosen], np.int64) if classes else None,
    )


def _label(name: str, official: bool) -> str:
    """The folder of a picture, relative to the root (to its train/ or val/); '.' for what lies in the root itself."""
    path = PurePosixPath(name)
    return str(path.relative_to(path.parts[0]).parent if official else path.parent)
