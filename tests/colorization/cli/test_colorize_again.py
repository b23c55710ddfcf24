"""`colorize` called again: what is done already, and the report that goes on."""

import csv
import os
import resource
from pathlib import Path

import pytest
from PIL import Image

from colorization.cli.record import NAME
from colorization.cli.report import Report
from colorization.errors import InputError
from colorization.painting.job import Outcome
from tests.colorization.cli.colorize_command import colorized, grey, read, written

pytestmark = pytest.mark.usefixtures("warm_model")


def test_existing_output_is_done_and_skipped():
    grey("a.png")
    grey("b.png")
    colorized("a.png")
    Path("out/a.png").write_bytes(b"precious")
    status, console = colorized("a.png", "b.png")
    assert status == 0
    assert console.warned == []
    assert console.said[-1].startswith("1 colorized, 0 failed, 1 skipped because their outputs exist (--overwrite")
    assert Path("out/a.png").read_bytes() == b"precious"
    status, _ = colorized("a.png", overwrite=True)
    assert status == 0
    assert read("out/a.png").shape == (40, 48, 3)


def test_a_namesake_from_another_folder_is_not_taken_for_done():
    grey("a/x.png")
    Path("b").mkdir()
    Image.new("L", (48, 40), 90).save("b/x.png")
    assert colorized("a/x.png")[0] == 0
    before = Path("out/x.png").read_bytes()
    status, console = colorized("b/x.png")
    assert status == 1
    told = "b/x.png: out/x.png was made from another picture, a/x.png; --overwrite replaces it, another --output keeps"
    assert console.warned[0].startswith(told)
    assert Path("out/x.png").read_bytes() == before
    assert colorized("b/x.png", overwrite=True)[0] == 0
    assert colorized("b/x.png")[1].said[-1].startswith("0 colorized, 0 failed, 1 skipped")
    assert colorized("a/x.png")[0] == 1


def test_a_picture_that_was_changed_is_not_taken_for_done():
    grey("album/in/x.png")
    grey("album/y.png")
    colorized("album")
    Image.new("L", (48, 40), 90).save("album/in/x.png")
    status, console = colorized("album")
    assert status == 1
    assert console.warned == [
        "album/in/x.png: out/in/x.png was made from an earlier version of it; "
        "--overwrite replaces it, another --output keeps it"
    ]
    assert console.said[-1].startswith("0 colorized, 1 failed, 1 skipped")


def test_a_picture_that_was_moved_or_copied_is_still_done():
    grey("a/x.png")
    colorized("a/x.png")
    Path("a").rename("moved")
    os.utime("moved/x.png", (1e9, 1e9))
    assert colorized("moved/x.png")[1].said[-1].startswith("0 colorized, 0 failed, 1 skipped")


@pytest.mark.parametrize("record", [None, b"", b"{}\n[1\n", b'["x.png", "a/x'])
def test_where_nothing_is_noted_the_name_decides(record):
    grey("a/x.png")
    colorized("a/x.png")
    if record is None:
        Path("out", NAME).unlink()
    else:
        Path("out", NAME).write_bytes(record)
    assert colorized("a/x.png")[1].said[-1].startswith("0 colorized, 0 failed, 1 skipped")


@pytest.mark.parametrize("words", [("*",), ("a.png", "b.png", "out"), ("**/*.png",)])
def test_a_word_for_everything_stands_for_nothing_that_was_made(words):
    grey("a.png")
    grey("b.png")
    for line in ("2 colorized, 0 failed", "0 colorized, 0 failed, 2 skipped"):
        Path("out").mkdir(exist_ok=True)
        status, console = colorized(*words)
        assert (status, console.said[-1][: len(line)]) == (0, line)
    assert written() == ["a.png", "b.png"]


def test_a_wrong_option_is_told_where_nothing_is_left_to_do():
    grey("a.png")
    colorized("a.png")
    for options, told in (
        ({"look": "sepia"}, "model has no look 'sepia'"),
        ({"temperature": 0.5}, "model takes no temperature"),
        ({"reference": "a.png"}, "the reference is grey"),
        ({"palette": "red"}, "--palette red is no palette"),
        ({"confidence": True}, "no samples, no confidence"),
    ):
        with pytest.raises(InputError, match=told):
            colorized("a.png", **options)
    assert colorized("a.png")[1].said[-1].startswith("0 colorized, 0 failed, 1 skipped")


def test_report_has_a_row_for_each_picture_and_goes_on():
    grey("album/a.png")
    grey("album/b.gif")
    Path("album/c.png").write_bytes(b"no picture")
    colorized("album", report="done.csv")
    rows = list(csv.DictReader(Path("done.csv").read_text().splitlines()))
    assert [(row["source"], row["outcome"]) for row in rows] == [
        ("album/c.png", "failed"),
        ("album/a.png", "colorized"),
        ("album/b.gif", "colorized"),
    ]
    assert rows[0]["reason"] == "not a picture: text"
    assert rows[2]["reason"] == "written as b.png"
    assert all(float(row["seconds"]) >= 0 for row in rows)
    grey("album/d.png")
    Path("album/c.png").write_bytes(b"")
    colorized("album", report="done.csv")
    rows = list(csv.DictReader(Path("done.csv").read_text().splitlines()))
    assert [(row["source"], row["reason"]) for row in rows[3:]] == [
        ("album/c.png", "empty file (zero bytes)"),
        ("album/d.png", ""),
    ]
    before = Path("done.csv").read_bytes()
    colorized("album", report="done.csv")
    assert Path("done.csv").read_bytes() == before


def test_a_file_that_is_no_report_is_not_touched():
    grey("a.png")
    Path("b.csv").write_text("name,price\ncat,3\n")
    with pytest.raises(InputError, match="--report b.csv is there and no report of this command"):
        colorized("a.png", report="b.csv")
    assert Path("b.csv").read_text() == "name,price\ncat,3\n"


def test_a_full_disk_leaves_no_half_row():
    with Report("done.csv") as report:
        report.add("colorized", Outcome("a.png"))
        before = Path("done.csv").read_bytes()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, hard))
        try:
            with pytest.raises(InputError, match="--report done.csv: not written: No space left"):
                report.add("colorized", Outcome("b.png"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert Path("done.csv").read_bytes() == before


@pytest.mark.parametrize("name", ["a.png", "out/a.png"])
def test_a_report_that_is_a_picture_is_refused(name):
    grey("a.png")
    with pytest.raises(InputError, match=f"--report {name} is a picture that is read or written; name another file"):
        colorized("a.png", report=name)
    assert read("a.png").shape == (40, 48)
