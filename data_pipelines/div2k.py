"""DIV2K: 900 photographs 2 K wide (Agustsson and Timofte, NTIRE 2017), for academic research only.

Official names: DIV2K_train_HR/0001.png to 0800.png, DIV2K_valid_HR/0801.png to 0900.png, and smaller copies of the same
scenes such as DIV2K_valid_LR_bicubic/X4/0801x4.png or DIV2K_valid_LR_wild/0801x4w1.png. Any subset will do, packed or
unpacked. https://data.vision.ee.ethz.ch/cvl/DIV2K/
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from colorization.config import Div2kConfig
from colorization.errors import InputError
from colorization.images.reader import read_picture
from colorization.images.resize import shrink
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Split
from data_pipelines.cache import Cache, Source, load_or_build, stamp_of
from data_pipelines.download import Remote, UnreachableError, fetch
from data_pipelines.holdout import held_out

SITE = "https://data.vision.ee.ethz.ch/cvl/DIV2K"
ARCHIVES = (
    Remote(
        url=f"{SITE}/DIV2K_train_HR.zip",
        size=3_530_603_713,
        sha256="9d0b9c463f6e35b6c62cc6a930ee2224f670b34c1df841a57670f9acf0f6c335",
    ),
    Remote(
        url=f"{SITE}/DIV2K_valid_HR.zip",
        size=448_993_893,
        sha256="20dd31fd84d777bc1cf5d6b7654a3f569c0aec74458ae094122ad1d0489900fc",
    ),
)
FIRST_VALIDATION = 801  # the scenes below it are the training set, whatever folder they lie in
LAST = 900
NAME = re.compile(r"(?P<scene>\d{4})(x(?P<scale>[2348])(?P<kind>m|d|w\d)?)?\.png", re.ASCII)
FULL_SIZE_BYTES = 9_000_000  # a decoded HR picture, 2040 x 1400 px on average
TYPICAL_ASPECT = 1.5


@dataclass(frozen=True)
class Copy:
    """One file of a scene; scale: how many times it is smaller than the HR picture."""

    scene: int
    scale: int
    source: Source


def prepare(options: Div2kConfig, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Read one picture a scene: the largest copy of it that is there. Resized or whole, as `options.mode` says.

    Validation is the official one; if only one of the two official sets is there, about a tenth of its scenes.

    Raises:
        InputError: nothing of DIV2K under --data-dir, no network, a broken archive, no usable picture.
    """
    if options.data_dir:
        root = Path(options.data_dir)
    else:
        root = cache_dir / "div2k"
        _download(root, progress)
    copies = _largest_copies(_find(root))
    if not copies:
        raise InputError(
            f"{root} holds nothing of DIV2K (such as DIV2K_valid_HR/0801.png or DIV2K_valid_HR.zip); "
            f"fetch it from {SITE}/ and give its folder with --data-dir"
        )
    resized = options.mode == "resized"
    cache = load_or_build(
        cache_dir,
        settings={"dataset": options.dataset, "size": options.size, "mode": options.mode},
        sources=[copy.source for copy in copies],
        decode=partial(_decode, size=options.size, resized=resized),
        picture_bytes=int(3 * options.size**2 * TYPICAL_ASPECT) if resized else FULL_SIZE_BYTES,
        progress=progress,
    )
    return _split(cache, copies, root, 1 if resized else options.patches)


# --- which files there are ---


def _download(root: Path, progress: Progress) -> None:
    """Fetch both archives into `root`. Raises InputError, naming both, if one cannot be had."""
    try:
        for remote in ARCHIVES:
            fetch(remote, root, progress)
    except UnreachableError as error:
        names = " and ".join(remote.name for remote in ARCHIVES)
        raise InputError(
            f"DIV2K could not be downloaded ({error.reason}); start again with a network (what came is kept in "
            f"{root}), or fetch {names} from {SITE}/ elsewhere and give their folder with --data-dir"
        ) from error


