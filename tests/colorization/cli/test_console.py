"""What is printed: one clean line each, progress without a terminal as a few lines."""

from colorization.cli import console as module
from colorization.cli.console import Console, speed


def test_results_and_warnings_go_their_own_ways(capsys):
    Console().say("result")
    Console().warn("warning")
    assert capsys.readouterr() == ("result\n", "warning\n")


def test_progress_without_a_terminal_is_lines(capsys, monkeypatch):
    monkeypatch.setattr(module, "LINE_SECONDS", 0)
    with Console().progress("decoding", 4, "picture") as advance:
        advance(1)
        advance(3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("decoding: 1 of 4 pictures, ")
    assert lines[1].startswith("decoding: 4 of 4 pictures, ")


def test_progress_of_work_without_a_known_end(capsys, monkeypatch):
    monkeypatch.setattr(module, "LINE_SECONDS", 0)
    with Console().progress("finding pictures", 0, "picture") as advance:
        advance(1)
    assert capsys.readouterr().err.startswith("finding pictures: 1 pictures, ")


def test_slow_work_is_told_by_the_seconds_that_each_takes():
    assert (speed(5, 2), speed(2, 2), speed(2, 25)) == ("2.5 a second", "1.0 a second", "12.5 s each")


def test_short_work_says_nothing(capsys):
    with Console().progress("decoding", 4, "picture") as advance:
        advance(4)
    assert capsys.readouterr().err == ""
