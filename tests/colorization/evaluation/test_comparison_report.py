"""What the page of a comparison says, from runs and metrics made up for it."""

from pathlib import Path

import numpy as np
import pytest

from colorization.evaluation.comparison import Run
from colorization.evaluation.comparison_report import report_sections
from colorization.evaluation.evaluate import COLUMNS, GREY, MEAN, MODEL
from colorization.evaluation.page import Drawings, Table, Text


def means(psnr=20.0, ab_mae=10.0, auc=0.8):
    return {"psnr": psnr, "ab_mae": ab_mae, "auc": auc}


def run_of(name="a", loss="l1", seconds=42.0, metrics=None):
    history = {"epoch": 1.0, "pictures": 64.0, "processor_seconds": seconds, "val_loss": 7.0, "val_auc": 0.8}
    history = {column: np.array([number]) for column, number in history.items()}
    settings = {"model.name": "unet", "model.loss": loss, "training.epochs": 1}
    return Run(Path(name), name, False, settings, {}, None, history, metrics or {}, ())


def sections(runs, measured=None):
    return {each.title: each.blocks for each in report_sections(runs, measured or {}, None, [])}


def texts(blocks):
    return " ".join(block.text for block in blocks if isinstance(block, Text))


def test_the_gap_is_what_the_gain_over_grey_loses_on_validation_whichever_way_is_better():
    """On validation pictures, which are easier here, grey is better than the run on those of training."""
    training = {MODEL: means(22.0, 8.0, 0.85), GREY: means(19.0, 12.0, 0.80)}
    validation = {MODEL: means(25.5, 5.0, 0.94), GREY: means(24.0, 6.5, 0.92)}
    blocks = sections([run_of(metrics={"training": training, "validation": validation})])["Training beside validation"]
    [table] = [block for block in blocks if isinstance(block, Table)]
    assert table.header[1:4] == ["PSNR dB: training", "PSNR dB: validation", "PSNR dB: gap"]
    assert table.rows == [
        ["a", *("+3.00", "+1.50", "+1.50"), *("+4.00", "+1.50", "+2.50"), *("+0.050", "+0.020", "+0.030")]
    ]


def test_losses_of_different_kinds_are_said_to_be_so_and_not_drawn_together():
    alike, unlike = sections([run_of(), run_of("b")]), sections([run_of(), run_of("b", loss="l2")])
    assert "different kinds" not in texts(alike["Runs"]) and "different kinds" in texts(unlike["Runs"])
    assert drawn(alike["Curves"]) - drawn(unlike["Curves"]) == {
        "val_loss-over-pictures",
        "val_loss-over-processor_seconds",
    }


def drawn(blocks):
    return {drawing.name for block in blocks if isinstance(block, Drawings) for drawing in block.drawings}


@pytest.mark.parametrize(("seconds", "told"), [(2.43, "2.4 s"), (179.0, "179.0 s"), (180.0, "3.0 min")])
def test_a_time_is_told_in_seconds_up_to_a_few_minutes(seconds, told):
    [table] = [block for block in sections([run_of(seconds=seconds)])["Runs"] if isinstance(block, Table)]
    assert table.rows[0][4] == told


def test_a_mean_colour_is_named_after_its_runs_where_there_are_several():
    measured = {
        "a": {MODEL: means(23), GREY: means(19), MEAN: means(21)},
        "b": {MODEL: means(24), GREY: means(19), MEAN: means(21)},
        "imported": {MODEL: means(25), GREY: means(19)},
    }
    assert first_cells(measured) == ["a", "b", "imported", "grey", "mean colour"]
    measured["c"] = {MODEL: means(20), GREY: means(19), MEAN: means(20.5)}
    assert first_cells(measured)[-2:] == ["mean colour of a, b", "mean colour of c"]


def first_cells(measured):
    table, *_ = (block for block in sections([run_of()], measured)["Metrics"] if isinstance(block, Table))
    return [row[0] for row in table.rows]


def test_every_column_of_the_metrics_is_explained():
    everything = {column.metric: 1.0 for column in COLUMNS.values()}
    for row, headings in ((everything, list(COLUMNS)), (means(), ["PSNR dB", "ab MAE", "AuC"])):
        table, legend = sections([run_of()], {"a": {MODEL: row, GREY: row}})["Metrics"]
        assert table.header[1:] == headings == [line[0] for line in legend.rows]
        assert all(all(line) for line in legend.rows)
