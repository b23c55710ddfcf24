"""Whose file is whose, and for how long."""

import os
import time

import pytest

from colorization.serving.visits import Visits


@pytest.fixture
def visits(tmp_path):
    return Visits(tmp_path / "visits", keep_seconds=600)


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_file_is_its_visitors_alone(visits):
    path = visits.write("one", "cat.png", b"cat")
    assert visits.read("one", path) == b"cat"
    assert not visits.owns("two", path)
    with pytest.raises(FileNotFoundError):
        visits.read("two", path)
    visits.drop("two", [path])
    assert visits.owns("one", f"{path.parent}/../{path.parent.name}/cat.png") is False
    assert path.read_bytes() == b"cat"
    visits.give("two", path)  # who brought the very same picture
    assert visits.read("two", path) == visits.read("one", path) == b"cat"
    visits.drop("one", [path])
    assert not path.exists()


def test_what_was_not_used_for_a_while_is_deleted_with_its_folder(visits):
    old, used, new = (visits.write("one", f"{name}.png", b"") for name in ("old", "used", "new"))
    broken_off = visits.folder / "tmp123"
    broken_off.write_bytes(b"half an upload")
    for path in (old, used, broken_off):
        age(path, 601)
    age(new, 599)
    visits.read("one", used)
    visits.sweep()
    assert [path.exists() for path in (old, used, new, broken_off)] == [False, True, True, False]
    assert [visits.owns("one", path) for path in (old, used, new)] == [False, True, True]
    age(old.parent, 601)  # to delete what was in it was to use it
    visits.sweep()
    assert sorted(visits.folder.iterdir()) == sorted([used.parent, new.parent])


def test_what_is_kept_is_counted(visits):
    before = visits.kept_bytes()
    path = visits.write("one", "a.png", bytes(100_000))
    assert 100_000 <= visits.kept_bytes() - before < 120_000
    visits.drop("one", [path])
    assert visits.kept_bytes() - before < 20_000
