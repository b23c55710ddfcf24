"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html), the official python archives.

An archive is read where it lies: nothing of it is ever written to disk.
"""

from __future__ import annotations

import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.config import Cifar10Config, Cifar100Config
from colorization.errors import InputError
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.download import Remote, fetch
from data_pipelines.plain_pickle import read_pickle, text

SIDE = 32  # px


@dataclass(frozen=True)
class Archive:
    """What one of the two archives is called and holds; rows: official number of (training, test) pictures."""

    title: str
    remote: Remote
    folder: str
    train: tuple[str, ...]
    test: str
    meta: str
    label_key: str
    class_key: str
    rows: tuple[int, int] = (50_000, 10_000)


ARCHIVES = {
    "cifar10": Archive(
        title="CIFAR-10",
        remote=Remote(
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            size=170_498_071,
            sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
        folder="cifar-10-batches-py",
        train=tuple(f"data_batch_{number}" for number in range(1, 6)),
        test="test_batch",
        meta="batches.meta",
        label_key="labels",
        class_key="label_names",
    ),
    "cifar100": Archive(
        title="CIFAR-100",
        remote=Remote(
            "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
            size=169_001_437,
            sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        ),
        folder="cifar-100-python",
        train=("train",),
        test="test",
        meta="meta",
        label_key="fine_labels",
        class_key="fine_label_names",
    ),
}


def prepare(options: Cifar10Config | Cifar100Config, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Read all pictures into memory; validation is the official test batch. An archive may have fewer rows.

    Raises InputError if the archive is nowhere, cannot be downloaded, or one of its files is missing or broken.
    """
    archive = ARCHIVES[options.dataset]
    given = options.data_dir
    place = _find(archive, Path(given)) if given else fetch(archive.remote, cache_dir / "cifar", progress)
    wanted = (*archive.train, archive.test, archive.meta)
    raw = _read_tar(place, archive.folder, wanted) if place.is_file() else _read_folder(place, wanted)
    classes = _class_names(raw[archive.meta], archive, place)
    batches = {name: _batch(raw.pop(name), name, archive, len(classes), place) for name in wanted[:-1]}
    train = _join([batches[name] for name in archive.train])
    validation = batches[archive.test]
    return Pictures(
        train=train,
        validation=validation,
        description=f"{archive.title}: {len(train)} training and {len(validation)} test pictures "
        f"(the official archive has {archive.rows[0]} and {archive.rows[1]})",
        classes=classes,
    )


# --- where the files are ---


def _find(archive: Archive, given: Path) -> Path:
    """The unpacked folder or the .tar.gz that `given` is or holds."""
    if given.is_file():
        return given
    for folder in (given, given / archive.folder):
        if (folder / archive.meta).is_file():
            return folder
    if (given / archive.remote.name).is_file():
        return given / archive.remote.name
    raise InputError(
        f"{given} holds neither {archive.folder}/{archive.meta} nor {archive.remote.name}; "
        f"download {archive.remote.url} and give its folder with --data-dir"
    )


def _read_folder(folder: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder / missing[0]} is missing; unpack the official archive anew")
    return {name: (folder / name).read_bytes() for name in wanted}


def _read_tar(path: Path, folder: str, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The wanted members of a .tar.gz. One that would leave the folder or is a link marks a forged archive."""
    found = {}
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                tarfile.data_filter(member, ".")
                name = member.name.removeprefix("./").removeprefix(f"{folder}/")
                if name in wanted and member.isreg():
                    found[name] = tar.extractfile(member).read()
    except tarfile.FilterError as error:
        raise InputError(f"{path} is not the official archive, a member would leave its folder: {error}") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise InputError(f"{path} cannot be read as .tar.gz ({error}); download it anew") from error
    missing = [name for name in wanted if name not in found]
    if missing:
        raise InputError(f"{path} holds no {folder}/{missing[0]}; download the official archive anew")
    return found


# --- what the files say ---


def _class_names(raw: bytes, archive: Archive, place: Path) -> tuple[str, ...]:
    names = read_pickle(raw, f"{place}/{archive.meta}").get(archive.class_key)
    if not names:
        raise InputError(f"{place}/{archive.meta} has no {archive.class_key}; unpack the official archive anew")
    return tuple(text(name) for name in names)


def _batch(raw: bytes, name: str, archive: Archive, classes: int, place: Path) -> Split:
    """One batch file: rows uint8 (N, 32, 32, 3), from rows of 1024 red, 1024 green, 1024 blue values."""
    tree = read_pickle(raw, f"{place}/{name}")
    data, labels = tree.get("data"), tree.get(archive.label_key)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * SIDE**2:
        raise InputError(f"{place}/{name} holds no uint8 rows of {3 * SIDE**2}; unpack the official archive anew")
    known = range(classes)
    if not isinstance(labels, list) or len(labels) != len(data) or not all(label in known for label in labels):
        raise InputError(f"{place}/{name} needs {len(data)} {archive.label_key} in 0..{classes - 1}; unpack it anew")
    if not len(data):
        raise InputError(f"{place}/{name} holds no picture; unpack the official archive anew")
    titles = tree.get("filenames", ())
    if len(titles) != len(data):
        titles = range(len(data))
    return Split(
        rows=np.ascontiguousarray(data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)),
        names=tuple(f"{name}/{text(title)}" for title in titles),
        labels=np.array(labels, np.int64),
    )


def _join(batches: list[Split]) -> Split:
    return Split(
        rows=np.concatenate([batch.rows for batch in batches]),
        names=tuple(name for batch in batches for name in batch.names),
        labels=np.concatenate([batch.labels for batch in batches]),
    )
