"""What the words of a command line stand for, and where the results go."""

import os
import unicodedata
from pathlib import Path

import pytest

from colorization.cli.output_paths import plan
from colorization.cli.record import remember
from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.painting.job import Job
from tests.colorization.cli.colorize_command import picture


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def planned(*words: str, output: str = "out", **options) -> dict[str, str]:
    """Source -> output, both as written."""
    jobs = plan(ColorizeOptions(pictures=words, output=output, **options))
    return {str(job.source): str(job.output) for job in jobs}


def test_single_file_keeps_its_name():
    picture("deep/down/a.jpg")
    assert planned("deep/down/a.jpg") == {"deep/down/a.jpg": "out/a.jpg"}


def test_job_is_whole():
    picture("a.tif", "TIFF")
    assert plan(ColorizeOptions(pictures=("a.tif",))) == [
        Job(Path("a.tif"), Path("colorized/a.tif"), format="TIFF", pixels=256)
    ]


def test_folder_is_walked_in_order_and_mirrored():
    for name in ("album/b.jpg", "album/a.jpg", "album/z/c.jpg", "album/y/d.jpg"):
        picture(name)
    assert planned("album") == {
        "album/a.jpg": "out/a.jpg",
        "album/b.jpg": "out/b.jpg",
        "album/y/d.jpg": "out/y/d.jpg",
        "album/z/c.jpg": "out/z/c.jpg",
    }
    assert list(planned("album/")) == list(planned("album")) == sorted(planned("album"))


def test_folder_passes_over_what_is_no_picture_and_what_is_hidden():
    picture("album/a.jpg")
    picture("album/no ending", "PNG")
    picture("album/.hidden.jpg")
    picture("album/.trash/b.jpg")
    Path("album/notes.txt").write_text("day 1")
    assert set(planned("album")) == {"album/a.jpg", "album/no ending"}


def test_broken_picture_in_a_folder_and_text_named_on_the_line_are_problems():
    picture("album/a.jpg")
    Path("album/broken.jpg").write_bytes(b"")
    Path("notes.txt").write_text("day 1")
    jobs = plan(ColorizeOptions(pictures=("album", "notes.txt")))
    assert [job.problem for job in jobs] == [
        "",
        "album/broken.jpg: empty file (zero bytes)",
        "notes.txt: not a picture: text",
    ]
    assert [job.output for job in jobs[1:]] == [None, None]


def test_too_large_picture_is_a_problem_before_work():
    picture("a.jpg")
    [job] = plan(ColorizeOptions(pictures=("a.jpg",), max_pixels=255))
    assert job.problem == "a.jpg: too large, has 256 pixels, more than --max-pixels 255"


def test_ending_fits_what_will_be_written():
    picture("a.gif", "GIF")
    picture("b.png", "JPEG")
    picture("c", "BMP")
    picture("scan.1912", "PNG")
    picture("d.JPEG")
    picture("e.mpo")
    picture("f.tga", "TGA", mode="RGBA")
    picture("g.pgm", "PPM", mode="L")
    picture("h.pnm", "PPM", mode="L")
    names = ("a.gif", "b.png", "c", "scan.1912", "d.JPEG", "e.mpo", "f.tga", "g.pgm", "h.pnm")
    outputs = ["out/a.png", "out/b.jpg", "out/c.bmp", "out/scan.1912.png", "out/d.JPEG", "out/e.jpg", "out/f.tga"]
    outputs += ["out/g.ppm", "out/h.pnm"]
    assert list(planned(*names).values()) == outputs


def test_format_that_cannot_hold_alpha_becomes_png():
    picture("a.ico", "ICO", mode="RGBA")
    [job] = plan(ColorizeOptions(pictures=("a.ico",)))
    assert (job.format, job.output.name) == ("PNG", "a.png")


def test_globs_are_expanded_where_the_shell_did_not(tmp_path):
    for name in ("b.jpg", "a.jpg", "in/c.jpg", "in/deep/d.jpg"):
        picture(name)
    assert list(planned("*.jpg")) == ["a.jpg", "b.jpg"]
    assert planned("in/**/*.jpg") == {"in/c.jpg": "out/c.jpg", "in/deep/d.jpg": "out/d.jpg"}
    assert list(planned(f"{tmp_path}/?.jpg")) == [f"{tmp_path}/a.jpg", f"{tmp_path}/b.jpg"]


def test_name_with_brackets_is_a_file_before_it_is_a_glob():
    picture("photo[1].jpg")
    picture("photo1.jpg")
    assert list(planned("photo[1].jpg")) == ["photo[1].jpg"]


