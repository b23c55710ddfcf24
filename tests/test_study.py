"""The study: its table of experiments, how far its networks see, and all ten experiments at toy size."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.processes import process_as_it_was

STUDY = Path(__file__).resolve().parents[1] / "docs" / "study"
FIGURES = (
    "1",
    "2",
    "2-chroma",
    "3",
    "3-receptive-field",
    "3-checkerboards",
    "4",
    "5",
    "6",
    "6-learning-rate",
    "7",
    "8",
    "9",
    "10",
)


@pytest.fixture(autouse=True)
def study_modules(monkeypatch):
    """The study's files import each other by their names."""
    monkeypatch.syspath_prepend(str(STUDY))


def test_every_experiment_has_its_runs():
    from experiments import DATA, EXPERIMENTS, RUNS, folder_name

    assert list(EXPERIMENTS) == list(range(1, 11))
    assert {name for each in EXPERIMENTS.values() for name in each.runs} == set(RUNS)
    assert all(run.data in DATA for run in RUNS.values())
    assert len({folder_name(name, 0) for name in RUNS}) == len(RUNS)


@pytest.mark.parametrize("depth", [1, 2])
def test_nothing_outside_the_receptive_field_changes_a_pixel(depth):
    from receptive_field import SIDE, gradient, receptive_field

    seen = np.max([gradient(depth, seed) for seed in range(2)], axis=0) > 0
    reach = np.abs(np.argwhere(seen) - SIDE // 2).max()
    half = receptive_field(depth) // 2
    assert half - 4 <= reach <= half  # where a doubling lies within its cell decides about the last few


def test_the_reports_tables_are_the_studys():
    report = (STUDY.parent / "report.md").read_text(encoding="utf-8")
    tables = sorted((STUDY / "figures").glob("*.txt"))
    assert len(tables) == 8  # experiments 7 and 10 have none
    assert [table.name for table in tables if table.read_text(encoding="utf-8") not in report] == []


def test_the_study_starts_as_a_program(tmp_path):
    done = subprocess.run([sys.executable, str(STUDY / "run.py"), "11"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "run.py: error: argument NUMBER: 11: give numbers from 1 to 10" in done.stderr


@pytest.mark.slow  # eleven trainings
@pytest.mark.usefixtures("eagerly")
def test_all_ten_run_at_toy_size(tmp_path, monkeypatch, capsys):
    import learning_rate_range
    import receptive_field
    import run

    smaller = {name: replace(each, quick="--dataset samples --size 16 --patches 2") for name, each in run.DATA.items()}
    monkeypatch.setattr(run, "DATA", smaller)
    monkeypatch.setattr(run, "QUICK", "--epochs 1 --batch-size 12 --width 2 --pictures 0 --early-stopping 0")
    monkeypatch.setattr(receptive_field, "NETWORKS", 1)
    monkeypatch.setattr(learning_rate_range, "STEPS", 5)
    monkeypatch.setattr(sys, "argv", ["run.py", "--quick", "--logs", "runs"])
    monkeypatch.chdir(tmp_path)
    with process_as_it_was():
        run.main()
    assert all((tmp_path / "runs" / f"{name}.png").is_file() for name in FIGURES)
    called = [line for line in capsys.readouterr().out.splitlines() if line.startswith("$ python main.py")]
    assert len(called) == len(set(called))  # what is done is not done again: five experiments share their first run
    runs = [path for path in (tmp_path / "runs").iterdir() if (path / "config.json").is_file()]
    assert (
        sum("main.py train" in line for line in called) == sum("main.py eval" in line for line in called) == len(runs)
    )


def test_what_alternates_from_pixel_to_pixel_is_the_highest_frequency():
    from checkerboards import highest_frequency

    rows, columns = np.indices((16, 24))
    smooth = np.sin(2 * np.pi * columns / 24)  # one wave over the picture
    assert highest_frequency(np.stack([smooth] * 2, -1)[None]) < 1e-12
    alternating = (-1.0) ** (rows + columns)
    assert np.isclose(highest_frequency(np.stack([alternating] * 2, -1)[None]), 1)
    both = smooth + alternating  # of mean squares 1/2 and 1
    assert np.isclose(highest_frequency(np.stack([both + 5] * 2, -1)[None]), 2 / 3)
