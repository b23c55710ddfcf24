"""The tutorial runs from its first cell to its last, and shows as many pictures as are committed with it."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "tutorial.ipynb"
SMALLER = {
    "SIZE, BATCH = 64, 16": "SIZE, BATCH = 32, 8",
    "patches=32": "patches=8",
    "STEPS, EPOCHS = 40, 24": "STEPS, EPOCHS = 2, 2",
    "steps_per_epoch=25, epochs=8": "steps_per_epoch=2, epochs=1",
    "batches.take(200)": "batches.take(2)",
}


def pictures(cell) -> int:
    """Number of pictures that a cell shows."""
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


@pytest.mark.slow
def test_the_tutorial_runs():
    committed = nbformat.read(NOTEBOOK, as_version=4)
    run = nbformat.read(NOTEBOOK, as_version=4)
    for large, small in SMALLER.items():  # the cells are what is tested, not how well its networks learn
        [cell] = [cell for cell in run.cells if large in cell.source]
        cell.source = cell.source.replace(large, small)
    NotebookClient(run, timeout=1200, resources={"metadata": {"path": NOTEBOOK.parent}}).execute()  # raises for a cell
    assert [pictures(cell) for cell in run.cells] == [pictures(cell) for cell in committed.cells]
    assert sum(map(pictures, run.cells)) >= 12
    said = [output.text for cell in run.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    assert said == []
