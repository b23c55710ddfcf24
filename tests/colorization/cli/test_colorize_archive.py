"""`colorize` of an archive on this machine: the files are those of the plain command, and the same command goes on."""

import csv
import errno
import filecmp
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.errors import InputError
from colorization.images.storage import LocalFolder
from tests.colorization.cli.colorize_command import colorized, grey, picture
from tests.colorization.formula_model import save_formula_model

ALBUM = [f"{'ab'[i % 2]}/{i:02}.{('png', 'jpg', 'tif')[i % 3]}" for i in range(18)]


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_formula_model("classification")


@pytest.fixture
def album():
    for i, name in enumerate(ALBUM):
        shades(f"album/{name}", i)


def shades(name: str, seed: int = 0) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 24), np.uint8)).save(name)


def files(folder: str = "out") -> list[str]:
    """Every file of a folder but the record of the plain command."""
    found = (path for path in Path(folder).rglob("*") if path.is_file() and path.name != ".colorized.jsonl")
    return sorted(str(path.relative_to(folder)) for path in found)


def plain(*words: str, **options) -> None:
    """What the command without an archive makes of it, in the folder "plain"."""
    colorized(*words, **options)
    Path("out").rename("plain")


def rows(report: str) -> list[dict]:
    return list(csv.DictReader(Path(report).read_text().splitlines()))


def test_an_archive_is_colorized_as_an_album_is():
    grey("album/a.png")
    grey("album/in/scan.1912.png")
    Path("album/in/scan.1912.png").rename("album/in/scan.1912")
    for name, format in (("b.gif", "GIF"), ("c.gif", "GIF"), ("c.ico", "ICO"), ("d.jpg", "PNG"), ("d.png", "JPEG")):
        picture(f"album/{name}", format)
    frames = [Image.new("L", (16, 16), level) for level in (0, 120, 240)]
    frames[0].save("album/moves.gif", save_all=True, append_images=frames[1:])
    for name in ("album/.hidden.png", "album/@eaDir/a.png"):
        grey(name)
    Path("album/copy.png.part").write_bytes(Path("album/a.png").read_bytes())
    Path("album/notes.txt").write_text("day 1")
    plain("album")
    status, console = colorized("album", shard="1/1")
    assert status == 0
    assert console.said[-1].startswith("8 colorized, 0 failed, ")
    names = ["a.png", "b.png", "c.gif.png", "c.ico.png", "d.jpg.png", "d.png.jpg", "in/scan.1912.png", "moves.gif"]
    assert files() == files("plain") == names
    assert filecmp.cmpfiles("out", "plain", names, shallow=False)[0] == names


def test_versions_are_those_of_an_album_too(album):
    plain("album", samples=2, confidence=True, contact_sheet=True)
    colorized("album", shard="1/1", samples=2, confidence=True, contact_sheet=True)
    names = files("plain")
    assert files() == names
    assert len(names) == 5 * len(ALBUM)
    assert filecmp.cmpfiles("out", "plain", names, shallow=False)[0] == names


def test_shards_have_each_picture_once(album):
    plain("album")
    for i in (1, 2, 3):
        before = len(files()) if i > 1 else 0
        status, console = colorized("album", shard=f"{i}/3")
        assert status == 0
        assert console.said[-1].startswith(f"{len(files()) - before} colorized, 0 failed, ")
        assert "skipped" not in console.said[-1]
    assert files() == sorted(ALBUM)
    assert filecmp.cmpfiles("out", "plain", ALBUM, shallow=False)[0] == ALBUM


def test_what_is_done_is_not_done_again_nor_asked_for_one_by_one(album, monkeypatch):
    colorized("album", shard="1/2", report="done.csv")
    done, times = files(), {name: Path("out", name).stat().st_mtime_ns for name in files()}
    listed = []
    entries = LocalFolder.entries
    monkeypatch.setattr(
        LocalFolder, "entries", lambda disk, path="": listed.append((disk.address, path)) or entries(disk, path)
    )
    _, console = colorized("album", shard="1/1", report="done.csv")
    left = len(ALBUM) - len(done)
    assert console.said[-1].startswith(f"{left} colorized, 0 failed, {len(done)} skipped because their outputs exist")
    assert files() == sorted(ALBUM)
    assert {name: Path("out", name).stat().st_mtime_ns for name in done} == times
    assert sorted(listed) == [("album", ""), ("album", "a"), ("album", "b"), ("out", "a"), ("out", "b")]
    assert sorted(row["source"] for row in rows("done.csv")) == [f"album/{name}" for name in sorted(ALBUM)]


