import os

import numpy as np
import pytest
from PIL import Image

from colorization.config import FolderConfig
from colorization.errors import InputError
from data_pipelines import check_split, folder
from data_pipelines.holdout import held_out


@pytest.fixture
def prepare(tmp_path):
    """prepare(size=32) of the pictures in tmp_path/photos."""

    def call(size=32):
        return folder.prepare(FolderConfig(data_dir=str(tmp_path / "photos"), size=size), tmp_path / "cache")

    return call


@pytest.fixture
def photos(tmp_path):
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def every_name(pictures):
    return sorted((*pictures.train.names, *pictures.validation.names))


def test_the_folder_of_a_picture_is_its_label(photos, prepare, save_photo):
    names = [f"{label}/{i}.png" for label in ("cats", "dogs/big", "dogs/small") for i in range(6)]
    for name in names:
        save_photo(photos / name)
    pictures = prepare()
    assert every_name(pictures) == names
    assert pictures.classes == ("cats", "dogs/big", "dogs/small")
    for split in (pictures.train, pictures.validation):
        for name, label in zip(split.names, split.labels, strict=True):
            assert pictures.classes[label] == name.rpartition("/")[0]


def test_one_folder_is_no_label(photos, prepare, save_photo):
    for i in range(3):
        save_photo(photos / f"{i}.png")
    pictures = prepare()
    assert pictures.classes == ()
    assert pictures.train.labels is None


def test_what_lies_in_the_root_beside_folders(photos, prepare, save_photo):
    for name in ("a.png", "b.png", "cats/c.png"):
        save_photo(photos / name)
    assert prepare().classes == (".", "cats")


def test_the_split_is_by_path(photos, prepare, save_photo):
    names = [f"{i}.png" for i in range(40)]
    for name in names:
        save_photo(photos / name)
    assert set(prepare().validation.names) == held_out(names)


def test_train_and_val_are_respected(photos, prepare, save_photo):
    for name in ("train/cats/a.png", "train/dogs/b.png", "train/dogs/c.png", "val/cats/d.png", "other/e.png"):
        save_photo(photos / name)
    pictures = prepare()
    assert pictures.train.names == ("train/cats/a.png", "train/dogs/b.png", "train/dogs/c.png")
    assert pictures.validation.names == ("val/cats/d.png",)
    assert pictures.classes == ("cats", "dogs")
    assert pictures.train.labels.tolist() == [0, 1, 1]


def test_train_alone_is_a_label(photos, prepare, save_photo):
    for name in ("train/a.png", "train/b.png", "c.png"):
        save_photo(photos / name)
    assert prepare().classes == (".", "train")


def test_pictures_are_shrunk_to_the_size_and_never_squeezed(photos, prepare, save_photo):
    save_photo(photos / "a.png", 64, 96)
    save_photo(photos / "b.png", 320, 32)  # a panorama keeps its length: crops are cut from it
    pictures = prepare(32)
    rows = dict(zip(pictures.train.names, pictures.train.rows, strict=True))
    rows |= dict(zip(pictures.validation.names, pictures.validation.rows, strict=True))
    assert rows["a.png"].shape == (32, 48, 3)
    assert rows["b.png"].shape == (320, 32, 3)


def test_what_is_left_out_and_why(photos, prepare, save_photo, photo):
    for i in range(2):
        save_photo(photos / f"good{i}.png")
    save_photo(photos / "small.png", 31, 50)
    grey = photo(40, 40)[..., :1].repeat(3, axis=-1)
    Image.fromarray(grey).save(photos / "grey.jpg")
    (photos / "empty.jpg").touch()
    (photos / "cut.png").write_bytes((photos / "good0.png").read_bytes()[:200])
    pictures = prepare()
    reasons = {entry.path: entry.reason for entry in pictures.skipped}
    assert list(reasons) == ["cut.png", "empty.jpg", "grey.jpg", "small.png"]
    assert reasons["small.png"] == "50 x 31 px, smaller than --size 32"
    assert reasons["grey.jpg"] == "colourless: mean chroma 0.00, below 2.0"
    assert not any("\n" in reason or str(photos) in reason for reason in reasons.values())
    assert "4 left out" in pictures.description


def test_mean_chroma_of_pure_red():
    red = np.full((5, 5, 3), (255, 0, 0), np.uint8)
    assert float(folder.mean_chroma(red)) == pytest.approx(104.55, abs=0.01)  # Lindbloom: hypot(80.0925, 67.2032)


