"""Pictures in shards: a few large tar files, in WebDataset's layout, that every tar and WebDataset reads.

    shards.json                       what they are; written first
    pictures-00000-of-00064.tar       <key>.png and <key>.json, {"name": "cats/1.jpg"}, one after the other
    index.npz                         where each picture lies in which shard; written last, made again if it is missing

With the index any picture is read by one read of its bytes, so the order of training needs no shuffled window: it is
that of a folder, a function of (seed, epoch).
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from colorization.errors import InputError
from colorization.images.opening import BROKEN
from colorization.images.resize import shrink
from colorization.images.storage import UNFINISHED, Folder
from colorization.progress import Progress, silent

FORMAT = 1  # raise when the files change
ABOUT, INDEX = "shards.json", "index.npz"
END = 2 * tarfile.BLOCKSIZE  # zeros that a whole tar ends with


@dataclass(frozen=True)
class About:
    """What shards.json says. size: shorter side, px. official: names begin with train/ or val/, the splits."""

    size: int
    shards: int
    official: bool
    key: str  # of the names and settings that they were made from
    format: int = FORMAT

    def shard_name(self, number: int) -> str:
        return f"pictures-{number:05}-of-{self.shards:05}.tar"


@dataclass(frozen=True)
class Entries:
    """Where pictures lie in one shard: name, offset and size in bytes, of each."""

    names: tuple[str, ...]
    offsets: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True, eq=False)
class ShardedPictures(Sequence):
    """Pictures that are read and decoded when they are asked for: rows[i] is uint8 (height, width, 3).

    side: their shorter side, px; larger ones are reduced.
    """

    folder: Folder
    about: About
    shards: np.ndarray
    offsets: np.ndarray
    sizes: np.ndarray
    side: int

    def __len__(self) -> int:
        return len(self.shards)

    def __getitem__(self, index: int) -> np.ndarray:
        shard, offset, size = (
            self.about.shard_name(self.shards[index]),
            int(self.offsets[index]),
            int(self.sizes[index]),
        )
        content = self.folder.read_piece(shard, offset, size)
        try:
            with Image.open(io.BytesIO(content)) as image:
                rgb = np.asarray(image.convert("RGB"))
        except BROKEN as error:
            raise InputError(
                f"{shard} is broken at byte {offset:,} ({error}); copy it again, or delete it and prepare it again"
            ) from error
        return rgb if min(rgb.shape[:2]) == self.side else shrink(rgb, self.side, max_aspect=None)

    def take(self, chosen: Sequence[int]) -> ShardedPictures:
        """Return the pictures at these places, in this order; nothing is read."""
        chosen = np.asarray(chosen, np.int64)
        places = (self.shards[chosen], self.offsets[chosen], self.sizes[chosen])
        return ShardedPictures(self.folder, self.about, *places, self.side)


def encoded(rgb: np.ndarray) -> bytes:
    """Return a picture, uint8 (H, W, 3), as PNG: not a pixel is lost."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return file.getvalue()


def write_shard(path, number: int, pictures: Iterable[tuple[str, bytes]]) -> Entries:
    """Write the tar `path` of (name, PNG) pairs; the same pairs give the same bytes. number: of the shard."""
    names, offsets, sizes = [], [], []
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, png in pictures:
            key = f"{number:05}-{len(names):07}"
            names.append(name)
            offsets.append(tar.offset + tarfile.BLOCKSIZE)
            sizes.append(len(png))
            _add(tar, f"{key}.png", png)
            _add(tar, f"{key}.json", json.dumps({"name": name}).encode())
    return Entries(tuple(names), np.array(offsets, np.int64), np.array(sizes, np.int64))


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def scan(folder: Folder, shard: str, size: int) -> Entries:
    """Find the pictures of a shard, `size` bytes in all. Raises InputError if it is no tar, or not a whole one."""
    names, offsets, sizes, end = [], [], [], 0
    try:
        with folder.stream(shard) as file, tarfile.open(fileobj=file, mode="r:" if file.seekable() else "r|") as tar:
            for member in tar:
                end = member.offset_data + -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
                if member.name.endswith(".png"):
                    offsets.append(member.offset_data)
                    sizes.append(member.size)
                elif member.name.endswith(".json"):
                    names.append(json.load(tar.extractfile(member))["name"])
                tar.members = []  # it remembers every member, which takes memory
    except (tarfile.TarError, ValueError, LookupError, TypeError) as error:
        raise InputError(
            f"{shard} is no whole shard ({error}); copy it again, or delete it and prepare it again"
        ) from error
    # tarfile takes a broken header for the end, too: only zeros are one
    is_whole = size >= end + END and not any(folder.read_piece(shard, end, END))
    if not is_whole or len(names) != len(offsets):
        raise InputError(
            f"{shard} is truncated or broken: of {size:,} bytes {end:,} can be read; copy it again, or delete it and "
            "prepare it again"
        )
    return Entries(tuple(names), np.array(offsets, np.int64), np.array(sizes, np.int64))


