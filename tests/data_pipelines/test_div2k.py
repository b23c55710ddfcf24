import dataclasses
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from colorization.config import Div2kConfig
from colorization.errors import InputError
from data_pipelines import check_split, div2k, download


@pytest.fixture
def prepare(tmp_path):
    """prepare(**options) of what lies in tmp_path/div2k."""

    def call(place="div2k", size=32, **options):
        return div2k.prepare(Div2kConfig(data_dir=str(tmp_path / place), size=size, **options), tmp_path / "cache")

    return call


@pytest.fixture
def save(tmp_path, save_photo):
    """save("DIV2K_valid_HR/0801.png", ...) under tmp_path/div2k."""

    def call(*names, height=40, width=48):
        for name in names:
            save_photo(tmp_path / "div2k" / name, height, width, seed=len(name))

    return call


def pack(folder, names, path):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.write(folder / name, name)


def test_the_official_split(save, prepare):
    save("DIV2K_train_HR/0001.png", "DIV2K_train_HR/0800.png", "DIV2K_valid_HR/0801.png")
    pictures = prepare()
    assert pictures.train.names == ("DIV2K_train_HR/0001.png", "DIV2K_train_HR/0800.png")
    assert pictures.validation.names == ("DIV2K_valid_HR/0801.png",)
    assert pictures.description == ("DIV2K: 2 training and 1 validation pictures (3 HR; official split), 0 left out")


def test_every_official_name_of_a_smaller_copy(save, prepare):
    save(
        "DIV2K_train_LR_bicubic/X2/0001x2.png",
        "DIV2K_train_LR_unknown/X3/0002x3.png",
        "DIV2K_train_LR_bicubic/X4/0003x4.png",
        "DIV2K_train_LR_x8/0004x8.png",
        "DIV2K_train_LR_mild/0005x4m.png",
        "DIV2K_train_LR_difficult/0006x4d.png",
        "DIV2K_train_LR_wild/0007x4w1.png",
        "DIV2K_valid_LR_x8/0801x8.png",
    )
    pictures = prepare()
    assert (len(pictures.train), len(pictures.validation)) == (7, 1)
    assert "(1 LR x2, 1 LR x3, 4 LR x4, 2 LR x8; official split)" in pictures.description


def test_a_scene_stands_once_by_its_largest_copy(save, prepare):
    save(
        "DIV2K_train_LR_bicubic/X2/0001x2.png",
        "DIV2K_train_LR_x8/0001x8.png",
        "DIV2K_train_LR_wild/0002x4w1.png",
        "DIV2K_train_LR_wild/0002x4w2.png",
        "DIV2K_valid_HR/0801.png",
        "DIV2K_valid_LR_bicubic/X2/0801x2.png",
    )
    pictures = prepare()
    assert pictures.train.names == ("DIV2K_train_LR_bicubic/X2/0001x2.png", "DIV2K_train_LR_wild/0002x4w1.png")
    assert pictures.validation.names == ("DIV2K_valid_HR/0801.png",)


@pytest.mark.parametrize("first", [1, 801])
def test_with_one_split_validation_is_held_out_of_it(first, save, prepare):
    folder = "DIV2K_train_HR" if first == 1 else "DIV2K_valid_HR"
    save(*(f"{folder}/{scene:04}.png" for scene in range(first, first + 60)))
    pictures = prepare()
    assert 1 <= len(pictures.validation) <= 15
    assert len(pictures.train) == 60 - len(pictures.validation)
    assert "held out by scene" in pictures.description


def test_a_held_out_scene_stays_so_whatever_copy_is_there(save, prepare, tmp_path):
    save(*(f"DIV2K_train_HR/{scene:04}.png" for scene in range(1, 41)))
    whole = {name[-8:-4] for name in prepare().validation.names}
    (tmp_path / "div2k" / "DIV2K_train_HR").rename(tmp_path / "gone")
    save(*(f"DIV2K_train_LR_x8/{scene:04}x8.png" for scene in range(1, 41)))
    assert {name[-10:-6] for name in prepare().validation.names} == whole


def test_other_files_are_passed_over(save, prepare):
    save("DIV2K_valid_HR/0801.png", "DIV2K_valid_HR/0802.png", "DIV2K_valid_HR/0901.png", "DIV2K_valid_HR/0000.png")
    save("DIV2K_valid_HR/cat.png", "DIV2K_valid_HR/0803x5.png", "Flickr2K/000001.png")
    assert "(2 HR;" in prepare().description


def test_packed_or_unpacked_or_one_folder_is_the_same(save, prepare, tmp_path):
    names = [f"DIV2K_valid_HR/{scene:04}.png" for scene in range(801, 806)]
    save(*names)
    (tmp_path / "packed").mkdir()
    pack(tmp_path / "div2k", names, tmp_path / "packed" / "DIV2K_valid_HR.zip")
    first = prepare()
    for place in ("div2k/DIV2K_valid_HR", "packed", "packed/DIV2K_valid_HR.zip"):
        other = prepare(place)
        for row, expected in zip(other.train.rows, first.train.rows, strict=True):
            np.testing.assert_array_equal(row, expected)


def test_resized_keeps_the_aspect_and_patches_the_size(save, prepare):
    save("DIV2K_train_HR/0001.png", "DIV2K_valid_HR/0801.png", height=64, width=96)
    resized = prepare(mode="resized", patches=5)
    assert resized.train.rows[0].shape == (32, 48, 3)
    assert len(resized.train) == 1
    patches = prepare(mode="patches", patches=5)
    assert patches.train.rows[0].shape == (64, 96, 3)
    assert len(patches.train) == 5


