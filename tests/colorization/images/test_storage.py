"""Files on a disk and at addresses, of the disk and of a store of objects: what is written is read, whole."""

import errno
import os
import secrets
import sys
from pathlib import Path

import pytest

from colorization.errors import InputError
from colorization.images.storage import (
    ADDRESS,
    RemoteFolder,
    called,
    folder_at,
    is_address,
    read,
    resolve,
    split_file,
)


@pytest.fixture(params=["disk", "address", "store of objects"])
def folder(request, tmp_path):
    if request.param == "store of objects":
        return folder_at(request.getfixturevalue("s3")(f"{secrets.token_hex(8)}/folder"))
    if request.param == "address":
        pytest.importorskip("pyarrow")
    return folder_at(str(tmp_path) if request.param == "disk" else f"file://{tmp_path}")


def test_what_is_written_is_read(folder):
    for name in ("a.jpg", "in/deep/ä b?c=d#e%20.jpg", "in/2.jpg"):
        folder.write(name, name.encode())
        assert folder.read(name) == name.encode()
        for opened in (folder.open, folder.stream):
            with opened(name) as file:
                assert file.read() == name.encode()
        assert "?" in name or read(resolve(folder.address, name)) == name.encode()
    assert folder.entries() == (["a.jpg"], ["in"])
    assert folder.entries("in") == (["2.jpg"], ["deep"])
    assert folder.entries("nowhere") == ([], [])
    assert folder.sizes() == {"a.jpg": 5}
    assert folder_at(resolve(folder.address, "nowhere")).sizes() == {}
    folder.write("a.jpg", b"anew")
    assert folder.read("a.jpg") == b"anew"
    folder.delete("a.jpg")
    folder.delete("a.jpg")
    assert folder.entries() == ([], ["in"])


def test_files_have_the_names_of_the_disk(tmp_path):
    pytest.importorskip("pyarrow")
    for address in (str(tmp_path), f"file://{tmp_path}"):
        name = "in/ä b?c=d#e%20.jpg"
        folder_at(address).write(name, address.encode())
        assert (tmp_path / name).read_bytes() == address.encode()


def test_pieces_are_those_of_the_file_as_it_is(folder):
    folder.write("a.tar", b"0123456789")
    assert [folder.read_piece("a.tar", offset, 4) for offset in (3, 0, 8)] == [b"3456", b"0123", b"89"]
    folder.write("a.tar", b"abcdefghij")
    assert folder.read_piece("a.tar", 3, 4) == b"defg"
    folder.delete("a.tar")
    with pytest.raises(FileNotFoundError):
        folder.read_piece("a.tar", 0, 4)


def test_a_large_file_takes_its_place_when_it_is_whole(folder):
    for content in (b"0123456789" * 10**6, b""):
        with folder.writing("in/a.tar") as one, folder.writing("in/a.tar") as other:  # two processes may do so at once
            one.write_bytes(content)
            other.write_bytes(content)
        assert folder.read("in/a.tar") == content
    with pytest.raises(KeyboardInterrupt), folder.writing("in/a.tar") as path:
        path.write_bytes(b"half")
        raise KeyboardInterrupt
    assert folder.read("in/a.tar") == b""
    assert folder.entries("in") == (["a.tar"], [])


@pytest.mark.parametrize("folder", ["disk", "address"], indirect=True)
def test_a_full_disk_leaves_what_was_there(folder, monkeypatch):
    folder.write("a.jpg", b"before")
    put = RemoteFolder._put

    def half_on_disk(path, content):
        with path.open("wb") as file:
            file.write(content[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    def half_at_an_address(folder, path, content):
        put(folder, path, content[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", half_on_disk)
    monkeypatch.setattr(RemoteFolder, "_put", half_at_an_address)
    with pytest.raises(OSError, match="No space left"):
        folder.write("a.jpg", b"after")
    assert folder.read("a.jpg") == b"before"
    assert folder.entries() == (["a.jpg"], [])


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
    folder = folder_at(str(tmp_path))
    for opened in (folder.open, folder.stream, folder.read):
        with pytest.raises(OSError, match="not a file"):
            opened("a.jpg")


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


def test_an_address_of_another_kind_is_told():
    with pytest.raises(InputError, match="^https://a.org/b is no address that pyarrow reads; give a path, s3://, "):
        folder_at("https://a.org/b")


def test_an_address_without_pyarrow_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.fs", None)
    told = r"^s3://nobodys/ needs pyarrow, which is not installed: `pip install '.\[cluster\]'` in the clone$"
    with pytest.raises(InputError, match=told):
        folder_at("s3://nobodys/scans")
