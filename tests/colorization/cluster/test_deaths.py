"""Pictures that kill: real processes that die over one, and what the next one does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from colorization.cluster.deaths import Deaths, Diary
from colorization.cluster.one_machine import colorize_here
from colorization.cluster.work_list import Work
from colorization.images.storage import LocalFolder
from colorization.painting.job import Outcome

ROOT = Path(__file__).resolve().parents[3]
CALL = """
import os, signal, sys
from colorization.cluster.deaths import Diary
from colorization.cluster.one_machine import colorize_here
from colorization.images.storage import LocalFolder
from colorization.cluster.work_list import Work
from colorization.painting.job import Outcome

done = set(open("done.txt").read().split()) if os.path.exists("done.txt") else set()

def paint(work):
    if work.name == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(work.source)

works = [Work(name, name) for name in ("a", "poison", "b", "c") if name not in done]
for outcome in colorize_here(paint, iter(works), Diary(LocalFolder("."), "diary.json"), 1):
    print(outcome.source, outcome.problem, sep=",", file=open("done.txt", "a"))
    print(outcome.source, outcome.problem, sep=",", flush=True)
"""


def work(name: str) -> Work:
    return Work(name, name)


def test_three_calls_die_over_a_picture_and_the_fourth_sets_it_aside(tmp_path):
    told, statuses = "", []
    for _ in range(4):
        words = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{CALL}"]
        ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        statuses.append(ended.returncode)
        told += ended.stdout
    assert statuses == [-9, -9, -9, 0]
    assert {line.split(",")[0]: line.split(",")[1] for line in told.splitlines()} == {
        "a": "",
        "b": "",
        "c": "",
        "poison": "poison: set aside: 3 processes died over it",
    }
    assert json.loads((tmp_path / "diary.json").read_text()) == {"begun": [], "deaths": {"poison": 3}}


def test_suspects_go_alone():
    deaths = Deaths()
    works = [work(name) for name in "abcd"]
    assert deaths.divide(works) == ([], [works])
    deaths.blame("bc")
    assert deaths.divide(works) == ([], [[works[0], works[3]], [works[1]], [works[2]]])
    deaths.forget("b")
    deaths.blame("c")
    deaths.blame("c")
    [aside], groups = deaths.divide(works, "signal 9")
    assert aside == Outcome("c", problem="c: set aside: 3 processes died over it (signal 9)", set_aside=True)
    assert groups == [[works[0], works[1], works[3]]]


def test_who_is_stopped_blames_nobody(tmp_path):
    def paint(work):
        if work.name == "b":
            raise KeyboardInterrupt
        return Outcome(work.source)

    diary = Diary(LocalFolder(str(tmp_path)), "diary.json")
    with pytest.raises(KeyboardInterrupt):
        list(colorize_here(paint, iter(map(work, "abc")), diary, 1))
    assert list(tmp_path.iterdir()) == []


def test_who_has_enough_blames_nobody(tmp_path):
    diary = Diary(LocalFolder(str(tmp_path)), "diary.json")
    outcomes = colorize_here(lambda work: Outcome(work.source), iter(map(work, "abc")), diary, 1)
    next(outcomes)
    assert json.loads((tmp_path / "diary.json").read_text())["begun"] == ["a", "b", "c"]
    outcomes.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"begun": 1}', b'{"deaths": [], "begun": []}'])
def test_a_diary_that_cannot_be_read_says_nothing(tmp_path, content):
    (tmp_path / "diary.json").write_bytes(content)
    assert Diary(LocalFolder(str(tmp_path)), "diary.json").deaths.counts() == {}
