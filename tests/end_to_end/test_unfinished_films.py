"""`colorize` on a film that is interrupted: what is left, and that --resume makes the same film of it."""

import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import run_here, start

av = pytest.importorskip("av")

from colorization.films.writer import Writer  # noqa: E402
from tests.colorization.films.made_films import moving_square, packets, pictures_in_rgb, save_film, times  # noqa: E402

COUNT = 40  # pictures of the film
LEFT = ["film.mp4", "model"]  # what lies in the folder before a call


@pytest.fixture
def place(tmp_path):
    """A folder with a model that makes everything warm, and a film of COUNT pictures with sound."""
    save_formula_model("unet", str(tmp_path / "model"))
    noise = np.random.default_rng(0).integers(16, 235, (COUNT, 48, 64), np.uint8)
    save_film(tmp_path / "film.mp4", noise, tone=True)
    return tmp_path


def colorize(*words: str) -> list[str]:
    return ["colorize", "film.mp4", "--output", "colour.mp4", "--model", "model", *words]


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def raise_between(monkeypatch, name: str, count: int, number=signal.SIGINT) -> None:
    """Let a signal come when a method of Writer is called for the count-th time, before it does anything."""
    called, method = [], getattr(Writer, name)

    def interrupted(self, *args):
        called.append(name)
        if len(called) == count:
            signal.raise_signal(number)
        return method(self, *args)

    monkeypatch.setattr(Writer, name, interrupted)


def interrupted(place: Path, pictures: int, *words: str) -> list[float]:
    """Stop a call by Ctrl-C at a picture, and return the times of what is left."""
    with pytest.MonkeyPatch.context() as patch:
        raise_between(patch, "write", pictures)
        run_here(*colorize(*words), folder=place, status=130)
    return times(place / "colour.part.mp4")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("method", ["write", "_mux", "copy"])
def test_a_signal_at_any_moment_loses_no_picture(place, monkeypatch, method, number, status):
    raise_between(monkeypatch, method, 9, number)
    out, _ = run_here(*colorize(), folder=place, status=status)
    assert "colour.part.mp4 has what is done; the same command with --resume" in out
    done = times(place / "colour.part.mp4")
    assert 0 < len(done) < COUNT and done == times(place / "film.mp4")[: len(done)]
    assert not (place / "colour.mp4").exists()


def test_ctrl_c_while_the_file_is_ended_is_heard_when_it_has_its_name(place, monkeypatch):
    shutil.copy(place / "film.mp4", place / "second.mp4")
    raise_between(monkeypatch, "end", 1)
    words = ["colorize", "film.mp4", "second.mp4", "--output", "out", "--model", "model"]
    run_here(*words, folder=place, status=130)
    assert [path.name for path in sorted((place / "out").iterdir())] == [".colorized.jsonl", "film.mp4"]
    assert times(place / "out" / "film.mp4") == times(place / "film.mp4")


def test_resume_makes_the_same_film(place):
    assert 0 < len(interrupted(place, 15)) < COUNT
    run_here(*colorize("--resume"), folder=place)
    assert times(place / "colour.mp4") == times(place / "film.mp4")
    assert packets(place / "colour.mp4", "audio") == packets(place / "film.mp4", "audio")
    assert names(place) == ["colour.mp4", *LEFT]


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
@pytest.mark.parametrize("pictures", range(3, 9))
def test_resume_loses_none_of_pictures_at_uneven_distances(place, ending, pictures):
    times_ms = [0, 200, 210, 215, 700, 1000, 1003, 1200, 1500, 1510, 2000, 2500]
    save_film(place / "film.mkv", moving_square(len(times_ms)), times_ms=times_ms)
    words = ["colorize", "film.mkv", "--output", f"colour.{ending}", "--model", "model"]
    with pytest.MonkeyPatch.context() as patch:
        raise_between(patch, "write", pictures)
        run_here(*words, folder=place, status=130)
    run_here(*words, "--resume", folder=place)
    assert [round(1000 * each) for each in times(place / f"colour.{ending}")] == times_ms


def test_resumed_twice_it_goes_on_from_what_was_done_last(place):
    first = len(interrupted(place, 10))
    second = len(interrupted(place, 12, "--resume"))
    assert second > first
    with pytest.MonkeyPatch.context() as patch:
        raise_between(patch, "write", 1)
        run_here(*colorize("--resume"), folder=place, status=130)
    assert len(times(place / "colour.part.mp4")) >= second
    assert names(place) == ["colour.part.json", "colour.part.mp4", *LEFT]


def test_the_longer_of_two_parts_is_gone_on_from(place):
    """As after a kill of a call that resumed, in a container that can be read without its end."""
    interrupted(place, 20)
    shutil.copy(place / "colour.part.mp4", place / "colour.earlier.mp4")
    (place / "colour.part.mp4").unlink()
    save_film(place / "colour.part.mp4", moving_square(2), tone=True)
    run_here(*colorize("--resume"), folder=place)
    assert times(place / "colour.mp4") == times(place / "film.mp4")
    assert names(place) == ["colour.mp4", *LEFT]


