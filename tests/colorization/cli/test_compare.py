"""`compare` on real runs: whole, broken, of other weights, and an export that was trained on other pictures."""

import base64
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.end_to_end.processes import run_here

ROOT = Path(__file__).resolve().parents[3]
TINY = ["--depth", "1", "--size", "16", "--patches", "4", "--batch-size", "8", "--epochs", "2", "--no-export"]
BROKEN = {  # name: what is wrong with it, and what is said of it
    "no-history": (lambda run: (run / "history.csv").unlink(), "no-history: logs/no-history has no history.csv."),
    "half": (
        lambda run: (run / "config.json").write_text((run / "config.json").read_text()[:150]),
        "half: logs/half/config.json cannot be read (",
    ),
    "no-checkpoint": (
        lambda run: shutil.rmtree(run / "checkpoints"),
        "no-checkpoint: logs/no-checkpoint/checkpoints/best.npz does not exist",
    ),
    "older": (
        lambda run: (run / "config.json").write_text((run / "config.json").read_text().replace("width", "breadth")),
        "older: logs/older/config.json was written by another version of this program",
    ),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Two runs that differ in two settings, copies of the second that are broken, an export; what was said of them."""
    folder = tmp_path_factory.mktemp("work")
    run_here("train", "--name", "a", "--width", "2", *TINY, folder=folder)
    run_here("train", "--name", "b", "--width", "3", "--loss", "l2", *TINY, folder=folder)
    run_here("evaluate", "logs/a", folder=folder)
    for name, (spoil, _) in BROKEN.items():
        shutil.copytree(folder / "logs/b", folder / "logs" / name)
        spoil(folder / "logs" / name)
    shutil.copytree(ROOT / "saved_models/pretrained/cifar10", folder / "cifar10")
    return folder, run_here("compare", *paths(), folder=folder)[0]


def paths():
    return ["logs/a", "logs/b", "cifar10", *(f"logs/{name}" for name in BROKEN)]


def rows(markdown, heading):
    """Cells of the first table below a heading."""
    _, _, below = markdown.partition(f"## {heading}\n")
    lines = re.search(r"(?:^\|.*\n?)+", below, re.MULTILINE).group().splitlines()
    return [[cell.strip().replace("\\", "") for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_needs_nothing_else(compared):
    folder, out = compared
    assert "written: report/report.html" in out
    page = (folder / "report/report.html").read_text()
    assert not re.search(r"https?:|//|<link|<script|@import|url\(", re.sub(r'src="data:[^"]*"', "", page))
    sources = re.findall(r'src="([^"]*)"', page)
    assert len(sources) > 12
    for source in sources:
        kind, _, content = source.partition(";base64,")
        assert kind == "data:image/png"
        assert np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")).std() > 3


def test_the_markdown_has_its_pictures_beside_it(compared):
    folder, _ = compared
    markdown = (folder / "report/report.md").read_text()
    named = set(re.findall(r"\]\((pictures/[^)]+)\)", markdown))
    assert {f"report/{name}" for name in named} == {
        str(path.relative_to(folder)) for path in (folder / "report/pictures").iterdir()
    }


def test_only_what_differs_is_told_of_the_settings(compared):
    folder, _ = compared
    run_here("compare", "logs/a", "logs/b", "--output", "two", folder=folder)
    assert rows((folder / "two/report.md").read_text(), "Settings that differ") == [
        ["", "a", "b"],
        ["---", "---", "---"],
        ["model.width", "2", "3"],
        ["model.loss", "l1", "l2"],
    ]


def test_the_table_is_what_evaluate_says(compared):
    """Of runs on their own pictures, and of the export on those of the first run."""
    folder, out = compared
    header, _, *lines = rows((folder / "report/report.md").read_text(), "Metrics")
    table = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    means = ["mean colour of a, b, no-history", "mean colour of cifar10"]
    assert list(table) == ["a", "b", "cifar10", "no-history", "grey", *means]
    assert table["b"] == table["no-history"] | {"": "b"}
    measured = {
        "a": "logs/a/metrics.json",
        "b": "logs/b/metrics.json",
        "cifar10": "evaluated/cifar10/metrics-samples-16.json",
    }
    for name, file in measured.items():
        tree = json.loads((folder / file).read_text())["validation"]
        assert table[name]["PSNR dB"] == f"{tree['model']['psnr']:.2f}"
        assert table["grey"]["PSNR dB"] == f"{tree['grey']['psnr']:.2f}"
    assert "a has no metrics" not in out and "b has no metrics of these pictures yet" in out
    assert "cifar10: trained on other pictures, which may include" in (folder / "report/report.md").read_text()


def test_what_is_broken_is_shown_with_what_it_has(compared):
    folder, _ = compared
    markdown = (folder / "report/report.md").read_text().replace("\\", "")
    for _, said in BROKEN.values():
        assert said in markdown
    _, _, *lines = rows(markdown, "Runs")
    epochs = {line[0]: line[2] for line in lines}
    assert epochs == {"a": "2 of 2", "b": "2 of 2", "cifar10": "exported"} | {
        "no-history": "0 of 2",
        "half": "2 of ?",
        "no-checkpoint": "2 of 2",
        "older": "2 of 2",
    }


def test_metrics_of_these_weights_are_not_computed_again(compared):
    folder, _ = compared
    out, _ = run_here("compare", "logs/a", "cifar10", folder=folder)
    assert "has no metrics" not in out
    shutil.copy(folder / "logs/a/checkpoints/best.npz", folder / "a.npz")
    shutil.copy(folder / "logs/a/checkpoints/last.npz", folder / "logs/a/checkpoints/best.npz")
    out, _ = run_here("compare", "logs/a", "--output", "one", folder=folder)
    assert "a has no metrics of these pictures yet" in out
    shutil.copy(folder / "a.npz", folder / "logs/a/checkpoints/best.npz")


def test_runs_without_pictures_are_compared_by_what_they_say(compared):
    """The export names a folder of pictures that is not here."""
    folder, _ = compared
    run_here("compare", "cifar10", "--output", "one", folder=folder)
    markdown = (folder / "one/report.md").read_text()
    assert "The pictures of cifar10 cannot be had: " in markdown
    assert "no pictures are shown, and no metrics" in markdown and "--dataset samples" in markdown
    assert "## Pictures" not in markdown and "trained on other" not in markdown


def test_the_first_pictures_that_can_be_had_are_shown_to_all(compared):
    folder, _ = compared
    run_here("compare", "cifar10", "logs/a", "--output", "second", folder=folder)
    markdown = (folder / "second/report.md").read_text()
    assert "4 validation pictures for all, those of a: samples" in markdown
    assert "The pictures of cifar10 cannot be had: " in markdown
    assert "cifar10: trained on other pictures" in markdown
    assert "## Pictures" in markdown
    assert [line[0] for line in rows(markdown, "Metrics")[2:4]] == ["cifar10", "a"]


def test_other_pictures_may_be_named_and_a_wrong_folder_is_told(compared):
    folder, _ = compared
    words = ["--dataset", "samples", "--size", "32", "--patches", "2", "--output", "larger"]
    out, _ = run_here("compare", "cifar10", *words, folder=folder)
    assert "cifar10 has no metrics of these pictures yet" in out
    assert (folder / "evaluated/cifar10/metrics-samples-32.json").is_file()


def test_a_folder_of_runs_is_told_how_to_name_them(compared):
    folder, _ = compared
    _, err = run_here("compare", "logs/a", "logs", folder=folder, status=1)
    neither = "logs is neither a run (config.json) nor an exported model (model.json)"
    assert err.strip() == f"error: {neither}; it holds some: name logs/*"


def test_pictures_that_were_moved_are_those_of_the_runs_with_a_folder(compared, tmp_path):
    """Of the samples' runs --data-dir says nothing; where there are no others it is refused."""
    folder, _ = compared
    (tmp_path / "empty").mkdir()
    words = ["--data-dir", tmp_path / "empty", "--output", "moved"]
    _, err = run_here("compare", "logs/a", "cifar10", *words, folder=folder)
    assert "The pictures of cifar10 cannot be had: " in err and str(tmp_path / "empty") in err
    _, err = run_here("compare", "logs/a", *words, folder=folder, status=1)
    assert "--data-dir is no option of the data set samples" in err


FOREIGN = {
    "taken": ("", "taken is a file"),
    "notes/report.md": ("of my own", "--output notes holds report.md, which compare did not write"),
    "page/report.html": ("<p>mine", "--output page holds report.html, which compare did not write"),
    "drawn/pictures": ("", "--output drawn holds pictures, which compare did not write"),
    "album/pictures/grid.png": ("", "--output album holds pictures, which compare did not write"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_foreign_is_written_over(compared, name):
    folder, _ = compared
    content, said = FOREIGN[name]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)
    out, err = run_here("compare", "logs/b", "--output", name.split("/")[0], folder=folder, status=1)
    assert said in err
    assert (out, (folder / name).read_text()) == ("", content)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only Linux has a folder that nobody can write into")
def test_a_folder_that_cannot_be_made_is_told_before_anything_is_measured(compared):
    folder, _ = compared
    out, err = run_here("compare", "logs/b", "--output", "/proc/report", folder=folder, status=1)
    assert err.startswith("error: --output /proc/report: ") and out == ""