def _find(root: Path) -> Iterator[Copy]:
    """Every official file under the root, which may itself be one of the official folders or archives."""
    if not root.exists():
        raise InputError(f"{root} does not exist; give the folder that holds DIV2K_train_HR, ... with --data-dir")
    places = [root] if root.name.startswith("DIV2K_") else sorted(root.glob("DIV2K_*"))
    for place in places:
        if place.is_dir():
            for path in sorted(place.rglob("*.png")):
                name = path.relative_to(place.parent).as_posix()
                yield from _copy(Source(name, stamp_of(path), path))
        elif place.suffix == ".zip":
            yield from _find_in_zip(place)


def _find_in_zip(path: Path) -> Iterator[Copy]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{path} cannot be read as .zip ({error}); fetch it anew from {SITE}/") from error
    for member in members:
        inner = PurePosixPath(member.filename)
        if inner.is_absolute() or ".." in inner.parts:
            raise InputError(f"{path} is not the official archive: its member {member.filename} would leave its folder")
        yield from _copy(Source(f"{path.name}/{inner}", (member.file_size, member.CRC), path, member.filename))


def _copy(source: Source) -> Iterator[Copy]:
    """Nothing, if the name is not an official one."""
    match = NAME.fullmatch(PurePosixPath(source.name).name)
    if match and 1 <= int(match["scene"]) <= LAST:
        yield Copy(int(match["scene"]), int(match["scale"] or 1), source)


def _largest_copies(copies: Iterable[Copy]) -> list[Copy]:
    """One copy a scene, by scene: so no scene stands twice, or in both splits at different scales."""
    best: dict[int, Copy] = {}
    for copy in copies:
        known = best.get(copy.scene)
        if known is None or copy.scale < known.scale:
            best[copy.scene] = copy
    return [best[scene] for scene in sorted(best)]


# --- what is in them ---


def _decode(source: Source, size: int, resized: bool) -> np.ndarray:
    rgb = _read(source)
    height, width = rgb.shape[:2]
    if min(height, width) < size:
        raise InputError(f"{width} x {height} px, smaller than --size {size}")
    return shrink(rgb, size, max_aspect=None) if resized else rgb


def _read(source: Source) -> np.ndarray:
    if not source.member:
        return read_picture(source.path).rgb
    # A packed picture passes through a file of its own: the archive itself is never unpacked.
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        try:
            with zipfile.ZipFile(source.path) as archive:
                file.write(archive.read(source.member))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise InputError(f"broken in the archive ({error})") from error
        file.flush()
        try:
            return read_picture(file.name).rgb
        except InputError as error:
            raise InputError(str(error).removeprefix(f"{file.name}: ")) from error


def _split(cache: Cache, copies: Sequence[Copy], root: Path, patches: int) -> Pictures:
    copy_of = {copy.source.name: copy for copy in copies}
    kept = [copy_of[name] for name in cache.names]
    official = {f"{copy.scene:04}" for copy in kept if copy.scene >= FIRST_VALIDATION}
    both = 0 < len(official) < len(kept)
    held = official if both else held_out(f"{copy.scene:04}" for copy in kept)
    train = [i for i, copy in enumerate(kept) if f"{copy.scene:04}" not in held]
    validation = [i for i, copy in enumerate(kept) if f"{copy.scene:04}" in held]
    if not kept:
        first = f" ({cache.skipped[0].path}: {cache.skipped[0].reason})" if cache.skipped else ""
        raise InputError(f"no picture of DIV2K under {root} can be used{first}; give another --data-dir")
    scales = Counter("HR" if copy.scale == 1 else f"LR x{copy.scale}" for copy in kept)
    return Pictures(
        train=Split(cache.rows.take(train), tuple(cache.names[i] for i in train), patches=patches),
        validation=Split(cache.rows.take(validation), tuple(cache.names[i] for i in validation), patches=patches),
        description=f"DIV2K: {len(train)} training and {len(validation)} validation pictures "
        f"({', '.join(f'{count} {scale}' for scale, count in sorted(scales.items()))}; "
        f"{'official split' if both else 'validation held out by scene'}), {len(cache.skipped)} left out",
        skipped=cache.skipped,
    )
