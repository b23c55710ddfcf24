"""The study: its table of experiments, how far its networks see, and all ten experiments at toy size."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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


@pytest.mark.slow
def test_all_ten_run_at_toy_size(tmp_path):
    command = [sys.executable, str(STUDY / "run.py"), "--quick", "--logs", str(tmp_path / "runs")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert all((tmp_path / "runs" / f"{name}.png").is_file() for name in FIGURES)
    again = subprocess.run([*command, "1"], cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0 and "main.py" not in again.stdout  # what is done is not done again


def test_what_alternates_from_pixel_to_pixel_is_the_highest_frequency():
    from checkerboards import highest_frequency

    rows, columns = np.indices((16, 24))
    smooth = np.sin(2 * np.pi * columns / 24)  # one wave over the picture
    assert highest_frequency(np.stack([smooth] * 2, -1)[None]) < 1e-12
    alternating = (-1.0) ** (rows + columns)
    assert np.isclose(highest_frequency(np.stack([alternating] * 2, -1)[None]), 1)
    both = smooth + alternating  # of mean squares 1/2 and 1
    assert np.isclose(highest_frequency(np.stack([both + 5] * 2, -1)[None]), 2 / 3)
