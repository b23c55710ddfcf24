"""Every benchmark runs at tiny size. No test asserts a time."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import benchmarks.__main__ as program
from benchmarks import colorize_marks, film_marks, growth, serve_marks, suite
from benchmarks.measure import ROOT, Cost, in_turn, with_spread
from benchmarks.pictures import make_pictures, photograph
from benchmarks.plain_script import PlainScript
from benchmarks.scale import TINY
from benchmarks.section import Mark, Section, share_of_plain

MODEL = ROOT / "saved_models" / "pretrained" / "photo"


@pytest.mark.parametrize(
    "measure",
    [
        colorize_marks.start_to_file,
        colorize_marks.running_process,
        colorize_marks.whole_folder,
        growth.growth,
        serve_marks.serve_marks,
        film_marks.films,
    ],
    ids=lambda measure: measure.__name__,
)
def test_every_mark_is_measured(measure, tmp_path):
    if measure is film_marks.films:
        pytest.importorskip("av")
    section = measure(MODEL, tmp_path, TINY)
    assert "|" in section.text
    assert all(mark.goal and mark.measured for mark in section.marks)


@pytest.mark.slow  # building and tracing the network takes a minute
def test_benchmarks_with_tensorflow(capsys):
    from benchmarks import encoding_share, lab_speed

    lab_speed.main(count=2, side=16, rounds=1)
    encoding_share.main(sizes=(16,), rounds=1)
    said = capsys.readouterr().out
    assert "Mpixel/s" in said
    assert "without encoding" in said


@pytest.mark.slow  # Ray starts twice
def test_benchmark_of_a_cluster():
    pytest.importorskip("ray")
    words = ["--pictures", "3", "--megapixels", "0.02", "--workers", "1", "--names", "300"]
    command = [sys.executable, "-m", "benchmarks.cluster", *words]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "| plain loop, --jobs 1 |" in said
    assert "| Ray, --workers 1 |" in said
    assert "| 300 |" in said


def test_benchmarks_of_colours_and_memory(tmp_path, capsys):
    from benchmarks import folder_memory, upsampling

    make_pictures(tmp_path / "photographs", 1, 0.01)
    upsampling.main(tmp_path / "photographs")
    folder_memory.main(MODEL, 10)
    said = capsys.readouterr().out
    assert "guided" in said
    assert "exit status 0" in said


def test_the_suites_time_is_that_of_the_last_whole_run(tmp_path):
    note = tmp_path / "note"
    assert suite.suite(note).marks == ()
    for seconds, met in ((719, True), (721, False)):
        note.write_text(json.dumps({"date": "2026-11-30", "passed": 4011, "seconds": seconds}))
        section = suite.suite(note)
        assert "| 2026-11-30 | 4,011 | 12.0 |" in section.text
        assert [mark.met for mark in section.marks] == [met]


@pytest.mark.parametrize("more, is_noted", [([], True), (["-k", "first"], False)])
def test_a_whole_run_of_make_test_is_noted_and_no_other(tmp_path, more, is_noted):
    for name in ("tests/conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text("def test_first(): pass\ndef test_second(): pass\n")
    [words] = re.findall(r"^PYTEST = .* -m pytest (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    command = [sys.executable, "-m", "pytest", *words.split(), *more]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    note = tmp_path / suite.NOTE.relative_to(ROOT)
    assert note.exists() == is_noted
    assert not is_noted or json.loads(note.read_text())["passed"] == 2


def test_pictures_repeat_and_differ():
    assert np.array_equal(photograph(3, 0.02), photograph(3, 0.02))
    assert photograph(3, 0.02).shape == (122, 163)
    assert not np.array_equal(photograph(3, 0.02), photograph(8, 0.02))


def test_plain_script_keeps_size_and_lightness(tmp_path):
    [picture] = make_pictures(tmp_path / "in", 1, 0.02)
    PlainScript(MODEL).colorize(picture, tmp_path / "out.jpg")
    grey, painted = (np.asarray(Image.open(path).convert("L"), float) for path in (picture, tmp_path / "out.jpg"))
    assert painted.shape == grey.shape
    assert abs(painted - grey).mean() < 4


def test_plain_script_gives_other_inputs_their_defaults():
    script = PlainScript.__new__(PlainScript)
    script.conditions = {
        "hint_ab": {"kind": "plane", "channels": 2},
        "white": {"kind": "vector", "channels": 3, "default": [1, 0, 0]},
    }
    defaults = script.defaults((1, 4, 5, 1))
    assert defaults["hint_ab"].shape == (1, 4, 5, 2)
    assert defaults["white"].tolist() == [[1, 0, 0]]


def test_ways_take_turns():
    order = []

    def way(name):
        return lambda: order.append(name) or [Cost(1.0, 2.0, 3.0)]

    costs = in_turn({"a": way("a"), "b": way("b")}, rounds=2)
    assert order == ["a", "b", "a", "b"]
    assert with_spread(costs["a"], "cpu") == "2.00 (2.00 to 2.00)"


def test_page_names_machine_marks_and_figures():
    section = Section("A part", "figures", (Mark("speed", "at most 2 s", "3 s", False), share_of_plain("x", 0.5, 1, 4)))
    page = program.page([("cores", "2")], [section])
    assert "| speed | at most 2 s | 3 s | **no** |" in page
    assert "| x | at most 0.50 of the plain script's | 0.25 | yes |" in page
    assert "## A part\n\nfigures" in page


def test_one_benchmark_alone_is_printed(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(program, "PAGE", tmp_path / "untouched.md")
    program.main(["--only", "parts", "--tiny"])
    assert "Where the time goes" in capsys.readouterr().out
    assert not Path(tmp_path / "untouched.md").exists()


def test_benchmark_of_shards(capsys):
    from benchmarks import shards

    shards.main([200])
    assert "200 pictures: names MB" in capsys.readouterr().out


@pytest.mark.slow  # three processes train
def test_benchmark_of_workers(capsys):
    from benchmarks import workers

    workers.main(["--tiny", "--rounds", "1"])
    assert "two workers: " in capsys.readouterr().out
