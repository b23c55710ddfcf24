"""Evaluation: a perfect answer, a grey one, and baselines that are what they say."""

import numpy as np
import pytest

from colorization.color.bins import nearest_bin
from colorization.color.lab import rgb_to_lab
from colorization.evaluation.evaluate import GREY, MEAN, MODEL, Answers, draw_cases, evaluate, table_lines, whole
from colorization.evaluation.metrics import psnr
from colorization.images.reader import read_picture
from data_pipelines import Pictures, Split


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    random = np.random.default_rng(0)
    rows = random.integers(0, 256, (6, 16, 16, 3), np.uint8)
    rows[:, :, :, 2] //= 4  # yellowish: the mean colour beats grey
    return Pictures(Split(rows[:4], list("abcd")), Split(rows[4:], ["e", "f"]), "noise")


ALIKE = np.ones(313)


def measured(predict_ab, pictures, mean_ab, **more):
    splits = {"validation": pictures.validation, "training": pictures.train}
    return evaluate(Answers(predict_ab), splits, 16, mean_ab, more.pop("weights", ALIKE), **more)


def test_grey_answer_equals_the_grey_baseline(pictures):
    table, _ = measured(lambda L: np.zeros((*L.shape[:3], 2), np.float32), pictures, (0.0, 30.0))
    for split in ("validation", "training"):
        assert table[split][MODEL] == table[split][GREY]
        assert table[split]["pictures"] == 2  # as many of the training pictures as of validation
    assert table["validation"][MEAN]["psnr"] > table["validation"][GREY]["psnr"]
    assert table["validation"][GREY]["colourfulness"] < 1


def test_the_truth_is_perfect(pictures):
    truth = np.asarray(rgb_to_lab(np.stack(pictures.validation.rows)))

    def oracle(L):
        chosen = [int(np.argmin([np.abs(t[..., :1] - one).mean() for t in truth])) for one in L]
        return truth[chosen][..., 1:]

    table, cases = measured(oracle, pictures, (0.0, 0.0))
    assert table["validation"][MODEL]["psnr"] == 100
    assert table["validation"][MODEL]["accuracy_2"] == 1
    assert table["validation"][MODEL]["auc"] == table["validation"][MODEL]["auc_balanced"] == 1
    assert table["validation"][MODEL]["delta_colourfulness"] == pytest.approx(0)
    assert table["training"][MODEL]["psnr"] < 100  # the oracle knows the validation pictures only
    for case in cases:
        np.testing.assert_array_equal(case.predicted, case.true)


def test_cases_are_ordered_and_drawn(pictures, tmp_path):
    _, cases = measured(lambda L: np.full((*L.shape[:3], 2), 9, np.float32), pictures, (0.0, 0.0))
    assert cases[0].psnr >= cases[1].psnr >= cases[2].psnr
    for case in cases:
        assert case.psnr == pytest.approx(psnr(case.true, case.predicted))
    draw_cases(cases, tmp_path / "pictures" / "cases.png")
    assert read_picture(tmp_path / "pictures" / "cases.png").rgb.std() > 10


def test_the_table_names_every_answer(pictures):
    table, _ = measured(lambda L: np.zeros((*L.shape[:3], 2), np.float32), pictures, (0.0, 0.0), limit=1)
    lines = table_lines(table)
    assert "PSNR dB" in lines[0]
    assert [line.split("  ")[0] for line in lines[1:]] == [
        f"{split}, {who}" for split in ("validation", "training") for who in (MODEL, GREY, MEAN)
    ]


def test_without_weights_the_balanced_auc_is_the_plain_one(pictures):
    table, _ = measured(lambda L: np.full((*L.shape[:3], 2), 20, np.float32), pictures, (0.0, 30.0))
    for answers in (table["validation"], table["training"]):
        assert answers[MODEL]["auc_balanced"] == pytest.approx(answers[MODEL]["auc"])
    [only_rare] = np.nonzero(np.arange(313) == nearest_bin(np.array([20.0, 20.0])))
    weights = np.where(np.arange(313) == only_rare[0], 1.0, 1e-9)
    table, _ = measured(lambda L: np.full((*L.shape[:3], 2), 20, np.float32), pictures, (0.0, 30.0), weights=weights)
    assert table["validation"][MODEL]["auc_balanced"] > 0.95  # what counts now is what it paints everything in


def test_top1_counts_the_cells_whose_likeliest_bin_is_true(pictures):
    splits = {"validation": pictures.validation}

    def half_right(L):
        """Told by an oracle for the upper half of each picture, always wrong for the lower."""
        ab = np.asarray(rgb_to_lab(np.stack(pictures.validation.rows)))[..., 1:].reshape(2, 4, 4, 4, 4, 2)
        truth = nearest_bin(ab[:, :, 1:3, :, 1:3].mean(axis=(2, 4)))  # the middle four pixels of each cell of 4 x 4
        truth[:, 2:] = (truth[:, 2:] + 1) % 313
        return np.eye(313, dtype=np.float32)[truth]

    answers = Answers(lambda L: np.zeros((*L.shape[:3], 2), np.float32), half_right)
    table, _ = evaluate(answers, splits, 16, (0.0, 0.0), ALIKE)
    assert table["validation"][MODEL]["top1"] == 0.5
    assert "top-1" in table_lines(table)[0]


def test_all_pictures_of_data_that_nobody_trained_on(pictures):
    table, _ = evaluate(
        Answers(lambda L: np.zeros((*L.shape[:3], 2), np.float32)), {"all": whole(pictures)}, 16, (0.0, 0.0), ALIKE
    )
    assert list(table) == ["all"]
    assert table["all"]["pictures"] == 6
