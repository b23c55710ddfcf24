"""The colour distribution of a data set: counted, smoothed in the plane, never zero, kept."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from colorization.color.bins import BINS, nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.errors import InputError
from colorization.evaluation.prior_plot import draw_prior
from data_pipelines import Split
from data_pipelines import color_prior as module
from data_pipelines.color_prior import measure_prior, smoothed

ORANGE = np.uint8([230, 120, 20])


def one_colour(count=5):
    return Split(np.broadcast_to(ORANGE, (count, 8, 8, 3)), [f"{i}" for i in range(count)])


def test_a_single_colour_stays_where_it_is(tmp_path):
    prior = measure_prior(one_colour(), 8, tmp_path)
    home = int(nearest_bin(np.asarray(rgb_to_lab(ORANGE[None]))[0, 1:]))
    assert prior.argmax() == home
    assert prior.sum() == pytest.approx(1)
    assert prior.min() > 0
    near = np.linalg.norm(BINS - BINS[home], axis=-1) <= 20
    assert prior[near].sum() > 0.8


def test_smoothing_spreads_in_the_plane_not_along_the_list():
    """Bins 112 and 113 stand side by side in the list, but 17 steps apart in the plane."""
    assert np.linalg.norm(BINS[112] - BINS[113]) > 100
    shares = np.zeros(313)
    shares[112] = 1
    spread = smoothed(shares, crops=10**9)
    assert spread[113] < 1e-6
    plain = np.exp(-np.square(BINS - BINS[112]).sum(axis=-1, dtype=np.float64) / 50)
    assert_allclose(spread, plain / plain.sum(), atol=1e-8)


def test_a_colour_that_never_occurs_has_the_share_of_one_more_picture_of_all_colours():
    shares = np.zeros(313)
    shares[120] = 1
    assert smoothed(shares, crops=99).min() == pytest.approx(1 / 313 / 100, rel=1e-6)


def test_counts_are_those_of_all_pixels(tmp_path):
    rows = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), np.uint8)
    prior = measure_prior(Split(rows, list("abcdefg")), 16, tmp_path)
    counts = np.bincount(nearest_bin(np.asarray(rgb_to_lab(rows))[..., 1:]).ravel(), minlength=313)
    assert_allclose(prior, smoothed(counts / counts.sum(), 7), rtol=1e-6)


def test_it_is_measured_once_for_each_data_set(tmp_path, monkeypatch):
    first = measure_prior(one_colour(), 8, tmp_path)
    monkeypatch.setattr(module, "central_crop", lambda *_: pytest.fail("measured again"))
    assert_allclose(measure_prior(one_colour(), 8, tmp_path), first)
    [file] = tmp_path.iterdir()
    monkeypatch.undo()
    changed = Split(np.full((5, 8, 8, 3), 90, np.uint8), one_colour().names)  # same names, other pixels
    assert measure_prior(changed, 8, tmp_path).argmax() == 120
    for broken in (b"broken", b"", b"PK\x03\x04", file.read_bytes()[:-9]):
        file.write_bytes(broken)
        assert_allclose(measure_prior(one_colour(), 8, tmp_path), first)


def test_of_a_large_data_set_some_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_CROPS", 3)
    rows = np.random.default_rng(1).integers(0, 256, (9, 16, 16, 3), np.uint8)
    counts = np.bincount(nearest_bin(np.asarray(rgb_to_lab(rows[[0, 4, 8]]))[..., 1:]).ravel(), minlength=313)
    assert_allclose(measure_prior(Split(rows, list("abcdefghi")), 16, tmp_path), smoothed(counts / counts.sum(), 3))


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file cannot hold the colour distribution .*--cache-dir"):
        measure_prior(one_colour(), 8, tmp_path / "file")


def test_it_is_drawn(tmp_path):
    draw_prior(tuple(smoothed(np.full(313, 1 / 313), 5)), tmp_path / "run" / "prior.png")
    assert (tmp_path / "run" / "prior.png").read_bytes()[:4] == b"\x89PNG"