def test_picture_named_twice_is_colorized_once():
    picture("album/a.jpg")
    assert planned("album", "album/a.jpg", "./album/*.jpg") == {"album/a.jpg": "out/a.jpg"}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("none.jpg", "none.jpg: does not exist"),
        ("*.jpg", "nothing matches"),
        ("empty", "no pictures in this folder"),
        ("-", "^-: standard input is not read; name files, folders or globs$"),
        ("https://a.org/b.jpg", "^https://a.org/b.jpg: nothing is fetched from the network; save the picture"),
        ("data:image/png;base64,iVBORw0KGgo=", "nothing is fetched from the network"),
    ],
)
def test_words_that_stand_for_nothing(word, message):
    Path("empty").mkdir()
    with pytest.raises(InputError, match=message):
        planned(word)


def test_link_that_points_nowhere_is_a_problem():
    Path("a.jpg").symlink_to("gone.jpg")
    [job] = plan(ColorizeOptions(pictures=("a.jpg",)))
    assert job.problem == "a.jpg: No such file or directory"


def test_links_that_loop_end():
    picture("album/in/a.jpg")
    Path("album/loop.jpg").symlink_to("loop.jpg")
    Path("album/in/back").symlink_to("..")
    Path("album/self").symlink_to("self")
    Path("album/twice").symlink_to("in")
    assert planned("album") == {"album/in/a.jpg": "out/in/a.jpg", "album/loop.jpg": "None"}
    [job, _] = plan(ColorizeOptions(pictures=("album",)))
    assert job.problem == "album/loop.jpg: Too many levels of symbolic links"


def test_output_inside_the_input_is_not_walked_into():
    picture("album/a.jpg")
    picture("album/colorized/a.jpg")
    assert planned("album", output="album/colorized", overwrite=True) == {"album/a.jpg": "album/colorized/a.jpg"}


def test_what_calls_with_other_output_folders_made_is_left_out():
    for name in ("a.jpg", "in/b.jpg", "colorized/a.jpg", "colorized/in/b.jpg", "colorized/mine.jpg"):
        picture(f"album/{name}")
    for name in ("a.jpg", "in/b.jpg"):
        remember(Path("album/colorized"), Path("album/colorized", name), Path("album", name))
    expected = {"album/a.jpg", "album/in/b.jpg", "album/colorized/mine.jpg"}
    assert set(planned("album")) == set(planned("album/*")) == expected
    Path("album/colorized/mine.jpg").unlink()
    told = [job.problem for job in plan(ColorizeOptions(pictures=("album/a.jpg", "album/colorized")))]
    assert told == ["", "album/colorized: no pictures in this folder but those that earlier calls have made"]
    alone = {f"album/colorized/{name}" for name in ("a.jpg", "in/b.jpg")}
    assert set(planned("album/colorized")) == alone


def test_unreadable_folder_is_a_problem_and_the_rest_goes_on(monkeypatch):
    def scandir(path, really=os.scandir):  # in place of chmod, which does not keep root out
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    picture("album/a.jpg")
    picture("album/closed/b.jpg")
    jobs = plan(ColorizeOptions(pictures=("album",)))
    assert [job.problem for job in jobs] == ["", "album/closed: Permission denied"]


# --- outputs that clash ---


def test_names_that_would_collide_keep_the_whole_old_name():
    picture("in/a.gif", "GIF")
    picture("in/a.ico", "ICO")
    picture("in/b.gif", "GIF")
    assert planned("in") == {
        "in/a.gif": "out/a.gif.png",
        "in/a.ico": "out/a.ico.png",
        "in/b.gif": "out/b.png",
    }


def test_name_that_fits_stays_where_another_would_take_it():
    picture("in/a.jpg", "PNG")
    picture("in/a.png", "PNG")
    assert planned("in") == {"in/a.jpg": "out/a.jpg.png", "in/a.png": "out/a.png"}


def test_names_alone_decide_who_keeps_the_old_one():
    """So that a part of the folder is written under the same names as the whole of it."""
    picture("in/a.gif", "GIF")
    picture("in/a.jpg")
    Path("in/b.gif").write_bytes(Path("in/a.gif").read_bytes())
    Path("in/b.mp4").write_bytes(b"....ftypisom")
    assert planned("in") == {
        "in/a.gif": "out/a.gif.png",
        "in/a.jpg": "out/a.jpg",
        "in/b.gif": "out/b.png",
        "in/b.mp4": "out/b.mp4",
    }


