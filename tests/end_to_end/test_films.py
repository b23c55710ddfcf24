"""`colorize` on films, as processes: from a file to a file, in folders, broken, killed and interrupted."""

import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.colorization.formula_model import save_formula_model
from tests.end_to_end.processes import MAIN, run, run_here

av = pytest.importorskip("av")

from colorization.films.reader import read_film  # noqa: E402
from tests.colorization.films.made_films import FULL, moving_square, packets, pictures_in_rgb, save_film, times  # noqa: E402


@pytest.fixture
def place(tmp_path):
    """An empty folder with a model that makes everything warm."""
    save_formula_model("unet", str(tmp_path / "model"))
    return tmp_path


def colorize(*words: str) -> list[str]:
    return ["colorize", *words, "--model", "model"]


def is_warm(rgb: np.ndarray) -> bool:
    red, _, blue = rgb.reshape(-1, 3).mean(axis=0)
    return red - blue > 20


def test_a_film_comes_out_in_colour_with_its_sound(place):
    save_film(place / "film.mp4", moving_square(30), tone=True)
    out, _ = run(*colorize("film.mp4", "--output", "colour.mp4"), folder=place)
    assert "1 colorized, 0 failed" in out
    pictures = pictures_in_rgb(place / "colour.mp4")
    assert len(pictures) == 30 and all(map(is_warm, pictures))
    assert times(place / "colour.mp4") == times(place / "film.mp4")
    assert packets(place / "colour.mp4", "audio") == packets(place / "film.mp4", "audio")
    assert sorted(path.name for path in place.iterdir()) == ["colour.mp4", "film.mp4", "model"]


def test_films_among_pictures_are_found_by_their_content(place):
    (place / "album").mkdir()
    save_film(place / "album" / "a.mp4", moving_square(3))
    save_film(place / "album" / "b.avi", moving_square(3))
    (place / "album" / "b.avi").rename(place / "album" / "no ending")
    Image.new("L", (48, 40), 200).save(place / "album" / "c.png")
    save_film(place / "album" / "d.ts", moving_square(3))
    (place / "album" / "notes.txt").write_text("not a picture")
    out, _ = run_here(*colorize("album", "--output", "out"), folder=place)
    assert "4 colorized, 0 failed" in out
    assert {path.name for path in (place / "out").iterdir()} == {
        ".colorized.jsonl",
        "a.mp4",
        "no ending.mkv",
        "c.png",
        "d.mkv",
    }
    out, _ = run_here(*colorize("album", "--output", "out"), folder=place)
    assert "0 colorized, 0 failed, 4 skipped" in out


@pytest.mark.parametrize("codec", ["h264", "h264-444", "prores", "ffv1"])
def test_every_codec_makes_a_film(place, codec):
    save_film(place / "film.mkv", moving_square(3))
    run_here(*colorize("film.mkv", "--output", "out", "--codec", codec), folder=place)
    assert all(map(is_warm, pictures_in_rgb(place / "out" / "film.mkv")))


def test_a_model_that_answers_with_nan_is_told_for_each_file_and_nothing_is_written(place):
    save_formula_model("nan", str(place / "model"))
    (place / "album").mkdir()
    save_film(place / "album" / "a.mp4", moving_square(3))
    Image.new("L", (48, 40), 200).save(place / "album" / "b.png")
    out, err = run_here(*colorize("album", "--output", "out"), folder=place, status=1)
    assert "0 colorized, 2 failed" in out
    told = sorted(line for line in err.splitlines() if "NaN" in line)
    assert [line.partition(": model answers with NaN or infinity")[0] for line in told] == [
        "album/a.mp4",
        "album/b.png",
    ]
    assert [path for path in (place / "out").rglob("*") if not path.name.startswith(".")] == []