def test_what_is_missing_beside_a_picture_is_added_and_the_picture_stays():
    shades("album/a.png")
    colorized("album", saturation=0.0)
    before = Path("out/a.png").read_bytes()
    colorized("album", shard="1/1", confidence=True)
    assert files() == ["a.png", "a.png-confidence.png"]
    assert Path("out/a.png").read_bytes() == before
    colorized("album", shard="1/1", overwrite=True)
    assert Path("out/a.png").read_bytes() != before


def test_a_picture_that_fails_is_a_row():
    grey("album/a.png")
    Path("album/b.png").write_bytes(b"no picture")
    Path("album/c.mp4").write_bytes(b"no film")
    status, console = colorized("album", shard="1/1", report="done.csv")
    assert status == 1
    assert sorted(console.warned) == [
        "album/b.png: not a picture: text",
        "album/c.mp4: a film; colorize it on its own",
    ]
    by_source = {row.pop("source"): row for row in rows("done.csv")}
    assert {source: row["outcome"] for source, row in by_source.items()} == {
        "album/a.png": "colorized",
        "album/b.png": "failed",
        "album/c.mp4": "failed",
    }
    good = by_source["album/a.png"]
    sizes = [Path(path).stat().st_size for path in ("album/a.png", "out/a.png")]
    assert [int(good[name]) for name in ("source_bytes", "output_bytes", "width", "height")] == [*sizes, 48, 40]
    assert by_source["album/b.png"]["reason"] == "not a picture: text"
    assert int(by_source["album/b.png"]["source_bytes"]) == 10


def test_a_folder_that_cannot_be_read_is_a_row_too(album, monkeypatch):
    scandir = os.scandir

    def refused(path):  # by its permissions, which do not bind the user root
        if Path(path).name == "b":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    status, _ = colorized("album", shard="1/1", report="report.csv")
    assert status == 1
    assert [file.split(".")[0] for file in files()] == [name.split(".")[0] for name in ALBUM if name[0] == "a"]
    [told] = [row for row in rows("report.csv") if row["outcome"] == "failed"]
    assert told["reason"] == "Permission denied"
    assert told["source"].endswith("album/b")


def test_a_report_is_parquet_too():
    parquet = pytest.importorskip("pyarrow.parquet")
    grey("album/a.png")
    Path("album/b.png").write_bytes(b"")
    colorized("album", report="done.parquet")
    table = parquet.read_table("done.parquet").to_pylist()
    assert [{name: str(value) for name, value in row.items() if name != "seconds"} for row in table] == [
        {name: value for name, value in row.items() if name != "seconds"} for row in rows("done.csv")
    ]
    assert table[0]["reason"] == "empty file (zero bytes)"


def test_a_manifest_says_what_each_picture_gets():
    for name in ("lists/a.png", "lists/b.png", "c.png", "lists/warm.png"):
        shades(name)
    Image.new("RGB", (30, 30), (200, 90, 20)).save("lists/warm.png")
    hint = {"hints": [{"x": 0.5, "y": 0.5, "colour": "#c03020"}]}
    Path("lists/a.json").write_text(json.dumps(hint))
    lines = ["source,target,hints,reference,look,id", "a.png,,a.json,,,1", "b.png,deep/B.png,,warm.png,vivid,2"]
    Path("lists/all.csv").write_text("\n".join([*lines, f"{Path('c.png').absolute()},,,,,3"]))
    assert colorized("lists/all.csv")[0] == 0
    absolute = str(Path("c.png").absolute()).lstrip("/")
    assert files() == sorted(["a.png", "deep/B.png", absolute])
    for source, target, options in (
        ("lists/a.png", "a.png", {"hints": "lists/a.json"}),
        ("lists/b.png", "deep/B.png", {"reference": "lists/warm.png", "look": "vivid"}),
        ("c.png", absolute, {}),
    ):
        expected = Path("out", target).read_bytes()
        colorized(source, overwrite=True, **options)
        assert Path("out", Path(source).name).read_bytes() == expected


def test_parquet_is_a_manifest_too(album):
    arrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    table = {"source": [f"album/{name}" for name in ALBUM], "target": ALBUM, "look": [None] * len(ALBUM)}
    pyarrow.parquet.write_table(arrow.table(table), "all.parquet")
    plain("album")
    colorized("all.parquet")
    assert filecmp.cmpfiles("out", "plain", ALBUM, shallow=False)[0] == ALBUM


