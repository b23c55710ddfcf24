"""Where the further files of a picture go: samples, the map of confidence, the sheet of sizes."""

from dataclasses import replace
from pathlib import Path

import pytest

from colorization.cli.output_paths import plan
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from tests.colorization.cli.colorize_command import picture


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def files(*words: str, output: str = "out", **options) -> dict[str, list[str]]:
    """Source -> everything that is written for it, in order."""
    jobs = plan(ColorizeOptions(pictures=words, output=output, **options))
    return {str(job.source): [str(path) for path in job.files] for job in jobs}


def test_samples_and_confidence_lie_beside_the_picture():
    picture("album/in/a.jpg")
    picture("album/b.gif", "GIF")
    assert files("album", samples=2, confidence=True) == {
        "album/b.gif": ["out/b.png", "out/b-sample1.png", "out/b-sample2.png", "out/b.png-confidence.png"],
        "album/in/a.jpg": [
            "out/in/a.jpg",
            "out/in/a-sample1.jpg",
            "out/in/a-sample2.jpg",
            "out/in/a.jpg-confidence.png",
        ],
    }


def test_only_what_was_asked_for_is_planned():
    picture("a.jpg")
    assert files("a.jpg") == {"a.jpg": ["out/a.jpg"]}
    assert files("a.jpg", samples=1) == {"a.jpg": ["out/a.jpg", "out/a-sample1.jpg"]}
    assert files("a.jpg", confidence=True) == {"a.jpg": ["out/a.jpg", "out/a.jpg-confidence.png"]}


def test_job_tells_samples_and_confidence_apart():
    picture("a.jpg")
    [job] = plan(ColorizeOptions(pictures=("a.jpg",), output="out", samples=1, confidence=True))
    assert (job.output, job.samples) == (Path("out/a.jpg"), (Path("out/a-sample1.jpg"),))
    assert job.confidence == Path("out/a.jpg-confidence.png")


def test_what_cannot_be_read_has_no_files():
    Path("notes.txt").write_text("day 1")
    assert files("notes.txt", samples=2, confidence=True) == {"notes.txt": []}


def test_samples_of_names_that_would_collide_keep_the_old_ending_too():
    picture("in/a.gif", "GIF")
    picture("in/a.ico", "ICO")
    assert files("in", samples=1, confidence=True) == {
        "in/a.gif": ["out/a.gif.png", "out/a.gif-sample1.png", "out/a.gif.png-confidence.png"],
        "in/a.ico": ["out/a.ico.png", "out/a.ico-sample1.png", "out/a.ico.png-confidence.png"],
    }


def test_a_picture_is_done_when_everything_is_there_and_what_is_there_stays():
    picture("a.jpg")
    picture("out/a.jpg")
    picture("out/a-sample2.jpg")
    asked = ColorizeOptions(pictures=("a.jpg",), output="out", samples=2, confidence=True)
    [job] = plan(asked)
    assert (job.problem, job.done) == ("", False)
    assert job.wanted == [Path("out/a-sample1.jpg"), Path("out/a.jpg-confidence.png")]
    picture("out/a-sample1.jpg")
    picture("out/a.jpg-confidence.png", "PNG")
    [job] = plan(asked)
    assert job.done
    assert job.problem == "out/a.jpg: exists already; --overwrite replaces it"
    [job] = plan(replace(asked, overwrite=True))
    assert not job.problem
    assert job.wanted == job.files
    assert len(job.files) == 4


def test_existing_file_that_is_not_written_is_no_problem():
    picture("a.jpg")
    picture("out/a-sample2.jpg")
    picture("out/a.jpg-confidence.png")
    [job] = plan(ColorizeOptions(pictures=("a.jpg",), output="out", samples=1))
    assert not job.problem


def test_confidence_that_is_another_pictures_output_is_refused():
    picture("in/a.png", "PNG")
    picture("in/a.png-confidence.png", "PNG")
    told = "in/a.png and in/a.png-confidence.png would both be written to out/a.png-confidence.png"
    for words in (("in/a.png", "in/a.png-confidence.png"), ("in/a.png-confidence.png", "in/a.png")):
        with pytest.raises(InputError, match="would both be written to out/a.png-confidence.png"):
            files(*words, confidence=True, overwrite=True)
    with pytest.raises(InputError, match=told):
        files("in/a.png", "in/a.png-confidence.png", confidence=True)
    assert len(files("in")) == 2


def test_sample_that_is_another_pictures_output_is_refused():
    picture("in/a.jpg")
    picture("in/a-sample2.jpg")
    with pytest.raises(InputError, match="would both be written to out/a-sample2.jpg"):
        files("in", samples=2)
    assert len(files("in", samples=1)) == 2


def test_sample_or_confidence_that_is_an_input_is_refused():
    picture("in/a.png", "PNG")
    picture("out/a-sample1.png", "JPEG")  # its own output would be called .jpg
    with pytest.raises(InputError, match="^out/a-sample1.png is read and would be written"):
        files("in/a.png", "out/a-sample1.png", samples=1, overwrite=True)
    picture("out/a.png-confidence.png", "JPEG")
    with pytest.raises(InputError, match="^out/a.png-confidence.png is read and would be written"):
        files("in/a.png", "out/a.png-confidence.png", confidence=True, overwrite=True)
    assert files("in/a.png", "out/a-sample1.png", overwrite=True) == {
        "in/a.png": ["out/a.png"],
        "out/a-sample1.png": ["out/a-sample1.jpg"],
    }


def test_planning_writes_nothing(tmp_path):
    picture("in/a.jpg")
    files("in", samples=2, confidence=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.jpg"]


def test_maps_of_pictures_that_differ_in_their_ending_only_are_two_files():
    picture("in/a.jpg")
    picture("in/a.png", "PNG")
    assert files("in", confidence=True) == {
        "in/a.jpg": ["out/a.jpg", "out/a.jpg-confidence.png"],
        "in/a.png": ["out/a.png", "out/a.png-confidence.png"],
    }