def test_films_that_would_share_a_name_keep_the_old_one():
    for name in ("a.avi", "a.wmv", "a.mkv", "b.avi"):
        picture(f"in/{name}")
        Path(f"in/{name}").write_bytes(b"....ftypisom")
    assert planned("in") == {
        "in/a.avi": "out/a.avi.mkv",
        "in/a.mkv": "out/a.mkv",
        "in/a.wmv": "out/a.wmv.mkv",
        "in/b.avi": "out/b.mkv",
    }


def test_two_that_still_collide_are_refused():
    picture("one/a.jpg")
    picture("two/a.jpg")
    with pytest.raises(
        InputError, match=r"one/a.jpg and two/a.jpg would both be written to out/a.jpg; give each its own --output"
    ):
        planned("one", "two")
    picture("in/a.gif", "GIF")
    picture("in/a.png", "PNG")
    picture("in/a.gif.png", "PNG")
    with pytest.raises(InputError, match="would both be written to out/a.gif.png"):
        planned("in")


@pytest.mark.parametrize("other", ["A.JPG", unicodedata.normalize("NFD", "Ä.jpg")])
def test_names_that_some_disks_take_for_one(other):
    name = "a.jpg" if other == "A.JPG" else "Ä.jpg"
    picture(f"in/{name}")
    picture(f"in/{other}")
    if len(list(Path("in").iterdir())) == 1:
        pytest.skip("this disk takes them for one")
    jobs = plan(ColorizeOptions(pictures=("in",)))
    assert [bool(job.problem) for job in jobs] == [False, True]
    assert "would differ" in jobs[1].problem


def test_output_that_is_an_input_is_refused():
    picture("album/a.jpg")
    for words, output in ((("album",), "album"), (("album/a.jpg",), "album"), (("album/a.jpg",), "./album/../album")):
        with pytest.raises(InputError, match="is read and would be written"):
            planned(*words, output=output, overwrite=True)
    Path("link").symlink_to("album")
    with pytest.raises(InputError, match="is read and would be written"):
        planned("link/a.jpg", output="album", overwrite=True)


def test_output_that_is_a_file_is_refused():
    picture("a.jpg")
    Path("out").write_text("")
    with pytest.raises(InputError, match="--output out: .*out is a file; name a folder"):
        planned("a.jpg")


def test_existing_output_is_a_problem_without_overwrite():
    picture("a.jpg")
    picture("out/a.jpg")
    [job] = plan(ColorizeOptions(pictures=("a.jpg",), output="out"))
    assert job.done
    assert job.problem == "out/a.jpg: exists already; --overwrite replaces it"
    [job] = plan(ColorizeOptions(pictures=("a.jpg",), output="out", overwrite=True))
    assert not job.problem


def test_a_folder_without_a_picture_is_said_and_the_others_are_done():
    picture("album/a.png", "PNG")
    Path("album/empty").mkdir()
    Path("album/empty/notes.txt").write_text("day 1")
    for words in (("album/*",), ("album/a.png", "album/empty")):
        first, second = plan(ColorizeOptions(pictures=words))
        assert (first.problem, first.empty) == ("", False)
        assert (second.problem, second.empty) == ("album/empty: no pictures in this folder", True)


def test_only_folders_without_a_picture_are_an_error():
    Path("a").mkdir()
    Path("b").mkdir()
    with pytest.raises(InputError, match=r"^a: no pictures in this folder; b: no pictures in this folder$"):
        plan(ColorizeOptions(pictures=("a", "b")))


@pytest.mark.parametrize("folder", ["@eaDir", "#recycle", "__MACOSX", ".thumbnails", "$RECYCLE.BIN"])
def test_what_programs_keep_for_themselves_is_nobodys_photograph(folder):
    picture("album/a.jpg")
    picture(f"album/{folder}/a.jpg")
    picture("album/inner/c.jpg")
    picture(f"album/inner/{folder}/b.jpg")
    assert set(planned("album")) == set(planned("album/*")) == {"album/a.jpg", "album/inner/c.jpg"}
    assert set(planned(f"album/{folder}")) == {f"album/{folder}/a.jpg"}


@pytest.mark.parametrize("ending", ["crdownload", "part", "partial", "download", "tmp", "PART"])
def test_unfinished_files_are_passed_over_in_a_folder(ending):
    picture("album/a.jpg")
    picture(f"album/b.jpg.{ending}")
    assert set(planned("album")) == {"album/a.jpg"}
    assert set(planned(f"album/b.jpg.{ending}")) == {f"album/b.jpg.{ending}"}


def test_a_word_that_stands_for_nothing_beside_others_is_a_problem_of_its_own():
    picture("a.jpg")
    first, second = plan(ColorizeOptions(pictures=("none.jpg", "a.jpg")))
    assert (str(first.source), first.problem) == ("a.jpg", "")
    assert second.problem == "none.jpg: does not exist"
