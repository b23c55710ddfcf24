"""What a classifier says of recoloured pictures, against hand calculations and scipy."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from colorization.evaluation.evaluate import Answers
from colorization.evaluation.semantic import divergence, evaluate_semantics, frechet_distance, semantic_lines
from colorization.models.classifiers import Classifier
from data_pipelines import Split


def test_frechet_distance_is_scipys():
    random = np.random.default_rng(0)
    first, second = random.normal(0, 1, (200, 6)), random.normal(0.5, 2, (300, 6)) @ random.normal(0, 1, (6, 6))
    c1, c2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    expected = np.square(first.mean(0) - second.mean(0)).sum() + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_by_hand():
    """Two pairs of points on a line: means 0 and 3, variances 2 and 8: 9 + 2 + 8 - 2 * 4."""
    first, second = np.array([[-1.0], [1.0]]), np.array([[1.0], [5.0]])
    assert frechet_distance(first, second) == pytest.approx(11)
    assert frechet_distance(second, second) == pytest.approx(0, abs=1e-6)
    few = np.random.default_rng(1).normal(0, 1, (5, 40))  # fewer pictures than features
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-6)


def test_divergence_by_hand():
    true, other = np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[0.25, 0.75], [1.0, 0.0]])
    expected = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)
    np.testing.assert_allclose(divergence(true, other), [expected, 0], atol=1e-6)


def redness(rgb):
    """A judge of two classes: red pictures, and others."""
    rgb = np.float32(rgb)
    red = 1 / (1 + np.exp((rgb[..., 2] - rgb[..., 0]).mean(axis=(1, 2)) / 10))
    return np.stack([red, 1 - red], axis=-1), rgb.mean(axis=(1, 2))


@pytest.fixture
def split():
    """Four red pictures and four blue ones, labelled so; one of the red has a wrong label."""
    rows = np.zeros((8, 16, 16, 3), np.uint8) + np.arange(0, 64, 4, dtype=np.uint8)[:, None, None]
    rows[:4, ..., 0] = 200
    rows[4:, ..., 2] = 200
    return Split(rows, [f"{i}" for i in range(8)], labels=np.array([0, 0, 0, 1, 1, 1, 1, 1]))


def test_a_colorizer_that_paints_all_red_is_found_out(split):
    answers = Answers(lambda L: np.broadcast_to(np.float32([60, 40]), (*L.shape[:3], 2)))
    table = evaluate_semantics(answers, split, 16, None, Classifier("redness", redness), knows_labels=True)
    assert set(table) == {"true", "model", "grey"}
    assert (table["true"]["accuracy"], table["true"]["agreement"]) == (7 / 8, 1)
    assert (table["true"]["kl"], table["true"]["frechet"]) == pytest.approx((0, 0), abs=1e-6)
    assert (table["model"]["accuracy"], table["model"]["agreement"]) == (3 / 8, 1 / 2)
    assert table["model"]["kl"] > 1
    assert table["model"]["frechet"] > 1
    lines = semantic_lines(table)
    assert [line.split()[0] for line in lines] == ["accuracy", "true", "model", "grey"]
    assert lines[1].split()[1:3] == ["0.875", "1.000"]
    unlabelled = evaluate_semantics(answers, split, 16, (0, 0), Classifier("redness", redness), False, limit=4)
    assert "accuracy" not in unlabelled["model"]
    assert "mean colour" in unlabelled
