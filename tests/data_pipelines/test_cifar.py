import dataclasses
import io
import pickle
import subprocess
import sys
import tarfile
from urllib.error import URLError

import numpy as np
import pytest

from colorization.config import Cifar10Config, Cifar100Config
from colorization.errors import InputError
from data_pipelines import cifar

CONFIGS = {"cifar10": Cifar10Config, "cifar100": Cifar100Config}


def prepare(data_dir, dataset="cifar10"):
    return cifar.prepare(CONFIGS[dataset](data_dir=str(data_dir)), data_dir)


def pack(folder, path):
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, folder.name)
    return path


@pytest.mark.parametrize("dataset", CONFIGS)
def test_all_four_ways_to_give_it_are_the_same(dataset, tmp_path, write_cifar):
    unpacked = write_cifar(tmp_path, dataset)
    (tmp_path / "packed").mkdir()
    packed = pack(unpacked, tmp_path / "packed" / cifar.ARCHIVES[dataset].remote.name)
    first = prepare(tmp_path, dataset)
    for place in (unpacked, packed, packed.parent):
        other = prepare(place, dataset)
        np.testing.assert_array_equal(other.train.rows, first.train.rows)
        np.testing.assert_array_equal(other.validation.labels, first.validation.labels)
        assert other.classes == first.classes


def test_planes_become_pixels(tmp_path, write_cifar):
    folder = write_cifar(tmp_path, "cifar10", rows=1)
    data = np.arange(3072).reshape(1, 3072) % 251
    batch = {b"data": data.astype(np.uint8), b"labels": [2], b"filenames": [b"bird.png"]}
    (folder / "test_batch").write_bytes(pickle.dumps(batch, protocol=2))
    validation = prepare(tmp_path).validation
    assert validation.rows.shape == (1, 32, 32, 3)
    # Pixel (row 1, column 2): value 34 of each plane of 1024.
    np.testing.assert_array_equal(validation.rows[0, 1, 2], [34 % 251, (1024 + 34) % 251, (2048 + 34) % 251])
    assert validation.names == ("test_batch/bird.png",)
    assert validation.labels.tolist() == [2]


def test_rows_are_counted(tmp_path, write_cifar):
    write_cifar(tmp_path, "cifar10", rows=4)
    assert "20 training and 4 test pictures (the official archive has 50000" in prepare(tmp_path).description


def test_a_missing_batch_is_named(tmp_path, write_cifar):
    folder = write_cifar(tmp_path, "cifar10")
    (folder / "data_batch_3").unlink()
    with pytest.raises(InputError, match="data_batch_3 is missing"):
        prepare(tmp_path)
    packed = pack(folder, tmp_path / "some.tar.gz")
    with pytest.raises(InputError, match="some.tar.gz holds no cifar-10-batches-py/data_batch_3"):
        prepare(packed)


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ({"labels": [0]}, "holds no uint8 rows of 3072"),
        ({"data": np.zeros((1, 3071), np.uint8), "labels": [0]}, "holds no uint8 rows of 3072"),
        ({"data": np.zeros((1, 3072)), "labels": [0]}, "holds no uint8 rows of 3072"),
        ({"data": np.zeros((1, 3072), np.uint8)}, "needs 1 labels in 0..2"),
        ({"data": np.zeros((1, 3072), np.uint8), "labels": [3]}, "needs 1 labels in 0..2"),
        ({"data": np.zeros((2, 3072), np.uint8), "labels": [0]}, "needs 2 labels in 0..2"),
        ({"data": np.zeros((0, 3072), np.uint8), "labels": []}, "holds no picture"),
    ],
)
def test_a_garbled_batch_is_named(batch, reason, tmp_path, write_cifar):
    folder = write_cifar(tmp_path, "cifar10")
    (folder / "data_batch_2").write_bytes(pickle.dumps(batch))
    with pytest.raises(InputError, match=f"data_batch_2 {reason}"):
        prepare(tmp_path)


def test_meta_without_names(tmp_path, write_cifar):
    (write_cifar(tmp_path, "cifar100") / "meta").write_bytes(pickle.dumps({}))
    with pytest.raises(InputError, match="meta has no fine_label_names"):
        prepare(tmp_path, "cifar100")


@pytest.mark.parametrize("name", ["../outside", "cifar-10-batches-py/../../outside"])
def test_a_member_that_would_leave_the_folder(name, tmp_path, write_cifar):
    packed = tmp_path / "evil.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(write_cifar(tmp_path, "cifar10"), "cifar-10-batches-py")
        member = tarfile.TarInfo(name)
        member.size = 3
        tar.addfile(member, io.BytesIO(b"bad"))
    with pytest.raises(InputError, match=r"evil.tar.gz is not the official archive, a member would leave its folder"):
        prepare(packed)


def test_a_link_instead_of_a_batch(tmp_path, write_cifar):
    packed = tmp_path / "evil.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        member = tarfile.TarInfo("cifar-10-batches-py/batches.meta")
        member.type, member.linkname = tarfile.SYMTYPE, "../../etc/passwd"
        tar.addfile(member)
    with pytest.raises(InputError, match="would leave its folder"):
        prepare(packed)


def test_a_half_downloaded_archive(tmp_path, write_cifar):
    packed = pack(write_cifar(tmp_path, "cifar10"), tmp_path / "half.tar.gz")
    packed.write_bytes(packed.read_bytes()[:5000])
    with pytest.raises(InputError, match="half.tar.gz cannot be read as .tar.gz"):
        prepare(packed)


def test_a_folder_without_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"holds neither .* download https://\S+ and give its folder with --data-dir"):
        prepare(tmp_path)


def test_without_a_network_it_says_what_to_download(tmp_path, monkeypatch):
    def fail(request, timeout):
        assert request.full_url == "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", fail)
    with pytest.raises(InputError, match=r"no route to host\); fetch it elsewhere and put it .* with --data-dir"):
        cifar.prepare(Cifar10Config(), tmp_path)


def test_what_was_downloaded_is_read(tmp_path, monkeypatch, write_cifar):
    """A small archive stands for the official one, which lies where `fetch` leaves it."""
    (tmp_path / "cifar").mkdir()
    packed = pack(write_cifar(tmp_path, "cifar10"), tmp_path / "cifar" / "cifar-10-python.tar.gz")
    archive = cifar.ARCHIVES["cifar10"]
    small = dataclasses.replace(archive, remote=dataclasses.replace(archive.remote, size=packed.stat().st_size))
    monkeypatch.setitem(cifar.ARCHIVES, "cifar10", small)
    assert len(cifar.prepare(Cifar10Config(), tmp_path).train) == 20


def test_the_real_pictures(shared_data, tmp_path):
    """The meta files are the official ones; the pixels were compared with them when the pictures were laid out."""
    command = [sys.executable, str(shared_data / "make_cifar10.py"), str(tmp_path), "--cifar100", "--tar"]
    subprocess.run(command, check=True, capture_output=True)
    pictures = prepare(tmp_path / "cifar-100-python.tar.gz", "cifar100")
    assert (len(pictures.train), len(pictures.validation), len(pictures.classes)) == (2000, 500, 100)
    assert pictures.train.names[0] == "train/bos_taurus_s_000507.png"
    assert pictures.classes[pictures.train.labels[0]] == "cattle"