def write_index(folder: Folder, about: About, entries: Sequence[Entries]) -> None:
    """Write the index of all shards, with the size of each file, by which a later change is seen."""
    files = folder.sizes()
    names = "\0".join(name for each in entries for name in each.names).encode("utf-8", "surrogateescape")
    with folder.writing(INDEX) as path, path.open("wb") as file:
        np.savez(
            file,
            bytes=np.array([files[about.shard_name(i)] for i in range(about.shards)], np.int64),
            counts=np.array([len(each.names) for each in entries], np.int64),
            offsets=np.concatenate([each.offsets for each in entries]),
            sizes=np.concatenate([each.sizes for each in entries]),
            names=np.frombuffer(names, np.uint8),
        )


def write_shards(
    folder: Folder,
    about: About,
    names: Sequence[str],
    pictures: Callable[[Sequence[str]], Iterable[tuple[str, bytes | None]]],
    progress: Progress = silent,
) -> int:
    """Write the shards of pictures, each of an equal part of the names, and their index; return how many pictures.

    Shards that an earlier call has written stay; it may have been interrupted at any moment. Raises InputError if the
    folder holds shards of others.

    pictures: some names -> in their order each with its PNG, or None for what is left out.
    """
    _check_about(folder, about)
    there, entries = folder.sizes(), []
    for left in (name for name in there if name.endswith(UNFINISHED)):  # by a call that was killed
        folder.delete(left)
    with progress("writing shards", len(names), "picture") as advance:
        for number in range(about.shards):
            shard = about.shard_name(number)
            own = names[len(names) * number // about.shards : len(names) * (number + 1) // about.shards]
            if shard in there:
                entries.append(scan(folder, shard, there[shard]))
                advance(len(own))
                continue
            with folder.writing(shard) as path:
                entries.append(write_shard(path, number, _usable(pictures(own), advance)))
    write_index(folder, about, entries)
    return sum(len(each.names) for each in entries)


def _usable(pictures: Iterable[tuple[str, bytes | None]], advance: Callable[[int], None]):
    for name, png in pictures:
        advance(1)
        if png is not None:
            yield name, png


def _check_about(folder: Folder, about: About) -> None:
    """Write shards.json, or raise InputError if there is one of other pictures."""
    if ABOUT not in folder.sizes():
        with folder.writing(ABOUT) as path:
            path.write_text(json.dumps(about.__dict__) + "\n")
    elif read_about(folder) != about:
        raise InputError("the folder of --output holds shards of other pictures or settings; give another --output")


def read_about(folder: Folder) -> About:
    """Read shards.json. Raises InputError if it is of another version of this program."""
    try:
        return About(**json.loads(folder.read(ABOUT)))
    except (ValueError, TypeError) as error:
        raise InputError(f"{ABOUT} was written by another version of this program ({error}); prepare anew") from error


def open_shards(folder: Folder, address: str, side: int, progress: Progress = silent) -> tuple[ShardedPictures, tuple]:
    """Return all pictures of the shards in a folder, and their names. Raises InputError unless all shards are whole."""
    files = folder.sizes()
    if ABOUT not in files:
        raise InputError(f"{address} holds no shards; `prepare --shards N --output {address}` writes some")
    about = read_about(folder)
    missing = [name for name in map(about.shard_name, range(about.shards)) if name not in files]
    if missing:
        raise InputError(
            f"{address} lacks {missing[0]} and {len(missing) - 1} more of {about.shards} shards; copy them, or call "
            "`prepare --shards` again, which goes on"
        )
    if INDEX not in files:
        _index_anew(folder, about, files, progress)
    return _from_index(folder, about, files, address, side)


def _index_anew(folder: Folder, about: About, files: dict[str, int], progress: Progress) -> None:
    entries = []
    with progress("indexing shards", about.shards, "shard") as advance:
        for name in map(about.shard_name, range(about.shards)):
            entries.append(scan(folder, name, files[name]))
            advance(1)
    write_index(folder, about, entries)


def _from_index(folder: Folder, about: About, files: dict[str, int], address: str, side: int):
    try:
        with np.load(io.BytesIO(folder.read(INDEX))) as index:
            bytes_of, counts, offsets, sizes, names = (
                index[name] for name in ("bytes", "counts", "offsets", "sizes", "names")
            )
    except (*BROKEN, zipfile.BadZipFile) as error:
        raise InputError(f"{INDEX} in {address} is broken ({error}); delete it, and it is made again") from error
    for number, size in enumerate(bytes_of):
        shard = about.shard_name(number)
        if files[shard] != size:
            raise InputError(
                f"{shard} has {files[shard]:,} bytes, its index says {size:,}; copy it again, or delete {INDEX}, and "
                "it is made again"
            )
    text = names.tobytes().decode("utf-8", "surrogateescape")
    shards = np.repeat(np.arange(about.shards), counts)
    rows = ShardedPictures(folder, about, shards, offsets, sizes, side)
    return rows, tuple(text.split("\0")) if len(offsets) else ()