def test_a_broken_film_is_kept_as_far_as_it_goes_with_a_note_and_status_1(place):
    noise = np.random.default_rng(0).integers(16, 235, (60, 48, 64), np.uint8)
    save_film(place / "film.mkv", noise)
    content = (place / "film.mkv").read_bytes()
    (place / "film.mkv").write_bytes(content[: len(content) // 2])
    _, err = run_here(*colorize("film.mkv", "--output", "colour.mkv"), folder=place, status=1)
    assert "film.mkv: " in err and "what could be read is in colour.mkv" in err
    assert 20 < len(times(place / "colour.mkv")) < 40


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["empty.mp4"], "empty.mp4: "),
        (["film.mp4", "--max-pixels", "3000"], "3,072 pixels, more than --max-pixels 3,000"),
        (["film.mp4", "film.mkv", "--output", "colour.mp4"], "names a film"),
        (["film.mp4", "--output", "colour.webm"], "--codec h264 is written as .mp4, .mov, .m4v, .mkv"),
        (["film.mp4", "--samples", "2"], "--samples is for photographs"),
        (["film.mp4", "--input-size", "auto"], "--input-size auto is for photographs"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(place, words, message):
    save_film(place / "film.mp4", moving_square(3))
    save_film(place / "film.mkv", moving_square(3))
    (place / "empty.mp4").write_bytes(b"")
    _, err = run_here(*colorize(*words), folder=place, status=1)
    assert message in err
    assert err.count("\n") == 1


def test_a_part_of_a_film_is_taken_with_its_sound(place):
    save_film(place / "film.mp4", moving_square(40) + moving_square(40), tone=True)
    words = colorize("film.mp4", "--output", "colour.mp4", "--from", "00:00:01", "--to", "2.2")
    run_here(*words, folder=place)
    assert times(place / "colour.mp4") == [round(0.04 * i, 4) for i in range(30)]
    sound = packets(place / "colour.mp4", "audio")
    all_sound = packets(place / "film.mp4", "audio")
    assert sound == all_sound[all_sound.index(sound[0]) :][: len(sound)]
    assert abs(len(sound) * 1024 / 16000 - 1.2) < 0.1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "1:xx"], "--from 1:xx is no time; write 00:01:10"),
        (["--from", "5", "--to", "4"], "--to 4 is not after --from 5"),
        (["--from", "60"], "film.mp4 ends at 00:00:00"),
        (["--from", "0.1"], "film.mp4: no picture of it can be decoded from 0.1 s on"),
    ],
)
def test_times_that_cannot_be_are_told(place, words, message):
    save_film(place / "film.mp4", moving_square(3))
    _, err = run_here(*colorize("film.mp4", "--output", "colour.mp4", *words), folder=place, status=1)
    assert message in err and err.count("\n") == 1
    assert sorted(path.name for path in place.iterdir()) == ["film.mp4", "model"]


def test_times_that_are_none_are_told_before_the_model_is_loaded(place):
    save_film(place / "film.mp4", moving_square(3))
    (place / "empty").mkdir()
    _, err = run_here("colorize", "film.mp4", "--model", "empty", "--from", "1:xx", folder=place, status=1)
    assert "--from 1:xx is no time" in err


def test_a_preview_shows_pictures_of_the_whole_film(place):
    save_film(place / "film.mp4", moving_square(40))
    run_here(*colorize("film.mp4", "--output", "colour.mp4", "--preview", "4"), folder=place)
    with Image.open(place / "colour.mp4-preview.png") as sheet:
        assert sheet.width > 3 * 64 and sheet.height > 2 * 48


def test_frames_on_pipes_come_out_in_colour(place):
    save_film(place / "film.y4m", moving_square(8), codec="wrapped_avframe")
    words = [sys.executable, str(MAIN), *colorize("-", "--raw")]
    with (place / "film.y4m").open("rb") as source, (place / "colour.y4m").open("wb") as sink:
        ended = subprocess.run(words, cwd=place, stdin=source, stdout=sink, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 0 and "8 frames colorized" in ended.stderr
    assert (place / "colour.y4m").read_bytes().startswith(b"YUV4MPEG2 W64 H48 F25:1")
    pictures = pictures_in_rgb(place / "colour.y4m")
    assert len(pictures) == 8 and all(map(is_warm, pictures))


def test_a_pipe_without_frames_is_told_in_one_line(place):
    words = [sys.executable, str(MAIN), *colorize("-", "--raw")]
    ended = subprocess.run(words, cwd=place, input=b"", capture_output=True)
    assert ended.returncode == 1 and ended.stdout == b""
    assert ended.stderr.count(b"\n") == 1 and b"standard input" in ended.stderr


def test_a_pipe_that_breaks_off_is_told_and_the_pictures_before_are_written(place):
    save_film(place / "film.y4m", moving_square(8), codec="wrapped_avframe")
    content = (place / "film.y4m").read_bytes()
    words = [sys.executable, str(MAIN), *colorize("-", "--raw")]
    ended = subprocess.run(words, cwd=place, input=content[: len(content) - 100], capture_output=True)
    assert ended.returncode == 1 and b"standard input: breaks off in the middle of a picture" in ended.stderr
    (place / "colour.y4m").write_bytes(ended.stdout)
    assert len(pictures_in_rgb(place / "colour.y4m")) == 7


def test_a_reader_that_goes_away_ends_the_command_quietly(place):
    save_film(place / "film.y4m", moving_square(8), codec="wrapped_avframe")
    words = [sys.executable, str(MAIN), *colorize("-", "--raw")]
    with (place / "film.y4m").open("rb") as source:
        process = subprocess.Popen(words, cwd=place, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 141


def test_pictures_on_pipes_keep_shape_of_pixels_and_range(place):
    save_film(place / "film.y4m", moving_square(3), codec="wrapped_avframe", color_range=FULL)
    content = re.sub(rb" A\d:\d", b" A4:3", (place / "film.y4m").read_bytes(), count=1)
    (place / "film.y4m").write_bytes(content)
    words = [sys.executable, str(MAIN), *colorize("-", "--raw")]
    ended = subprocess.run(words, cwd=place, input=content, capture_output=True)
    (place / "colour.y4m").write_bytes(ended.stdout)
    films = [read_film(place / name, 10**6) for name in ("film.y4m", "colour.y4m")]
    assert [(film.aspect, film.rate, film.is_full) for film in films] == [(4 / 3, 25, True)] * 2