def test_broken_and_small_pictures_are_left_out(save, prepare, tmp_path):
    save("DIV2K_train_HR/0001.png", "DIV2K_valid_HR/0801.png")
    save("DIV2K_train_LR_x8/0002x8.png", height=20)
    (tmp_path / "div2k" / "DIV2K_train_HR" / "0003.png").write_bytes(b"")
    skipped = {entry.path: entry.reason for entry in prepare().skipped}
    assert skipped["DIV2K_train_LR_x8/0002x8.png"] == "48 x 20 px, smaller than --size 32"
    assert "empty" in skipped["DIV2K_train_HR/0003.png"]


def test_broken_members_are_left_out(save, prepare, tmp_path):
    names = [f"DIV2K_valid_HR/{scene:04}.png" for scene in range(801, 805)]
    save(*names)
    (tmp_path / "div2k" / names[0]).write_bytes(b"no picture")
    archive = tmp_path / "div2k" / "DIV2K_valid_HR.zip"
    pack(tmp_path / "div2k", names, archive)
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"IDAT", raw.index(b"0802.png")) + 8] ^= 0xFF  # the archive's checksum of 0802 fits no more
    archive.write_bytes(raw)
    pictures = prepare("div2k/DIV2K_valid_HR.zip")
    (text, checksum) = pictures.skipped
    assert text.path == "DIV2K_valid_HR.zip/DIV2K_valid_HR/0801.png" and text.reason.startswith("not a picture")
    assert checksum.path.endswith("0802.png") and checksum.reason.startswith("broken in the archive (Bad CRC-32")
    assert len(pictures.train) + len(pictures.validation) == 2


def test_a_single_picture_cannot_be_split(save, prepare, tmp_path):
    save("DIV2K_valid_HR/0801.png")
    (tmp_path / "div2k" / "DIV2K_valid_HR" / "0802.png").touch()
    with pytest.raises(InputError, match="no picture is left for training: .*1 validation.*0802.png: .*empty"):
        check_split(prepare())


@pytest.mark.parametrize("name", ["../0801.png", "/0801.png", "DIV2K_valid_HR/../../0801.png"])
def test_a_member_that_would_leave_the_folder(name, prepare, tmp_path):
    (tmp_path / "div2k").mkdir()
    with zipfile.ZipFile(tmp_path / "div2k" / "DIV2K_valid_HR.zip", "w") as archive:
        archive.writestr(name, b"bad")
    with pytest.raises(InputError, match="DIV2K_valid_HR.zip is not the official archive: its member .* would leave"):
        prepare()


def test_a_half_downloaded_archive(prepare, tmp_path):
    (tmp_path / "div2k").mkdir()
    (tmp_path / "div2k" / "DIV2K_valid_HR.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match="DIV2K_valid_HR.zip cannot be read as .zip .*; fetch it anew from https://"):
        prepare()


def test_nothing_of_div2k(prepare, tmp_path):
    (tmp_path / "div2k").mkdir()
    with pytest.raises(InputError, match=r"div2k holds nothing of DIV2K .* give its folder with --data-dir"):
        prepare()
    with pytest.raises(InputError, match="nowhere does not exist"):
        prepare("nowhere")


def test_without_a_data_dir_both_archives_are_fetched(save, tmp_path, monkeypatch):
    save("DIV2K_train_HR/0001.png", "DIV2K_valid_HR/0801.png")
    fetched = []

    def fetch(remote, folder, progress):
        fetched.append(remote.url)
        folder.mkdir(parents=True, exist_ok=True)
        stem = remote.name.removesuffix(".zip")
        (name,) = (path.name for path in (tmp_path / "div2k" / stem).iterdir())
        pack(tmp_path / "div2k", [f"{stem}/{name}"], folder / remote.name)

    monkeypatch.setattr(div2k, "fetch", fetch)
    pictures = div2k.prepare(Div2kConfig(size=32), tmp_path / "cache")
    assert fetched == [
        "https://data.vision.ee.ethz.ch/cvl/DIV2K/DIV2K_train_HR.zip",
        "https://data.vision.ee.ethz.ch/cvl/DIV2K/DIV2K_valid_HR.zip",
    ]
    assert pictures.train.names == ("DIV2K_train_HR.zip/DIV2K_train_HR/0001.png",)


def test_without_a_network_both_archives_are_named(tmp_path, monkeypatch):
    nowhere = [dataclasses.replace(remote, url=f"http://127.0.0.1:1/{remote.name}") for remote in div2k.ARCHIVES]
    monkeypatch.setattr(div2k, "ARCHIVES", nowhere)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda folder: SimpleNamespace(free=10**12))
    told = r"DIV2K could not be downloaded \(.*refused.*\).*DIV2K_train_HR.zip and DIV2K_valid_HR.zip from .*--data-dir"
    with pytest.raises(InputError, match=told):
        div2k.prepare(Div2kConfig(size=32), tmp_path)


def test_the_real_pictures(shared_data, tmp_path):
    pictures = div2k.prepare(Div2kConfig(data_dir=str(shared_data / "div2k")), tmp_path)
    assert len(pictures.train) + len(pictures.validation) == 24
    assert "(4 HR, 20 LR x4; validation held out by scene), 0 left out" in pictures.description
