"""Runs beside each other: their histories and settings as read, what differs, the curves as drawn, the page as text."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from colorization.config import RunConfig, SamplesConfig, TrainingConfig, UNetConfig
from colorization.errors import InputError
from colorization.evaluation.comparison import Run, differing_settings, read_history, read_run, read_runs
from colorization.evaluation.comparison_plots import draw_curves, draw_gap, occupied_side, shortened, style
from colorization.evaluation.page import Drawing, Drawings, Section, Table, Text, to_html, write_report

COLUMNS = ("epoch", "pictures", "processor_seconds", "val_loss", "train_psnr", "val_psnr", "train_loss")
COLUMNS += ("train_grey_psnr", "val_grey_psnr")
ROWS = ((1, 64, 30.0, 9.5, 21.0, 20.5, 9.0, 20.0, 18.5), (2, 128, 66.0, 8.0, 23, 21.5, 7.0, 20.0, 18.5))


def write_run(folder: Path, model=None, rows=ROWS):
    folder.mkdir(parents=True)
    config = RunConfig(model or UNetConfig(), SamplesConfig(), TrainingConfig(epochs=2))
    (folder / "config.json").write_text(json.dumps(config.to_json() | {"id": "1"}))
    with (folder / "history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def run_of(defaults=None, **settings):
    return Run(Path(), "run", False, settings, defaults or {}, None, {}, {}, ())


def test_settings_that_differ_are_all_that_is_told():
    runs = [
        run_of(**{"model.name": "unet", "model.width": 16, "data.size": 64, "training.seed": 0}),
        run_of(
            {"model.rebalance": 0.5, "model.temperature": 0.38},
            **{"model.name": "classification", "model.width": 16, "model.rebalance": 0.7, "model.temperature": 0.38},
            **{"training.seed": 0},
        ),
        run_of(**{"training.seed": 1}),  # its model cannot be read
        run_of(),
    ]
    assert differing_settings(runs) == {
        "model.name": ["unet", "classification", None, None],
        "model.rebalance": [None, 0.7, None, None],
        "training.seed": [0, 0, 1, None],
    }
    assert differing_settings(runs[:1]) == differing_settings([]) == {}


def test_a_run_is_read_with_what_an_older_file_does_not_say(tmp_path):
    new, old = (write_run(tmp_path / name) for name in ("new", "old"))
    tree = json.loads((old / "config.json").read_text())
    del tree["model"]["loss"], tree["training"]["zoom"]
    (old / "config.json").write_text(json.dumps(tree))
    runs = read_runs([new, old])
    assert differing_settings(runs) == {}
    assert [(run.name, run.missing, run.data) for run in runs] == [
        ("new", (), SamplesConfig()),
        ("old", (), SamplesConfig()),
    ]


def test_history_is_read_by_columns(tmp_path):
    folder = write_run(tmp_path / "run")
    file = folder / "history.csv"
    history = read_history(folder)
    assert list(history) == list(COLUMNS)
    np.testing.assert_array_equal(history["val_psnr"], [20.5, 21.5])
    file.write_text(file.read_text()[:-18])  # cut off in the middle of the last line, in the middle of 21.5
    np.testing.assert_array_equal(read_history(folder)["val_psnr"], [20.5])
    for content, said in (("", "holds no epoch"), ("epoch,loss\n", "holds no epoch"), ("\xff\0", "cannot be read")):
        file.write_bytes(content.encode("latin-1"))
        with pytest.raises(InputError, match=said):
            read_history(folder)
    file.unlink()
    with pytest.raises(InputError, match="run has no history.csv"):
        read_history(folder)


def test_what_is_missing_is_told(tmp_path):
    def missing(name, change):
        change(write_run(tmp_path / name))
        return read_run(tmp_path / name).missing

    assert missing("a", lambda run: (run / "history.csv").unlink()) == (f"{tmp_path}/a has no history.csv",)
    [half] = missing("b", lambda run: (run / "config.json").write_text('{"model": {"na'))
    assert half.startswith(f"{tmp_path}/b/config.json cannot be read (")
    older = '{"model": {"name": "unet", "breadth": 3}, "data": {}, "training": {}}'
    [other] = missing("c", lambda run: (run / "config.json").write_text(older))
    assert "another version of this program" in other
    assert read_run(tmp_path / "c").settings["model.breadth"] == 3
    lines = "".join((write_run(tmp_path / "d") / "history.csv").read_text().splitlines(keepends=True)[:2])
    assert missing("e", lambda run: (run / "history.csv").write_text(lines)) == ("ended after 1 of 2 epochs",)
    [lacks] = missing(
        "f", lambda run: (run / "history.csv").write_text("epoch,val_loss,train_grey_psnr\n1,3,20\n2,2,20\n")
    )
    assert lacks == "history.csv has no pictures, processor_seconds, train_loss, train_psnr, val_psnr, val_grey_psnr"
    (tmp_path / "logs").mkdir()
    with pytest.raises(InputError, match="logs is neither a run .* nor an exported model"):
        read_run(tmp_path / "logs")


def test_names_that_are_taken_are_whole_paths(tmp_path):
    paths = [write_run(tmp_path / name) for name in ("a/run", "b/run", "b/other", "b/grey")]
    twice = [paths[0], paths[0].parent / ".." / "a" / "run"]
    names = [run.name for run in read_runs([*paths, *twice])]  # given twice, it is one run
    assert names == [str(paths[0]), str(paths[1]), "other", str(paths[3])]


def test_curves_are_the_numbers_of_the_history(tmp_path):
    other = [(1, 32, 12.0, 7.0, 24.0, 23.0, "", 20.0, 19.0)]
    runs = read_runs([write_run(tmp_path / "a"), write_run(tmp_path / "b", rows=other)])
    over_pictures, over_time = (draw_curves(runs, "val_psnr", x).axes[0] for x in ("pictures", "processor_seconds"))
    np.testing.assert_array_equal(over_pictures.lines[0].get_xydata(), [[64, 20.5], [128, 21.5]])
    np.testing.assert_array_equal(over_time.lines[0].get_xydata(), [[30, 20.5], [66, 21.5]])
    np.testing.assert_array_equal(over_pictures.lines[1].get_xydata(), [[32, 23]])
    greys = {line.get_label(): line.get_xydata().tolist() for line in over_pictures.lines[2:]}
    assert greys == {"grey, of a": [[0, 18.5], [128, 18.5]], "grey, of b": [[0, 19], [128, 19]]}
    [_, grey] = draw_curves(runs[:1], "val_psnr", "pictures").axes[0].lines
    assert grey.get_label() == "grey"
    assert len(draw_curves(runs, "val_loss", "pictures").axes[0].lines) == 2
    assert draw_curves(runs, "val_auc", "pictures") is None


def test_times_are_seconds_up_to_a_few_minutes(tmp_path):
    long = [(1, 64, 90.0, 9.5), (2, 128, 600.0, 8.0)]
    short, long = read_runs([write_run(tmp_path / "short"), write_run(tmp_path / "long", rows=long)])
    few, many = (draw_curves(runs, "val_loss", "processor_seconds").axes[0] for runs in ([short], [short, long]))
    assert (few.get_xlabel(), many.get_xlabel()) == ("processor time, s", "processor time, min")
    np.testing.assert_allclose(many.lines[0].get_xdata(), [0.5, 1.1])
    np.testing.assert_allclose(many.lines[1].get_xdata(), [1.5, 10])


def test_the_gap_is_of_the_gains_over_grey(tmp_path):
    """Training: 1 and 3 dB better than grey; validation: 2 and 3."""
    runs = read_runs([write_run(tmp_path / "a")])
    [gap] = draw_gap(runs).axes[0].lines
    np.testing.assert_array_equal(gap.get_xydata(), [[64, -1.0], [128, 0.0]])
    lacking = run_of()
    lacking.history.update({name: runs[0].history[name] for name in ("pictures", "train_psnr", "val_psnr")})
    assert draw_gap([lacking]) is None


def test_histograms_reach_as_far_as_the_colours():
    faint, strong = np.zeros((1, 50, 50, 2)), np.zeros((1, 50, 50, 2))
    faint[..., 0], strong[..., 1], strong[0, 0, 0] = 12, -47, 99  # of 2,500 colours one is stronger
    assert occupied_side([faint]) == 20
    assert occupied_side([faint, strong]) == 50
    assert occupied_side([np.full((1, 9, 9, 2), 109.9)]) == 110


def test_35_runs_can_be_told_apart_without_colour():
    assert len({(str(style(i)["linestyle"]), style(i)["marker"]) for i in range(35)}) == 35


def test_a_name_of_any_letters_is_drawn(tmp_path):
    assert shortened("ürsül$ine", 40) == r"\xfcrs\xfcl\$ine"
    assert shortened("a" * 30 + "b" * 30, 10) == "aaaa..bbbb"
    write_report("t", [Section("s", [Drawings([Drawing("d", "$x", Figure())])])], tmp_path)
    assert (tmp_path / "pictures/d.png").read_bytes().startswith(b"\x89PNG")


def test_what_a_run_is_called_is_no_markup():
    section = Section("a <b>", [Text("<script>"), Table(["<i>"], [["&"]])])
    page = to_html("<u>", [section], {})
    assert not any(tag in page for tag in ("<b>", "<script>", "<i>", "<u>"))
    assert "&lt;script&gt;" in page and "<td>&amp;</td>" in page
