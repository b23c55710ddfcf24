"""Evaluation: a perfect answer, a grey one, and baselines that are what they say."""

import numpy as np
import pytest

from colorization.evaluation import GREY, MEAN, MODEL, draw_cases, evaluate, table_lines
from colorization.metrics import psnr
from colorization.pictures import read_picture
from data_pipelines import Pictures, Split


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    random = np.random.default_rng(0)
    rows = random.integers(0, 256, (6, 16, 16, 3), np.uint8)
    rows[:, :, :, 2] //= 4  # yellowish: the mean colour beats grey
    return Pictures(Split(rows[:4], list("abcd")), Split(rows[4:], ["e", "f"]), "noise")


def test_grey_answer_equals_the_grey_baseline(pictures):
    table, _ = evaluate(lambda L: np.zeros((*L.shape[:3], 2), np.float32), pictures, 16, (0.0, 30.0))
    for split in ("validation", "training"):
        assert table[split][MODEL] == table[split][GREY]
        assert table[split]["pictures"] == 2  # as many of the training pictures as of validation
    assert table["validation"][MEAN]["psnr"] > table["validation"][GREY]["psnr"]
    assert table["validation"][GREY]["colourfulness"] < 1


def test_the_truth_is_perfect(pictures):
    from colorization.color.lab import rgb_to_lab

    truth = np.asarray(rgb_to_lab(np.stack(pictures.validation.rows)))

    def oracle(L):
        chosen = [int(np.argmin([np.abs(t[..., :1] - one).mean() for t in truth])) for one in L]
        return truth[chosen][..., 1:]

    table, cases = evaluate(oracle, pictures, 16, (0.0, 0.0))
    assert table["validation"][MODEL]["psnr"] == 100
    assert table["validation"][MODEL]["accuracy_2"] == 1
    assert table["validation"][MODEL]["delta_colourfulness"] == pytest.approx(0)
    assert table["training"][MODEL]["psnr"] < 100  # the oracle knows the validation pictures only
    for case in cases:
        np.testing.assert_array_equal(case.predicted, case.true)


def test_cases_are_ordered_and_drawn(pictures, tmp_path):
    _, cases = evaluate(lambda L: np.full((*L.shape[:3], 2), 9, np.float32), pictures, 16, (0.0, 0.0))
    assert cases[0].psnr >= cases[1].psnr >= cases[2].psnr
    for case in cases:
        assert case.psnr == pytest.approx(psnr(case.true, case.predicted))
    draw_cases(cases, tmp_path / "pictures" / "cases.png")
    assert read_picture(tmp_path / "pictures" / "cases.png").rgb.std() > 10


def test_the_table_names_every_answer(pictures):
    table, _ = evaluate(lambda L: np.zeros((*L.shape[:3], 2), np.float32), pictures, 16, (0.0, 0.0), limit=1)
    lines = table_lines(table)
    assert "PSNR dB" in lines[0]
    assert [line.split("  ")[0] for line in lines[1:]] == [
        f"{split}, {who}" for split in ("validation", "training") for who in (MODEL, GREY, MEAN)
    ]
