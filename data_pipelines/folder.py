"""Any tree of pictures. The folder that a picture lies in is its label; what cannot be learnt from is left out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from colorization.color.lab import rgb_to_lab
from colorization.config import FolderConfig
from colorization.errors import InputError
from colorization.images.reader import looks_like_picture, read_picture
from colorization.images.resize import shrink
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Skipped
from data_pipelines.cache import Source, load_or_build, stamp_of
from data_pipelines.paths import kept, pictures_by_path

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
    root, names, official = find_pictures(options)
    cache = load_or_build(
        cache_dir,
        settings={"dataset": options.dataset, "size": options.size, "colourless": COLOURLESS},
        sources=[Source(name, stamp_of(root / name), root / name) for name in names],
        decode=lambda source: decode(source, options.size),
        picture_bytes=int(3 * options.size**2 * TYPICAL_ASPECT),
        progress=progress,
    )
    if not cache.names:
        raise nothing_usable(root, len(names), cache.skipped)
    return pictures_by_path(cache.rows, cache.names, official, str(root), options, cache.skipped)


def find_pictures(options: FolderConfig) -> tuple[Path, list[str], bool]:
    """Return the folder, the relative paths of its files, sorted, and whether train/ and val/ are its splits.

    Raises InputError if there is no such folder, or if an option of names fits none.
    """
    if not options.data_dir:
        raise InputError("--dataset folder needs the folder of pictures; give it with --data-dir")
    root = Path(options.data_dir)
    if not root.is_dir():
        raise InputError(f"{root} is no folder; give the folder of pictures with --data-dir")
    official = (root / "train").is_dir() and (root / "val").is_dir()
    try:
        names = sorted(_walk(root, ("train", "val") if official else None))
    except OSError as error:
        raise InputError(f"{error.filename} cannot be read ({error.strerror}); see its permissions") from error
    return root, [names[i] for i in kept(names, options, str(root))], official


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


def nothing_usable(root: Path, files: int, skipped: Sequence[Skipped]) -> InputError:
    """Return the error of a folder in which no picture of `files` can be learnt from."""
    if skipped and all(each.reason.startswith(GREY) for each in skipped):
        return InputError(
            f"all {len(skipped)} pictures under {root} are colourless, so nobody knows their colours; "
            "give colour photographs with --data-dir"
        )
    first = f"; {skipped[0].path}: {skipped[0].reason}" if skipped else ""
    return InputError(
        f"no picture under {root} can be used ({files} files looked at{first}); give another folder with --data-dir"
    )


def mean_chroma(rgb: np.ndarray) -> float:
    """Return the mean distance from grey in Lab, 0 to about 134, of a uint8 picture (H, W, 3)."""
    return float(np.linalg.norm(rgb_to_lab(rgb)[..., 1:], axis=-1).mean())


def _walk(root: Path, only: Sequence[str] | None) -> Iterator[str]:
    """The relative path of every file under the root, or under its folders `only`.

    Links are followed, but nothing is read twice.
    """
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
                yield path.relative_to(root).as_posix()
