"""Metrics against hand calculations and figures from outside."""

import numpy as np
import pytest
from skimage import data

from colorization.color.bins import nearest_bin
from colorization.evaluation.metrics import (
    ab_accuracy,
    auc_of_pixels,
    bleeding,
    colourfulness,
    faded,
    mean_metrics,
    picture_metrics,
    psnr,
    rgb_mae,
    ssim,
)


def test_psnr_of_a_known_error():
    black = np.zeros((4, 4, 3), np.uint8)
    assert psnr(black, black + 255) == pytest.approx(0.0)
    assert psnr(black, black + 1) == pytest.approx(48.1308, abs=1e-4)  # 20 log10(255)
    assert psnr(black, black) == 100.0


def test_psnr_is_of_the_whole_picture():
    truth, result = np.zeros((2, 1, 3), np.uint8), np.zeros((2, 1, 3), np.uint8)
    result[0, 0, 0] = 60  # mean square 3600 / 6 = 600
    assert psnr(truth, result) == pytest.approx(20 * np.log10(255 / 600**0.5))


@pytest.mark.parametrize(("name", "figure"), [("astronaut", 72.6052), ("coffee", 76.9179), ("chelsea", 37.9574)])
def test_colourfulness_of_known_photographs(name, figure):
    assert colourfulness(getattr(data, name)()) == pytest.approx(figure, abs=1e-3)


def test_colourfulness_of_grey_is_zero():
    assert colourfulness(np.full((5, 5, 3), 90, np.uint8)) == 0


def test_ssim_against_tensorflow():
    import tensorflow as tf

    truth = data.chelsea()
    result = np.clip(truth.astype(int) + np.random.default_rng(0).integers(-40, 40, truth.shape), 0, 255).astype("u1")
    # TensorFlow cuts the borders that its window does not fill, scikit-image the same 5 px
    assert ssim(truth, result) == pytest.approx(float(tf.image.ssim(truth, result, 255)), abs=2e-3)
    assert ssim(truth, truth) == pytest.approx(1)
    assert np.isnan(ssim(truth[:5, :5], result[:5, :5]))


def test_mae_and_accuracy_by_hand():
    assert rgb_mae(np.array([[[0, 250, 10]]], np.uint8), np.array([[[6, 247, 10]]], np.uint8)) == pytest.approx(3)
    truth, result = np.zeros((1, 2, 2)), np.array([[[1.9, -2.1], [5.0, 7.0]]])
    assert ab_accuracy(truth, result, 2) == 0.25
    assert ab_accuracy(truth, result, 5) == 0.75


@pytest.mark.parametrize(
    ("truth", "result", "expected"), [(20, 3.9, True), (20, 4.1, False), (3.9, 0, False), (4.1, 0, True), (0, 0, False)]
)
def test_a_picture_has_faded_if_it_came_out_nearly_grey_and_is_not(truth, result, expected):
    """Half of the pixels have twice the chroma: the mean counts."""

    def chroma(mean):
        return np.array([[[2 * mean, 0.0], [0.0, 0.0]]])

    assert faded(chroma(truth), chroma(result)) == expected


def test_bleeding_by_hand():
    """A row of 5 pixels, its edge between the third and the fourth: the pairs (2, 4) and (3, 5) lie over it."""
    L = np.array([10.0, 10, 10, 60, 60]).reshape(1, 5, 1)
    truth = np.zeros((1, 5, 2))
    truth[0, 3:] = (30, 40)
    assert bleeding(L, truth, truth) == 0
    assert bleeding(L, truth, truth + 7.0) == 0  # another colour, as sharp
    assert bleeding(L, truth, 0 * truth) == pytest.approx(50)  # grey: both pairs lack all of it
    run_over = truth.copy()
    run_over[0, 2] = (30, 40)  # the colour begins a pixel too early: (3, 5) changes no more, (2, 4) as it should
    assert bleeding(L, truth, run_over) == pytest.approx(25)
    turned = [np.moveaxis(each, 0, 1) for each in (L, truth, run_over)]
    assert bleeding(*turned) == pytest.approx(25)
    assert bleeding(L / 10, truth, run_over) == 0  # no strong edge


def test_means_and_delta_colourfulness():
    grey, red = np.full((12, 12, 3), 90, np.uint8), np.full((12, 12, 3), (200, 0, 0), np.uint8)
    ab = np.zeros((12, 12, 2))
    rows = [picture_metrics(ab, red, grey, ab, ab), picture_metrics(ab, grey, grey, ab, ab)]
    means = mean_metrics(rows)
    assert means["true_colourfulness"] == pytest.approx(colourfulness(red) / 2)
    assert means["delta_colourfulness"] == pytest.approx(colourfulness(red) / 2)
    assert means["psnr"] == pytest.approx((psnr(red, grey) + 100) / 2)


def test_auc_of_a_pixel_is_the_area_under_its_step():
    """Against the curve itself: shares of pixels within 0, 1 .. 150, by the trapezoid rule."""
    random = np.random.default_rng(3)
    truth = random.uniform(-100, 100, (20, 30, 2))
    result = truth + random.normal(0, 30, truth.shape) * random.integers(0, 2, (20, 30, 1))
    error = np.linalg.norm(truth - result, axis=-1)
    curve = [(error <= threshold).mean() for threshold in range(151)]
    assert auc_of_pixels(truth, result).mean() == pytest.approx(np.trapezoid(curve) / 150)


def test_auc_of_worked_errors():
    truth = np.zeros((1, 5, 2))
    result = np.array([[[0, 0], [3, 4], [0.2, 0], [149.5, 0], [400, 0]]], float)
    np.testing.assert_allclose(auc_of_pixels(truth, result)[0] * 150, [150, 145.5, 149.5, 0.5, 0])


def test_balanced_auc_is_over_pixels_of_all_pictures():
    """Two pictures of one pixel each: blue, found exactly and weighing 9, and grey, missed by 300 and weighing 1."""
    blue, grey = np.array([[[70.0, -110.0]]]), np.zeros((1, 1, 2))
    weights = np.ones(313)
    weights[int(nearest_bin(blue[0, 0]))] = 9
    rgb = np.zeros((1, 1, 3), np.uint8)
    one = (np.zeros((1, 1, 1)), rgb, rgb)
    rows = [picture_metrics(*one, blue, blue, weights), picture_metrics(*one, grey, grey + 300, weights)]
    means = mean_metrics(rows)
    assert means["auc"] == pytest.approx(0.5)
    assert means["auc_balanced"] == pytest.approx(0.9)