def test_rows_that_cannot_be_done_are_told():
    shades("a.png")
    shades("out/b.png")
    Path("all.csv").write_text(
        "source,target,look\na.png,one.png,\na.png,one.png,\nnone.png,,\na.png,two.png,sepia\nout/b.png,c.png,\n"
    )
    status, console = colorized("all.csv")
    assert status == 1
    assert files() == ["b.png", "one.png"]
    assert sorted(console.warned) == [
        "a.png: its result could not be told from that of a.png",
        "a.png: model has no look 'sepia'; it has natural, vivid",
        "none.png: No such file or directory",
        "out/b.png: lies in the folder that is written to",
    ]


def test_a_row_with_a_reference_has_no_samples():
    shades("a.png")
    Image.new("RGB", (30, 30), (200, 90, 20)).save("warm.png")
    Path("all.csv").write_text("source,reference\na.png,warm.png\n")
    status, console = colorized("all.csv", samples=2)
    assert status == 1 and files() == []
    [told] = console.warned
    assert told.startswith("a.png: --samples are drawn without a reference")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("file\na.png\n", "all.csv has no column source; it needs one with a path or an address in each row"),
        ("source\na.png\n\n,\n", "all.csv: row 2 names no source"),
        ("source,target\na.png,../a.png\n", "all.csv: row 1: ../a.png leads out of the output folder; give a target"),
        ("source\n../a.png\n", "all.csv: row 1: ../a.png leads out of the output folder; give a target"),
        ("\xff\xfe", "all.csv: no manifest that can be read"),
    ],
)
def test_a_manifest_that_is_none_is_told(table, told):
    Path("all.csv").write_bytes(table.encode("latin-1"))
    with pytest.raises(InputError, match=told):
        colorized("all.csv")


@pytest.mark.parametrize(
    ("words", "options", "told"),
    [
        (("album",), {"address": "auto"}, "--address and --workers are of --engine ray"),
        (("album",), {"workers": 2}, "--address and --workers are of --engine ray"),
        (("album", "b"), {"shard": "1/2"}, "take one folder, manifest or address; name one"),
        (("album",), {"shard": "0/2"}, "--shard 0/2: give i/n, such as 3/8"),
        (("album",), {"shard": "3/2"}, "--shard 3/2: give i/n"),
        (
            ("album",),
            {"shard": "1/2", "hint": ("1,1,#ff0000",)},
            "--hint is not for .*, but for one photograph; a manifest has a",
        ),
        (
            ("album",),
            {"engine": "ray", "keep_time": True},
            "--keep-time is not for --engine, .*, but for files on a disk",
        ),
        (("album",), {"engine": "ray", "from_": "1"}, "--from is not for --engine, .*, but for films"),
        (("album",), {"shard": "1/1", "report": "s3://bucket/done.csv"}, "is an address; rows are added to a file"),
        (("none",), {"shard": "1/1"}, "none: does not exist"),
        (("out",), {"shard": "1/1"}, "out lies in --output out; name another folder to write into"),
        (("none.csv",), {}, "none.csv: no manifest that can be read .No such file or directory"),
        (("album",), {"shard": "1/1", "look": "sepia"}, "model has no look 'sepia'"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(words, options, told):
    shades("album/a.png")
    shades("out/b.png")
    with pytest.raises(InputError, match=told) as refused:
        colorized(*words, **options)
    assert "\n" not in str(refused.value)
    assert files() == ["b.png"]


@pytest.mark.parametrize(
    ("package", "words", "options"),
    [
        ("ray", "album", {"engine": "ray"}),
        ("pyarrow.fs", "s3://bucket/scans", {}),
        ("pyarrow.parquet", "all.parquet", {}),
        ("pyarrow.parquet", "album", {"report": "done.parquet"}),
    ],
)
def test_a_package_that_is_missing_is_named_with_how_to_get_it(monkeypatch, package, words, options):
    monkeypatch.setitem(sys.modules, package, None)
    shades("album/a.png")
    Path("all.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"not installed: `pip install '.\[cluster\]'` in the clone"):
        colorized(words, **options)


def test_the_target_in_the_archive_is_not_entered(album):
    Path("album/out").mkdir()
    Path("out").symlink_to("album/out")
    colorized("album", shard="1/1")
    assert colorized("album", shard="1/1")[1].said[-1].startswith(f"0 colorized, 0 failed, {len(ALBUM)} skipped")


def test_one_picture_is_an_archive(album):
    name = ALBUM[0]
    plain(f"album/{name}")
    colorized(f"album/{name}", shard="1/1")
    assert filecmp.cmp(Path("out", Path(name).name), Path("plain", Path(name).name), shallow=False)
