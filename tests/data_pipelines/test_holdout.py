import numpy as np
import pytest

from data_pipelines import Split
from data_pipelines.cache import CachedPictures
from data_pipelines.holdout import fewer, held_out

NAMES = [f"folder/{number}.jpg" for number in range(2000)]


def test_about_a_tenth_is_held_out():
    assert 160 <= len(held_out(NAMES)) <= 240


def test_no_picture_changes_sides_when_others_are_added_or_removed():
    assert held_out(NAMES[:500]) == held_out(NAMES) & set(NAMES[:500])


def test_the_same_on_every_machine():
    assert held_out(NAMES[:30]) == {"folder/12.jpg"}


def test_a_small_set_holds_out_one_whatever_its_order():
    assert len(held_out(NAMES[:3])) == 1
    assert held_out(NAMES[:3]) == held_out(NAMES[2::-1])


def test_nothing_is_held_out_of_nothing():
    assert held_out([]) == frozenset()


def test_names_that_are_no_utf8():
    assert held_out(["\udcff.jpg"]) == {"\udcff.jpg"}


ROWS = np.arange(20, dtype=np.uint8)[:, None, None, None].repeat(3, axis=-1)  # the colour is the picture's number
CACHED = CachedPictures(ROWS.reshape(-1), np.arange(20) * 3, np.ones((20, 2), np.int64))


@pytest.mark.parametrize("rows", [ROWS, CACHED], ids=["array", "cache"])
def test_fewer_pictures_are_a_part_of_more(rows):
    labels = np.arange(20) % 3
    split = Split(rows, tuple(NAMES[:20]), labels=labels, weights=np.linspace(1, 2, 20))
    few, more = fewer(split, 5), fewer(split, 9)
    assert len(few.rows) == 5
    assert set(few.names) < set(more.names) < set(split.names)
    for row, name, label, weight in zip(few.rows, few.names, few.labels, few.weights, strict=True):
        number = NAMES.index(name)
        assert (row == number).all() and label == labels[number] and weight == split.weights[number]
    assert fewer(split, 20) is split
