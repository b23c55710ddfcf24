"""Pictures that need not fit on one disk: a folder of them is written once as shards, which are read from anywhere.

Reading keeps the contract of `folder`: the same splits, labels and weights, and the same order for a seed, because any
picture is read by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from colorization.config import FolderConfig, ShardsConfig
from colorization.errors import InputError
from colorization.images.storage import folder_at
from colorization.progress import Progress, silent
from data_pipelines import Pictures, Skipped
from data_pipelines.cache import Source, decoded
from data_pipelines.folder import COLOURLESS, decode, find_pictures, nothing_usable
from data_pipelines.paths import kept, pictures_by_path
from data_pipelines.shard_files import About, encoded, open_shards, write_shards


def prepare(options: ShardsConfig, cache_dir: Path, progress: Progress = silent) -> Pictures:
    """Read shards that `write` wrote; pictures are read when they are asked for. `cache_dir` stays unused.

    Raises:
        InputError: no --data-dir, no shards there, broken ones, or ones of smaller pictures than `options.size`.
    """
    if not options.data_dir:
        raise InputError("--dataset shards needs the folder of the shards, or its address; give it with --data-dir")
    rows, names = open_shards(folder_at(options.data_dir), options.data_dir, options.size, progress)
    if rows.about.size < options.size:
        raise InputError(
            f"{options.data_dir} holds pictures whose shorter side is {rows.about.size} px; give --size "
            f"{rows.about.size} or less"
        )
    places = kept(names, options, options.data_dir)
    names = [names[i] for i in places]
    return pictures_by_path(rows.take(places), names, rows.about.official, options.data_dir, options)


def write(options: FolderConfig, shards: int, address: str, progress: Progress = silent) -> tuple[int, list[Skipped]]:
    """Write the pictures of a folder as so many shards at an address; return how many there are, and what was left out.

    They are decoded, judged and reduced as `folder.prepare` does it, without its cache, a few at a time: the memory
    grows with the names only. A call that was interrupted goes on. Raises InputError if no picture can be used.
    """
    if options.balance or options.weigh:
        raise InputError("--balance and --weigh are for training; give them with --dataset shards")
    root, names, official = find_pictures(options)
    if len(names) < shards:
        raise InputError(f"{root} has {len(names)} files, too few for {shards} shards; give fewer --shards")
    sizes = [(root / name).stat().st_size for name in names]  # a file of the same name may be another picture today
    settings = json.dumps([COLOURLESS, names, sizes]).encode()
    about = About(options.size, shards, official, hashlib.sha256(settings).hexdigest()[:16])
    skipped: list[Skipped] = []

    def pictures(own: Sequence[str]) -> Iterable[tuple[str, bytes | None]]:
        for source, result in decoded([Source(name, (), root / name) for name in own], as_png):
            if isinstance(result, InputError):
                skipped.append(Skipped(source.name, str(result)))
            yield source.name, result if isinstance(result, bytes) else None

    def as_png(source: Source) -> bytes | None:
        rgb = decode(source, options.size)
        return None if rgb is None else encoded(rgb)

    count = write_shards(folder_at(address), about, names, pictures, progress)
    if not count:
        raise nothing_usable(root, len(names), skipped)
    return count, skipped
