"""Shards: the pictures of a folder, the same splits, the same batches; what is broken is told in one line."""

import io
import json
import os
import tarfile

import numpy as np
import pytest
from PIL import Image

from colorization.config import FolderConfig, ShardsConfig
from colorization.errors import InputError
from colorization.images.storage import LocalFolder, folder_at
from data_pipelines import folder, shard_files, shards
from data_pipelines.batches import training_batches

SHARDS = [f"pictures-0000{i}-of-00003.tar" for i in range(3)]


@pytest.fixture
def photos(tmp_path, save_photo):
    """24 pictures of two labels, one that is too small, one file that is no picture."""
    for i in range(24):
        save_photo(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", 40 + i, 60 - i, seed=i)
    save_photo(tmp_path / "photos" / "small.png", 20, 20)
    (tmp_path / "photos" / "notes.txt").write_text("pictures")
    return FolderConfig(data_dir=str(tmp_path / "photos"), size=32)


@pytest.fixture
def written(tmp_path, photos):
    shards.write(photos, 3, str(tmp_path / "shards"))
    return tmp_path / "shards"


def read(place, **options):
    return shards.prepare(ShardsConfig(data_dir=str(place), **{"size": 32} | options), place / "unused")


def files(place):
    return {file.name: file.read_bytes() for file in place.iterdir()}


def test_they_are_the_pictures_of_the_folder(tmp_path, photos, written):
    expected, got = folder.prepare(photos, tmp_path / "cache"), read(written)
    assert got.classes == expected.classes == ("cats", "dogs")
    for one, other in ((expected.train, got.train), (expected.validation, got.validation)):
        assert one.names == other.names
        np.testing.assert_array_equal(one.labels, other.labels)
        for row, again in zip(one.rows, other.rows, strict=True):
            np.testing.assert_array_equal(row, again)


def test_training_sees_them_in_the_order_of_the_folder_from_any_epoch_on(tmp_path, photos, written):
    expected, got = folder.prepare(photos, tmp_path / "cache").train, read(written).train
    for epoch in (0, 3):
        pairs = zip(*(training_batches(each, 32, 4, 7, epoch).take(8) for each in (expected, got)), strict=True)
        for one, other in pairs:
            np.testing.assert_array_equal(one["ab"], other["ab"])


def test_official_splits_and_options_of_names_are_kept(tmp_path, save_photo):
    for i in range(6):
        save_photo(tmp_path / "photos" / ("val" if i == 3 else "train") / "ab"[i % 2] / f"{i}.png", seed=i)
    shards.write(FolderConfig(data_dir=str(tmp_path / "photos"), size=32), 2, str(tmp_path / "shards"))
    pictures = read(tmp_path / "shards", leave_out=("5",), weigh=("2=3",))
    assert pictures.train.names == ("train/a/0.png", "train/a/2.png", "train/a/4.png", "train/b/1.png")
    assert pictures.validation.names == ("val/b/3.png",)
    assert pictures.train.weights.tolist() == [1, 3, 1, 1]
    with pytest.raises(InputError, match="begins with 'owls'; mend --leave-out or --weigh"):
        read(tmp_path / "shards", leave_out=("owls",))


def test_smaller_ones_are_made_of_them_and_larger_ones_are_refused(written):
    assert {min(row.shape[:2]) for row in read(written, size=16).train.rows} == {16}
    with pytest.raises(InputError, match="whose shorter side is 32 px; give --size 32 or less"):
        read(written, size=48)


def test_every_tar_opens_them(written):
    """As WebDataset groups them: by the name up to the first dot."""
    names = []
    for shard in sorted(written.glob("*.tar")):
        with tarfile.open(shard) as tar:
            members = {member.name: tar.extractfile(member).read() for member in tar}
        keys = {name.partition(".")[0] for name in members}
        assert set(members) == {f"{key}.{ending}" for key in keys for ending in ("png", "json")}
        names += [json.loads(members[f"{key}.json"])["name"] for key in sorted(keys)]
        assert all(min(Image.open(io.BytesIO(members[f"{key}.png"])).size) == 32 for key in keys)
    assert len(names) == len(set(names)) == 24


def test_names_of_any_bytes(tmp_path, save_photo):
    odd = os.fsdecode(b"caf\xe9")
    for i in range(3):
        save_photo(tmp_path / "photos" / odd / f"{i}.png", seed=i)
    shards.write(FolderConfig(data_dir=str(tmp_path / "photos"), size=32), 1, str(tmp_path / "shards"))
    pictures = read(tmp_path / "shards")
    assert {name.rpartition("/")[0] for name in (*pictures.train.names, *pictures.validation.names)} == {odd}
    (tmp_path / "shards" / "index.npz").unlink()
    assert read(tmp_path / "shards").train.names == pictures.train.names


def test_a_missing_index_is_made_again_as_it_was(written):
    before = files(written)
    (written / "index.npz").unlink()
    read(written)
    assert files(written) == before


def test_an_interrupted_call_goes_on_and_writes_the_same(tmp_path, photos, written, monkeypatch):
    expected, count = files(written), 0

    def full(*given):
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return write_shard(*given)

    write_shard = shard_files.write_shard
    monkeypatch.setattr(shard_files, "write_shard", full)
    again = tmp_path / "again"
    with pytest.raises(KeyboardInterrupt):
        shards.write(photos, 3, str(again))
    assert {file.name for file in again.iterdir()} == {"shards.json", "pictures-00000-of-00003.tar"}
    (again / ".0123456789abcdef.part").write_bytes(b"left by a kill")
    with pytest.raises(InputError, match=r"lacks pictures-00001-of-00003.tar and 1 more of 3 shards; .* goes on"):
        read(again)
    shards.write(photos, 3, str(again))
    assert count == 4  # the first shard was not written again
    assert files(again) == expected


@pytest.mark.parametrize("change", ["a new picture", "another of the same name"])
def test_shards_of_other_pictures_are_not_written_over(tmp_path, photos, written, save_photo, change):
    first = next(path for path in sorted((tmp_path / "photos").rglob("*")) if path.is_file())
    changed = tmp_path / "photos" / "new.png" if change == "a new picture" else first
    save_photo(tmp_path / "other.png")
    (tmp_path / "other.png").rename(changed)
    with pytest.raises(InputError, match="holds shards of other pictures or settings; give another --output"):
        shards.write(photos, 3, str(written))


def cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def spoil(file):
    """Change a byte in the middle of the first picture."""
    content = bytearray(file.read_bytes())
    content[700] ^= 255
    file.write_bytes(content)


HARMS = {  # what is done to the folder of shards, and what is said then
    "no shards": (lambda place: (place / "shards.json").unlink(), "shards holds no shards; `prepare --shards N"),
    "other version": (lambda place: (place / "shards.json").write_text("{"), "shards.json was written by another ver"),
    "a shard is missing": (lambda place: (place / SHARDS[1]).unlink(), f"lacks {SHARDS[1]} and 0 more of 3 shards"),
    "truncated": (lambda place: cut(place / SHARDS[1]), f"{SHARDS[1]} has .* bytes, its index says .*; copy it again"),
    "index": (lambda place: cut(place / "index.npz"), "index.npz in .*shards is broken .*; delete it, and it is made"),
    "truncated, no index": (
        lambda place: [cut(place / SHARDS[2]), (place / "index.npz").unlink()],
        f"{SHARDS[2]} is (no whole shard|truncated or broken).*; copy it again",
    ),
    "a picture": (lambda place: spoil(place / SHARDS[0]), f"{SHARDS[0]} is broken at byte 512 .*; copy it again"),
}


@pytest.mark.parametrize(("harm", "reason"), HARMS.values(), ids=HARMS)
def test_what_is_broken_is_told_in_one_line(written, harm, reason):
    harm(written)
    with pytest.raises(InputError, match=reason) as told:
        pictures = read(written)
        for row in (*pictures.train.rows, *pictures.validation.rows):
            assert row.ndim == 3
    assert "\n" not in str(told.value)


def test_a_shard_that_ends_between_two_pictures_is_truncated(written):
    shard = written / "pictures-00000-of-00003.tar"
    with tarfile.open(shard) as tar:
        end = tar.getmembers()[4].offset
    shard.write_bytes(shard.read_bytes()[:end])
    (written / "index.npz").unlink()
    with pytest.raises(InputError, match="pictures-00000-of-00003.tar is truncated or broken: of .* bytes"):
        read(written)


def test_a_broken_header_between_two_pictures_is_no_end(written):
    shard = written / "pictures-00000-of-00003.tar"
    with tarfile.open(shard) as tar:
        header = tar.getmembers()[4].offset
    content = bytearray(shard.read_bytes())
    content[header] ^= 255
    shard.write_bytes(content)
    (written / "index.npz").unlink()
    with pytest.raises(InputError, match="pictures-00000-of-00003.tar is truncated or broken: of .* bytes"):
        read(written)


@pytest.mark.parametrize(
    ("options", "count", "reason"),
    [
        ({"data_dir": ""}, 1, "needs the folder of pictures"),
        ({"balance": 1.0}, 1, "--balance and --weigh are for training"),
        ({}, 99, "has 26 files, too few for 99 shards"),
        ({"size": 500}, 1, "no picture under .* can be used"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path, photos, options, count, reason):
    given = FolderConfig(**{"data_dir": photos.data_dir, "size": 32} | options)
    with pytest.raises(InputError, match=reason):
        shards.write(given, count, str(tmp_path / "shards"))


def test_a_folder_that_is_not_there_and_no_folder(tmp_path):
    with pytest.raises(InputError, match="nowhere holds no shards"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="--dataset shards needs the folder of the shards"):
        shards.prepare(ShardsConfig(), tmp_path)


def test_thousands_of_pictures_are_read_without_holding_them(tmp_path):
    """Rows are read when they are asked for: what a picture decodes to is not kept."""
    png = shard_files.encoded(np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3))
    names = [f"{i % 10}/{i}.png" for i in range(5000)]
    place = LocalFolder(str(tmp_path))
    about = shard_files.About(size=32, shards=7, official=False, key="")
    assert shard_files.write_shards(place, about, names, lambda own: ((name, png) for name in own)) == 5000
    pictures = read(tmp_path)
    assert len(pictures.train) + len(pictures.validation) == 5000
    first = pictures.train.rows[0]
    assert first is not pictures.train.rows[0]
    assert pictures.train.labels.tolist() == [int(name.partition("/")[0]) for name in pictures.train.names]


def test_in_a_store_of_objects_they_are_the_same(tmp_path, photos, written, s3):
    address = s3("pictures/shards")
    shards.write(photos, 3, address)
    remote = folder_at(address)
    assert {name: remote.read(name) for name in remote.sizes()} == files(written)
    one, other = read(written), shards.prepare(ShardsConfig(data_dir=address, size=32), tmp_path)
    assert one.train.names == other.train.names
    for row, again in zip(one.train.rows, other.train.rows, strict=True):
        np.testing.assert_array_equal(row, again)
    remote.delete("index.npz")
    assert shards.prepare(ShardsConfig(data_dir=address, size=32), tmp_path).train.names == one.train.names
