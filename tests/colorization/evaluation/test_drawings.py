"""Grids of pictures, and the histogram of colours."""

import numpy as np

from colorization.evaluation.drawings import ab_histogram, picture_grid


def test_histogram_shows_where_the_colours_are():
    ab = np.zeros((1, 4, 4, 2), np.float32) + [40, 60]  # orange: right of the middle and above it
    picture = ab_histogram(ab)
    assert picture.shape == (110, 110, 3)
    assert (picture.reshape(-1, 3) == 255).all(axis=-1).sum() == 110 * 110 - 1  # the paper is white
    row, column = np.unravel_index(picture.sum(axis=-1, dtype=int).argmin(), (110, 110))
    assert (row, column) == (24, 75)  # 55 - 60 / 2 - 1, 55 + 40 / 2
    red, _, blue = picture[row, column].astype(int)
    assert red > blue + 50
    closer = ab_histogram(ab, side=80)
    row, column = np.unravel_index(closer.sum(axis=-1, dtype=int).argmin(), (110, 110))
    assert (row, column) == (13, 82)  # 55 - 60 * 55 / 80 - 1 and 55 + 40 * 55 / 80, rounded down to a bin


def test_grid_puts_pictures_in_rows():
    columns = [np.full((3, 2, 2, 3), value, np.uint8) for value in (1, 2)]
    assert picture_grid(columns).shape == (6, 4, 3)
    assert picture_grid(columns)[0, 3, 0] == 2
