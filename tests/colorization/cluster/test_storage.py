"""Files on a disk and at an address: what is written is read, whole; addresses by pyarrow's own local file system."""

import errno
import os
from pathlib import Path

import pytest

from colorization.cluster.storage import ADDRESS, called, folder_at, is_address, read, resolve, split_file
from colorization.errors import InputError


@pytest.fixture(params=["disk", "address"])
def folder(request, tmp_path):
    if request.param == "address":
        pytest.importorskip("pyarrow")
    return folder_at(str(tmp_path) if request.param == "disk" else f"file://{tmp_path}")


def test_what_is_written_is_read(folder, tmp_path):
    for name in ("a.jpg", "in/deep/ä b?c=d#e%20.jpg", "in/2.jpg"):
        folder.write(name, name.encode())
        assert (tmp_path / name).read_bytes() == name.encode()
        with folder.open(name) as file:
            assert file.read() == name.encode()
        assert "?" in name or read(resolve(folder.address, name)) == name.encode()
    assert folder.entries() == (["a.jpg"], ["in"])
    assert folder.entries("in") == (["2.jpg"], ["deep"])
    assert folder.entries("nowhere") == ([], [])
    folder.write("a.jpg", b"anew")
    assert read(resolve(folder.address, "a.jpg")) == b"anew"
    folder.delete("a.jpg")
    folder.delete("a.jpg")
    assert folder.entries() == ([], ["in"])


def test_a_full_disk_leaves_what_was_there(folder, monkeypatch):
    folder.write("a.jpg", b"before")
    monkeypatch.setattr("os.fsync", fail)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    if "://" in folder.address:
        monkeypatch.setattr(type(folder), "_put", fail)
    with pytest.raises(OSError, match="No space left"):
        folder.write("a.jpg", b"after")
    assert read(resolve(folder.address, "a.jpg")) == b"before"
    assert folder.entries() == (["a.jpg"], [])


def fail(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_files_and_folders_are_told_apart(folder):
    folder.write("in/a.jpg", b"")
    file, inner, none = (folder_at(resolve(folder.address, name)) for name in ("in/a.jpg", "in", "none"))
    assert [each.is_file() for each in (file, inner, none)] == [True, False, False]
    assert [each.is_there() for each in (file, inner, none)] == [True, True, False]


def test_a_file_that_is_not_there_is_an_oserror(folder):
    with pytest.raises(FileNotFoundError):
        read(resolve(folder.address, "none.jpg"))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(OSError, match="not a file"):
        read(str(tmp_path / "a.jpg"))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("s3://bucket", ("s3", "bucket", "", None)),
        ("s3://bucket/", ("s3", "bucket", "", None)),
        ("s3://bucket/in/a b.jpg", ("s3", "bucket", "in/a b.jpg", None)),
        ("s3://bucket/in?region=eu-west-1", ("s3", "bucket", "in", "?region=eu-west-1")),
        ("s3://bucket/who?.jpg", ("s3", "bucket", "who?.jpg", None)),
        ("hdfs://name:8020/scans", ("hdfs", "name:8020", "scans", None)),
        ("file:///tmp/x", ("file", "", "tmp/x", None)),
    ],
)
def test_addresses_have_parts(word, parts):
    assert is_address(word)
    assert ADDRESS.fullmatch(word).groups() == parts


@pytest.mark.parametrize("word", ["a.jpg", "C:/scans", "https://a.org/b.jpg", "s3:/bucket", "", "data:image/png"])
def test_other_words_are_no_addresses(word):
    assert not is_address(word)


def test_paths_are_relative_to_folders():
    assert resolve("s3://bucket/in?region=x", "a/b.jpg") == "s3://bucket/in/a/b.jpg?region=x"
    assert resolve("s3://bucket", "a.jpg") == "s3://bucket/a.jpg"
    assert resolve("s3://bucket/in", "gs://other/a.jpg") == "gs://other/a.jpg"
    assert resolve("in", "a.jpg") == str(Path("in/a.jpg"))
    assert resolve("in", "/a.jpg") == "/a.jpg"
    assert called("s3://bucket/in/a.jpg?region=x") == "s3://bucket/in/a.jpg"
    folder, name = split_file("scans/a.jpg")
    assert (folder.address, name) == ("scans", "a.jpg")


def test_an_address_that_cannot_be_reached_is_told():
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="^hdfs://nowhere:1/: "):
        folder_at("hdfs://nowhere:1/scans")
