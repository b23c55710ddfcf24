import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest

from colorization.errors import InputError
from data_pipelines import Skipped, cache
from data_pipelines.cache import Source, load_or_build

SETTINGS = {"dataset": "test", "size": 4}
SOURCES = [Source(f"{i}.png", (i,), path=None) for i in range(5)]


def picture(source):
    number = int(source.name[0])
    return np.full((4 + number, 6, 3), number, np.uint8)


def build(folder, decode=picture, settings=SETTINGS, sources=SOURCES, picture_bytes=100, **more):
    return load_or_build(folder, settings, sources, decode, picture_bytes, **more)


def refuse(source):
    raise AssertionError(f"{source.name} was decoded again")


def place(folder):
    (found,) = folder.iterdir()
    return found


def test_rows_are_views_of_what_was_decoded(tmp_path):
    built = build(tmp_path)
    assert built.names == tuple(source.name for source in SOURCES)
    for source, row in zip(SOURCES, built.rows, strict=True):
        np.testing.assert_array_equal(row, picture(source))
        assert row.dtype == np.uint8
        assert row.base is not None


def test_taking_some_in_another_order(tmp_path):
    some = build(tmp_path).rows.take([3, 0])
    assert len(some) == 2
    np.testing.assert_array_equal(some[0], picture(SOURCES[3]))
    np.testing.assert_array_equal(some[1], picture(SOURCES[0]))
    assert len(some.take([])) == 0


def test_the_second_time_nothing_is_decoded(tmp_path):
    build(tmp_path)
    np.testing.assert_array_equal(build(tmp_path, refuse).rows[4], picture(SOURCES[4]))


def test_what_was_left_out_is_remembered(tmp_path):
    def decode(source):
        if source.name == "1.png":
            raise InputError("None: too dark")
        return None if source.name == "2.png" else picture(source)

    for again in (decode, refuse):
        built = build(tmp_path, again)
        assert built.skipped == (Skipped("1.png", "too dark"),)
        assert built.names == ("0.png", "3.png", "4.png")
        np.testing.assert_array_equal(built.rows[1], picture(SOURCES[3]))


def test_a_picture_larger_than_the_memory_is_left_out(tmp_path):
    def decode(source):
        raise MemoryError

    assert build(tmp_path, decode).skipped[0] == Skipped("0.png", "does not fit into the memory")


def test_nothing_usable_is_a_cache_too(tmp_path):
    for decode in (lambda source: None, refuse):
        assert len(build(tmp_path, decode).rows) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"settings": SETTINGS | {"size": 5}},
        {"sources": SOURCES[1:]},
        {"sources": [*SOURCES[:4], Source("4.png", (99,), None)]},
    ],
)
def test_other_options_or_files_make_another_cache(tmp_path, change):
    build(tmp_path)
    build(tmp_path, **change)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("index", [None, "", "{", "[]", "{}", '{"bytes": 1}'])
def test_a_half_written_cache_is_built_anew(tmp_path, index):
    build(tmp_path)
    (place(tmp_path) / "pictures.bin").write_bytes(b"rubbish")
    (place(tmp_path) / "index.json").unlink()
    if index is not None:
        (place(tmp_path) / "index.json").write_text(index)
    np.testing.assert_array_equal(build(tmp_path).rows[2], picture(SOURCES[2]))
    build(tmp_path, refuse)


def test_a_truncated_cache_is_built_anew(tmp_path):
    build(tmp_path)
    data = place(tmp_path) / "pictures.bin"
    data.write_bytes(data.read_bytes()[:-1])
    np.testing.assert_array_equal(build(tmp_path).rows[4], picture(SOURCES[4]))


def test_an_interrupted_build_leaves_nothing(tmp_path):
    def interrupt(source):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, interrupt)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_after_a_day(tmp_path):
    for name, age_s in (("old.building", 2 * cache.ABANDONED_S), ("new.building", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pictures.bin").touch()
        for path in (tmp_path / name / "pictures.bin", tmp_path / name):
            os.utime(path, (time.time() - age_s,) * 2)
    build(tmp_path)
    assert [path.name for path in tmp_path.glob("*.building")] == ["new.building"]


def test_a_disk_that_is_too_small_is_found_out_before(tmp_path):
    with pytest.raises(InputError, match=rf"the cache in {tmp_path} needs about 5,000,000,000,000,000 bytes, but"):
        build(tmp_path, refuse, picture_bytes=10**15)


def test_a_disk_that_gets_full(tmp_path, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_flush", full)
    with pytest.raises(InputError, match=r"needs about 500 bytes, but [\d,]+ are free; make room"):
        build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file cannot hold the cache .*; give another --cache-dir"):
        build(tmp_path / "file")


def test_progress_counts_every_source(tmp_path):
    told = []

    @contextmanager
    def progress(title, total, unit):
        told.append((title, total, unit))
        yield told.append

    build(tmp_path, progress=progress)
    assert told == [("decoding", 5, "picture"), 1, 1, 1, 1, 1]


def test_the_slower_of_two_takes_what_the_faster_left(tmp_path):
    def overtaken(source):
        if source is SOURCES[0]:
            build(tmp_path)
        return picture(source)

    built = build(tmp_path, overtaken)
    np.testing.assert_array_equal(built.rows[1], picture(SOURCES[1]))
    assert [path.suffix for path in tmp_path.iterdir()] == [""]


def test_pictures_stay_readable_when_their_cache_is_removed(tmp_path):
    built = build(tmp_path)
    shutil.rmtree(place(tmp_path))
    np.testing.assert_array_equal(built.rows[4], picture(SOURCES[4]))


PROCESS = """
import sys, time, pathlib, numpy
from data_pipelines.cache import Source, load_or_build

def decode(source):
    time.sleep(0.02)
    return numpy.full((4, 4, 3), int(source.name), numpy.uint8)

sources = [Source(str(i), (), None) for i in range(40)]
cache = load_or_build(pathlib.Path(sys.argv[1]), {"dataset": "test"}, sources, decode, 48)
assert [row[0, 0, 0] for row in cache.rows] == list(range(40))
"""


def test_two_processes_may_build_it_at_once(tmp_path, request):
    command = [sys.executable, "-c", PROCESS, str(tmp_path)]
    running = [
        subprocess.Popen(command, cwd=request.config.rootpath, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], errors
    index = json.loads((place(tmp_path) / "index.json").read_text())
    assert index["bytes"] == 40 * 48