def test_noise_of_a_grey_jpeg_counts_as_colourless(photos, prepare, save_photo):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 1), np.uint8).repeat(3, axis=-1)
    Image.fromarray(noise).save(photos / "grey.jpg", quality=50)
    for i in range(2):
        save_photo(photos / f"{i}.png")
    assert [entry.path for entry in prepare().skipped] == ["grey.jpg"]


def test_hidden_files_and_other_files_are_passed_over(photos, prepare, save_photo):
    for name in ("a.png", "b.png", ".hidden.png", ".cache/c.png"):
        save_photo(photos / name)
    (photos / "notes.txt").write_text("two pictures")
    pictures = prepare()
    assert every_name(pictures) == ["a.png", "b.png"]
    assert pictures.skipped == ()


def test_content_counts_not_the_ending(photos, prepare, save_photo):
    save_photo(photos / "a.png").rename(photos / "a")
    save_photo(photos / "b.png").rename(photos / "b.dat")
    assert every_name(prepare()) == ["a", "b.dat"]


def test_links_that_loop_and_pictures_linked_twice(photos, prepare, save_photo):
    for name in ("a/1.png", "a/2.png"):
        save_photo(photos / name)
    (photos / "a" / "up").symlink_to(photos, target_is_directory=True)
    (photos / "b").symlink_to("a", target_is_directory=True)
    (photos / "copy.png").symlink_to("a/1.png")
    (photos / "dangling.png").symlink_to("nowhere.png")
    (photos / "itself").symlink_to("itself")
    pictures = prepare()
    assert len(every_name(pictures)) == 2


def test_a_linked_folder_outside_is_read(photos, prepare, save_photo, tmp_path):
    for name in ("1.png", "2.png"):
        save_photo(tmp_path / "elsewhere" / name)
    (photos / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert every_name(prepare()) == ["linked/1.png", "linked/2.png"]


def test_a_changed_picture_is_read_anew(photos, prepare, save_photo):
    for i in range(2):
        save_photo(photos / f"{i}.png", seed=i)
    first = prepare()
    changed = photos / first.train.names[0]
    save_photo(changed, seed=9)
    os.utime(changed, ns=(1, 1))
    assert not np.array_equal(prepare().train.rows[0], first.train.rows[0])


def test_a_picture_of_the_same_size_and_time_is_read_anew(photos, prepare):
    random = np.random.default_rng(0)
    for i in range(2):
        Image.fromarray(random.integers(0, 256, (40, 40, 3), np.uint8)).save(photos / f"{i}.bmp")
    first = prepare()
    changed = photos / first.train.names[0]
    before = changed.stat()
    Image.fromarray(random.integers(0, 256, (40, 40, 3), np.uint8)).save(changed)
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert changed.stat().st_size == before.st_size
    assert not np.array_equal(prepare().train.rows[0], first.train.rows[0])


def test_nothing_usable(photos, prepare):
    for i in range(3):
        (photos / f"{i}.jpg").touch()
    with pytest.raises(
        InputError, match=r"no picture under .*photos can be used \(3 files looked at; 0.jpg: empty file"
    ):
        prepare()


def test_an_empty_folder(photos, prepare):
    with pytest.raises(InputError, match=r"photos can be used \(0 files looked at\); give another folder with --data-"):
        prepare()


def test_a_single_picture_cannot_be_split(photos, prepare, save_photo):
    save_photo(photos / "a.png")
    assert prepare().validation.names == ("a.png",)
    with pytest.raises(InputError, match=r"no picture is left for training: .*0 training and 1 validation"):
        check_split(prepare())


def test_an_empty_val(photos, prepare, save_photo):
    save_photo(photos / "train" / "a.png")
    (photos / "val").mkdir()
    with pytest.raises(InputError, match="no picture is left for validation"):
        check_split(prepare())


def test_a_folder_of_grey_pictures_is_told_so(photos, prepare, photo):
    for i in range(2):
        Image.fromarray(photo(40, 40)[..., :1].repeat(3, axis=-1)).save(photos / f"{i}.png")
    with pytest.raises(InputError, match="all 2 pictures under .*photos are colourless"):
        prepare()


@pytest.mark.parametrize(("given", "reason"), [("", "needs the folder"), ("/no/such/folder", "is no folder")])
def test_no_folder(given, reason, tmp_path):
    with pytest.raises(InputError, match=f"{reason}.*--data-dir"):
        folder.prepare(FolderConfig(data_dir=given), tmp_path)


def test_real_photographs(shared_data, tmp_path):
    pictures = folder.prepare(FolderConfig(data_dir=str(shared_data / "bsds500"), size=64), tmp_path)
    assert len(pictures.train) + len(pictures.validation) == 100
    assert pictures.skipped == ()