def test_without_resume_nothing_is_left_of_an_earlier_call(place):
    interrupted(place, 20)
    shutil.copy(place / "colour.part.mp4", place / "colour.earlier.mp4")
    run_here(*colorize(), folder=place)
    assert names(place) == ["colour.mp4", *LEFT]


def test_hints_go_on_where_resume_begins(place):
    """The pictures stand still, so a hint stays where it is; the network gives nothing but hints."""
    save_formula_model("siggraph17", str(place / "hinted"))
    texture = np.kron(np.random.default_rng(0).integers(60, 140, (12, 16), np.uint8), np.ones((4, 4), np.uint8))
    save_film(place / "film.mp4", [texture] * 60)
    words = ["colorize", "film.mp4", "--output", "colour.mp4", "--model", "hinted"]
    words += ["--hint", "30,20,0000ff", "--hint-radius", "4"]
    with pytest.MonkeyPatch.context() as patch:
        raise_between(patch, "write", 50)
        run_here(*words, folder=place, status=130)
    run_here(*words, "--resume", folder=place)
    pictures = pictures_in_rgb(place / "colour.mp4")
    assert len(pictures) == 60
    for rgb in pictures:
        near = rgb[18:23, 28:33].astype(int)
        assert (near[..., 2] - near[..., 0]).mean() > 30


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--to", "1"], "--to"),
        (["--saturation", "0.5", "--steady", "0.5"], "--saturation, --steady"),
        (["--hint", "3,4,2b4fa0"], "hint"),
        (["--codec", "h264-444"], "--codec"),
    ],
)
def test_resume_with_other_options_is_refused_and_the_part_stays(place, words, named):
    done = interrupted(place, 10)
    _, err = run_here(*colorize("--resume", *words), folder=place, status=1)
    assert f"colour.part.mp4 was begun with another {named}; give the same" in err and err.count("\n") == 1
    assert times(place / "colour.part.mp4") == done


def test_resume_of_another_film_is_refused(place):
    interrupted(place, 10)
    save_film(place / "film.mp4", moving_square(COUNT), tone=True)
    _, err = run_here(*colorize("--resume"), folder=place, status=1)
    assert "was begun with another film; give the same" in err


def test_resume_of_a_part_of_unknown_options_is_refused(place):
    interrupted(place, 10)
    (place / "colour.part.json").write_text(json.dumps(["no settings"]))
    _, err = run_here(*colorize("--resume"), folder=place, status=1)
    assert "colour.part.json, which says how colour.part.mp4 was begun, cannot be read" in err
    assert err.count("\n") == 1


def test_resume_begins_anew_where_a_killed_call_left_no_film(place):
    (place / "colour.part.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(5000))
    run_here(*colorize("--resume"), folder=place)
    assert times(place / "colour.mp4") == times(place / "film.mp4")
    assert names(place) == ["colour.mp4", *LEFT]


def test_what_was_written_before_the_disk_was_full_is_kept_if_it_can_be_read(place):
    resource = pytest.importorskip("resource", reason="the system knows no limits of file size")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    words = ["colorize", "film.mp4", "--output", "colour.mkv", "--model", "model"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, hard))
    try:
        _, err = run_here(*words, folder=place, status=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "colour.mkv: not written: File too large; colour.part.mkv has what is done; " in err
    assert 0 < len(times(place / "colour.part.mkv")) < COUNT
    run_here(*words, "--resume", folder=place)
    assert len(times(place / "colour.mkv")) == COUNT
    assert names(place) == ["colour.mkv", *LEFT]


def test_a_name_that_is_too_long_is_told_in_one_line(place):
    words = ["colorize", "film.mp4", "--output", "a" * 250 + ".mp4", "--model", "model"]
    _, err = run_here(*words, folder=place, status=1)
    assert "not written: File name too long" in err and err.count("\n") == 1
    assert names(place) == LEFT


def started_on_a_long_film(place: Path):
    """Start the command as a process on a film that takes a while, and wait until its unfinished part grows."""
    noise = np.random.default_rng(0).integers(16, 235, (20, 144, 176), np.uint8)
    save_film(place / "film.mp4", [*noise] * 20, tone=True)
    process = start(colorize(), folder=place)
    part = place / "colour.part.mp4"
    while process.poll() is None and not (part.exists() and part.stat().st_size > 100_000):
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()
    return process


def test_ctrl_c_ends_a_process_with_a_part_that_can_be_played(place):
    process = started_on_a_long_film(place)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err
    assert "colour.part.mp4 has what is done" in out
    done = times(place / "colour.part.mp4")
    assert len(done) > 0 and done == times(place / "film.mp4")[: len(done)]
    assert not (place / "colour.mp4").exists()


def test_a_killed_process_leaves_nothing_under_the_films_name(place):
    process = started_on_a_long_film(place)
    process.kill()
    process.communicate()
    assert not (place / "colour.mp4").exists()
