"""What a hint on the command line means, and which cells of the network's grid it covers."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import color

from colorization.errors import InputError
from colorization.inference.hints import Hint, hint_planes, notes_on_hints, parse_hint, read_hints

RED = (192, 48, 32)


def covered(hint: Hint, radius: int, size: tuple[int, int], grid: tuple[int, int]) -> tuple[list[int], list[int]]:
    """Rows and columns of the grid that the hint covers; asserts that it is a whole rectangle."""
    mask = hint_planes([hint], radius, size, grid)["hint_mask"][..., 0]
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert mask[np.ix_(rows, columns)].all()
    return rows.tolist(), columns.tolist()


# --- how it is written ---


@pytest.mark.parametrize("word", ["120,80,#c03020", "120,80,c03020", "120,80,#C03020", " 120,80,#c03020 "])
def test_hint_is_a_place_and_a_colour(word):
    assert parse_hint(word) == Hint(x=120, y=80, rgb=RED)


def test_first_pixel_is_0_0():
    assert parse_hint("0,0,#000000") == Hint(0, 0, (0, 0, 0))


@pytest.mark.parametrize(
    "word",
    [
        "",
        "red",
        "120,80",
        "120,80,red",
        "120,80,#c0302",
        "120,80,#c030200",
        "120,80,##c03020",
        "120,80,#c0302g",
        "120;80;#c03020",
        "120, 80, #c03020",
        "-1,80,#c03020",
        "1.5,80,#c03020",
        "120,80,192,48,32",
        "120,80,#c03020\n1,1,#c03020",
    ],
)
def test_anything_else_is_refused_and_a_right_one_shown(word):
    with pytest.raises(InputError, match=r"is no hint; write x,y,#rrggbb, such as 120,80,#c03020$"):
        parse_hint(word)


def test_the_hint_that_the_message_shows_is_right():
    with pytest.raises(InputError) as told:
        parse_hint("red")
    assert parse_hint(str(told.value).split()[-1]) == Hint(120, 80, RED)


# --- where it lies ---


@pytest.mark.parametrize(
    ("hint", "radius", "size", "grid", "rows", "columns"),
    [
        # 20.5 -+ 3 and 10.5 -+ 3 px
        ((10, 20), 3, (40, 60), (40, 60), range(17, 24), range(7, 14)),
        # a quarter: (200.5 -+ 8) / 4 = 48.1 .. 52.1, (100.5 -+ 8) / 4 = 23.1 .. 27.1
        ((100, 200), 8, (400, 600), (100, 150), range(48, 53), range(23, 28)),
        # a half of the height, a third of the width: (10.5 -+ 5) / 2 = 2.75 .. 7.75, (150.5 -+ 5) / 3 = 48.5 .. 51.8
        ((150, 10), 5, (100, 300), (50, 100), range(2, 8), range(48, 52)),
        # upright: (450.5 -+ 2) * 0.3 = 134.55 .. 135.75, (30.5 -+ 2) * 0.3 = 8.55 .. 9.75
        ((30, 450), 2, (500, 200), (150, 60), range(134, 136), range(8, 10)),
    ],
)
def test_hint_covers_every_cell_that_its_square_touches(hint, radius, size, grid, rows, columns):
    assert covered(Hint(*hint, RED), radius, size, grid) == (list(rows), list(columns))


@pytest.mark.parametrize(
    ("hint", "size", "grid", "rows", "columns"),
    [
        # 4 px, a hundredth of 400: 200.5 -+ 4, 100.5 -+ 4
        ((100, 200), (400, 600), (400, 600), range(196, 205), range(96, 105)),
        # 10 px, then * 0.256: 125.6 .. 130.7, 381.6 .. 386.7
        ((1500, 500), (1000, 3000), (256, 768), range(125, 131), range(381, 387)),
        # 0.2 px: the pixel alone
        ((7, 3), (20, 30), (20, 30), range(3, 4), range(7, 8)),
    ],
)
def test_radius_0_is_a_hundredth_of_the_shorter_side(hint, size, grid, rows, columns):
    assert covered(Hint(*hint, RED), 0, size, grid) == (list(rows), list(columns))


@pytest.mark.parametrize(("x", "column"), [(0, 0), (399, 0), (400, 1), (2000, 5), (3599, 8), (3999, 9)])
def test_hint_covers_at_least_one_cell(x, column):
    """A cell is 400 px wide: where the square of 3 px lies within one, that one is coloured."""
    rows, columns = covered(Hint(x, 1000, RED), 1, (4000, 4000), (10, 10))
    assert rows == [2]
    assert column in columns
    assert len(columns) <= 2  # the square may reach over the edge of its cell


@pytest.mark.parametrize(
    ("hint", "rows", "columns"),
    [
        ((0, 0), range(0, 6), range(0, 6)),
        ((59, 0), range(0, 6), range(54, 60)),
        ((0, 39), range(34, 40), range(0, 6)),
        ((59, 39), range(34, 40), range(54, 60)),
        ((30, 2), range(0, 8), range(25, 36)),
    ],
)
def test_hint_at_the_edge_is_cut_off_there(hint, rows, columns):
    assert covered(Hint(*hint, RED), 5, (40, 60), (40, 60)) == (list(rows), list(columns))


def test_hint_larger_than_the_photograph_covers_all_of_it():
    assert covered(Hint(5, 5, RED), 1000, (40, 60), (20, 30)) == (list(range(20)), list(range(30)))


@pytest.mark.parametrize("place", [(60, 0), (0, 40), (60, 40), (1000, 1000)])
def test_hint_outside_the_photograph_is_refused_with_both_sizes(place):
    with pytest.raises(InputError, match=rf"hint at {place[0]},{place[1]} lies outside the photograph of 60 x 40 px"):
        hint_planes([Hint(0, 0, RED), Hint(*place, RED)], 3, (40, 60), (20, 30))


# --- what it says ---


def test_planes_are_what_the_network_takes():
    planes = hint_planes([Hint(1, 2, RED)], 1, (40, 60), (20, 30))
    assert {name: (plane.shape, plane.dtype) for name, plane in planes.items()} == {
        "hint_ab": ((20, 30, 2), np.float32),
        "hint_mask": ((20, 30, 1), np.float32),
    }
    assert set(np.unique(planes["hint_mask"])) == {0, 1}


def test_no_hint_is_nothing_everywhere():
    planes = hint_planes([], 0, (40, 60), (20, 30))
    assert not planes["hint_ab"].any()
    assert not planes["hint_mask"].any()


@pytest.mark.parametrize("rgb", [RED, (0, 0, 255), (255, 255, 0), (12, 200, 90), (1, 2, 3)])
def test_colour_is_that_of_scikit_image_without_its_lightness(rgb):
    planes = hint_planes([Hint(30, 20, rgb)], 4, (40, 60), (40, 60))
    inside = planes["hint_mask"][..., 0] == 1
    expected = color.rgb2lab(np.uint8([[rgb]]))[0, 0, 1:]
    np.testing.assert_allclose(planes["hint_ab"][inside], np.tile(expected, (inside.sum(), 1)), atol=0.01)
    assert not planes["hint_ab"][~inside].any()


@pytest.mark.parametrize("rgb", [(0, 0, 0), (128, 128, 128), (255, 255, 255)])
def test_grey_is_a_hint_too(rgb):
    planes = hint_planes([Hint(30, 20, rgb)], 0, (40, 60), (40, 60))
    np.testing.assert_allclose(planes["hint_ab"], 0, atol=0.01)
    assert planes["hint_mask"].sum() == 1


def test_hints_that_do_not_do_what_they_seem_to_are_told():
    size, red = (40, 60), (255, 0, 0)
    assert notes_on_hints([Hint(10, 10, red), Hint(11, 10, red)], 0, size) == ()
    assert notes_on_hints([Hint(10, 10, red), Hint(1, 1, red), Hint(10, 10, red)], 3, size) == (
        "hints 1 and 3 are both at 10,10: the later one counts there",
    )
    assert notes_on_hints([Hint(0.5, 0.5, red, True), Hint(30, 20, red)], 0, size) == (
        "hints 1 and 2 are both at 30,20: the later one counts there",
    )
    assert notes_on_hints([Hint(10, 10, red, seconds=1.0), Hint(10, 10, red, seconds=2.0)], 0, size) == ()
    whole = ("hint 1 covers the whole photograph of 60 x 40 px",)
    assert notes_on_hints([Hint(10, 10, red)], 60, size) == whole
    assert notes_on_hints([Hint(10, 10, red)], 59, size) == ()
    assert hint_planes([Hint(0, 0, red)], 60, size, size)["hint_mask"].all()


def test_of_two_that_overlap_the_later_one_counts():
    first, later = Hint(10, 10, (255, 0, 0)), Hint(13, 10, (0, 0, 255))
    both = hint_planes([first, later], 2, (40, 60), (40, 60))
    alone = [hint_planes([hint], 2, (40, 60), (40, 60)) for hint in (first, later)]
    np.testing.assert_array_equal(both["hint_mask"], np.maximum(alone[0]["hint_mask"], alone[1]["hint_mask"]))
    expected = np.where(alone[1]["hint_mask"] == 1, alone[1]["hint_ab"], alone[0]["hint_ab"])
    np.testing.assert_array_equal(both["hint_ab"], expected)
    np.testing.assert_array_equal(both["hint_ab"][10, 12], alone[1]["hint_ab"][10, 12])  # where they overlap
    np.testing.assert_array_equal(both["hint_ab"][10, 8], alone[0]["hint_ab"][10, 8])


def test_the_spelling_is_checked_without_tensorflow():
    code = (
        "import sys\nfrom colorization.inference.hints import parse_hint\nparse_hint('1,2,#c03020')\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    checkout = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def hints_file(folder, tree):
    path = folder / "hints.json"
    path.write_text(tree if isinstance(tree, str) else json.dumps(tree))
    return path


def test_hints_of_a_file_are_shares_or_pixels(tmp_path):
    entries = [{"x": 0.5, "y": 1, "colour": "#c03020"}, {"x": 0, "y": 0.25, "colour": "#808080", "size": 0.1}]
    first, second = read_hints(hints_file(tmp_path, {"hints": entries}))
    assert first.at(200, 300) == Hint(150, 199, (0xC0, 0x30, 0x20))
    assert second.at(200, 300) == Hint(0, 50, (128, 128, 128), size=0.1)
    pixels = {"unit": "px", "hints": [{"x": 120, "y": 80, "colour": "#c03020"}]}
    assert read_hints(hints_file(tmp_path, pixels)) == [Hint(120, 80, (0xC0, 0x30, 0x20))]


def test_a_hint_may_have_a_size_of_its_own():
    planes = hint_planes([Hint(0.5, 0.5, (200, 0, 0), True, 0.25)], 0, (100, 200), (100, 200))
    rows, columns = np.nonzero(planes["hint_mask"][..., 0])
    assert (rows.min(), rows.max() + 1) == (25, 76)
    assert (columns.min(), columns.max() + 1) == (75, 126)


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ("no JSON", "has no hints; save them on the page, or write"),
        ("[]", "has no hints"),
        ({"a": 1}, "has no hints"),
        ({"hints": {}}, "has no hints"),
        ({"unit": "inch", "hints": []}, "has no hints"),
        ("[" * 100_000, "has no hints"),
        ({"hints": [{}]}, "hint 1: x and y must be shares, 0 to 1"),
        ({"hints": [{"x": 2, "y": 0, "colour": "#c03020"}]}, "hint 1: x and y must be shares"),
        ({"hints": [{"x": 0.5, "y": 0.5, "colour": "red"}]}, "hint 1: "),
        ({"hints": [None]}, "hint 1: "),
        ({"unit": "px", "hints": [{"x": -1, "y": 0, "colour": "#c03020"}]}, "hint 1: x and y must be pixels"),
        ({"hints": [{"x": 0.5, "y": 0.5, "colour": "#c03020"}] * 10_000}, "has 10,000 hints; give at most 1,000"),
    ],
)
def test_other_files_are_refused_in_words(tree, told, tmp_path):
    with pytest.raises(InputError, match=re.escape(told)):
        read_hints(hints_file(tmp_path, tree))
