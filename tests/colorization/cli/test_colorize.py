"""The command on real files, with a stand-in for the network: which pictures come out, what is said, what is returned.

The stand-in makes all warm; what a trained network does is tested end to end elsewhere.
"""

import csv
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from skimage import color

from colorization.cli import colorize
from colorization.config import ColorizeOptions
from colorization.painting import asked
from tests.colorization.cli.colorize_command import StandIn, colorized, grey, read, written
from tests.colorization.cli.notebook import Notebook
from tests.colorization.formula_model import WARM

pytestmark = pytest.mark.usefixtures("warm_model")


def is_warm(rgb: np.ndarray) -> bool:
    return rgb.shape == (40, 48, 3) and np.allclose(color.rgb2lab(rgb)[..., 1:], WARM, atol=1)


def test_folder_comes_out_in_colour():
    grey("album/a.png")
    grey("album/in/b.tif")
    status, console = colorized("album")
    assert status == 0
    assert is_warm(read("out/a.png"))
    assert is_warm(read("out/in/b.tif"))
    assert console.warned == []
    assert len(console.said) == 1
    assert console.said[0].startswith("2 colorized, 0 failed, ")
    assert re.search(r" s, [\d.]+ (a second|s each), in out/$", console.said[0])


def test_bad_picture_is_told_and_the_rest_goes_on():
    grey("album/a.png")
    grey("album/c.png")
    whole = Path("album/c.png").read_bytes()
    Path("album/b.png").write_bytes(whole[:-30])
    status, console = colorized("album")
    assert status == 1
    [line] = console.warned
    assert line.startswith("album/b.png: ")
    assert console.said[-1].startswith("2 colorized, 1 failed, ")
    assert written() == ["a.png", "c.png"]


def test_alpha_is_put_back():
    alpha = np.arange(40 * 48, dtype=np.uint8).reshape(40, 48)
    Image.fromarray(np.dstack([np.full((40, 48), 200, np.uint8), alpha])).save("a.png")
    status, console = colorized("a.png")
    assert status == 0
    assert_array_equal(read("out/a.png")[..., 3], alpha)
    assert console.said[0] == "a.png: transparency is kept"


def test_notes_and_a_new_name_are_shown():
    grey("a.gif")
    _, console = colorized("a.gif")
    assert console.said[0] == "a.gif: written as a.png"


def test_full_disk_is_told_for_the_file_and_leaves_nothing():
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80), dtype=np.uint8)).save("a.png")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        status, console = colorized("a.png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 1
    assert console.warned == ["out/a.png: not written: File too large"]
    assert written() == []


def test_folder_that_cannot_be_made_is_told():
    grey("album/in/a.png")
    Path("out").mkdir()
    Path("out/in").write_text("a file where a folder should be")
    status, console = colorized("album")
    assert status == 1
    assert console.warned == ["out/in/a.png: not written: File exists"]


def test_picture_too_large_for_the_memory_is_told(monkeypatch):
    def fail(L):
        raise MemoryError

    monkeypatch.setattr(asked, "Model", lambda path: StandIn(fail))
    grey("a.png")
    status, console = colorized("a.png")
    assert status == 1
    assert console.warned == ["a.png: too large for the memory of this machine"]


def test_a_picture_that_has_colours_is_told():
    random = np.random.default_rng(0)
    Image.fromarray(random.integers(0, 256, (40, 48, 3), np.uint8)).save("a.png")
    grey("b.png")
    status, console = colorized("a.png", "b.png")
    assert status == 0
    assert [line for line in console.said if ".png" in line] == ["a.png: it has colours of its own; they were replaced"]


def test_of_many_toned_pictures_it_is_said_once_how_many():
    for name in ("a.png", "b.png"):
        Image.new("RGB", (48, 40), (200, 170, 120)).save(name)
    toned = "toned, or nearly grey: taken as grey"
    _, console = colorized("a.png", "b.png", report="done.csv")
    assert [line for line in console.said if toned in line] == [f"2 pictures are {toned}"]
    assert [row["reason"] for row in csv.DictReader(Path("done.csv").read_text().splitlines())] == [toned, toned]
    _, console = colorized("a.png", overwrite=True)
    assert console.said[0] == f"a.png: {toned}"


def test_without_a_model_the_one_that_comes_with_the_program_is_asked(monkeypatch):
    loaded = []
    monkeypatch.setattr(asked, "Model", lambda path: loaded.append(path) or StandIn())
    monkeypatch.setattr(asked, "bundled_model", lambda: Path("pretrained/photo"))
    grey("a.png")
    options = ColorizeOptions(pictures=("a.png",), output="out")
    assert colorize.run(SimpleNamespace(options=options), Notebook()) == 0
    assert loaded == [Path("pretrained/photo")]


def test_who_stops_it_is_told_how_to_go_on(monkeypatch):
    def stop(L):
        raise KeyboardInterrupt

    monkeypatch.setattr(asked, "Model", lambda path: StandIn(stop))
    grey("a.png")
    console = Notebook()
    with pytest.raises(KeyboardInterrupt):
        options = ColorizeOptions(pictures=("a.png",), model="model", output="out")
        colorize.run(SimpleNamespace(options=options), console)
    assert console.how_to_go_on == "the same command again colorizes the pictures that are not done yet"


def test_wrong_input_is_answered_before_anything_heavy_is_imported():
    program = """
import sys
from types import SimpleNamespace
from colorization.cli import colorize
from colorization.cli.console import Console
from colorization.config import ColorizeOptions
from colorization.errors import InputError
try:
    colorize.run(SimpleNamespace(options=ColorizeOptions(pictures=("none.jpg",), model="model")), Console())
except InputError as error:
    print(error, {"tensorflow", "keras", "onnxruntime"} & set(sys.modules))
"""
    checkout = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, check=True)
    assert done.stdout == "none.jpg: does not exist set()\n"


def test_a_folder_without_a_picture_beside_others_is_no_failure():
    grey("album/a.png")
    Path("album/empty").mkdir()
    status, console = colorized("album/*")
    assert status == 0
    assert console.warned == ["album/empty: no pictures in this folder"]
    assert console.said[-1].startswith("1 colorized, 0 failed, ")


def test_the_case_of_a_glob_with_an_empty_folder(shared_cases):
    status, console = colorized(f"{shared_cases}/10_glob_with_a_folder_without_pictures/album/*")
    assert status == 0
    assert is_written("out/a.png")
    [line] = console.warned
    assert line.endswith("album/empty: no pictures in this folder")


def is_written(name: str) -> bool:
    return read(name).ndim == 3


def test_keep_time_gives_outputs_the_time_of_their_sources():
    grey("a.png")
    os.utime("a.png", (1e9, 1e9))
    colorized("a.png", keep_time=True)
    assert Path("out/a.png").stat().st_mtime == 1e9
    colorized("a.png", overwrite=True)
    assert Path("out/a.png").stat().st_mtime > 1e9


def test_the_pictures_of_phones_in_a_folder_are_colorized(shared_cases):
    pytest.importorskip("pillow_heif")
    pytest.importorskip("pillow_jxl")
    status, console = colorized(str(shared_cases / "07_heic_jxl_raw_passed_over_in_silence"))
    assert (status, console.warned) == (0, [])
    assert written() == ["IMG_0001.HEIC", "IMG_2.jxl", "photo.png"]
