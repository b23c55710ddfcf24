"""README and docs are true: every command of them is one, every Python block runs."""

import json
import re
import shlex
from pathlib import Path

import pytest

from colorization.cli.parser import COMMANDS, parse
from colorization.config import ClassificationConfig, GuidedConfig, Siggraph17Config, model_to_json

ROOT = Path(__file__).resolve().parents[1]
CARDS = sorted((ROOT / "saved_models/pretrained").rglob("README.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *CARDS]
COMMAND_LINE = re.compile(r"python3? main\.py [^`\n#]+")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def command_lines():
    return sorted({line.strip() for page in PAGES for line in COMMAND_LINE.findall(page.read_text())})


def model_of(path):
    """Settings of the model that the pages mean by the path of an export."""
    if "pretrained" in path:
        return json.loads((ROOT / path / "model.json").read_text())["model"]
    published = {"eccv16": ClassificationConfig(), "siggraph17": Siggraph17Config()}
    return model_to_json(published.get(Path(path).name, GuidedConfig()))  # others: the parts of photo's


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_is_understood(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [word for word in shlex.split(line)[2:] if word not in ("...", "COMMAND")]
    for word in words:
        if not word.startswith("-") and word not in COMMANDS:
            Path(word).mkdir(parents=True, exist_ok=True)  # paths must exist; what is no path does not mind
        if word.startswith("saved_models/"):
            (Path(word) / "model.json").write_text(json.dumps({"model": model_of(word)}))  # what --init reads
    assert parse(words).command in COMMANDS


def test_readme_names_every_command():
    readme = (ROOT / "README.md").read_text()
    assert [name for name in COMMANDS if f"main.py {name}" not in readme and name != "train"] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "README.md"], ids=lambda page: page.name)
def test_python_blocks_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    for block in BLOCK.findall(page.read_text()):
        exec(compile(block, str(page), "exec"), names)


def test_the_python_block_of_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    [block] = BLOCK.findall((ROOT / "README.md").read_text())
    exec(compile(block, "README.md", "exec"), names)
    assert names["picture"].shape == (512, 512, 3)
    assert names["picture"].std(axis=-1).mean() > 3  # not grey
