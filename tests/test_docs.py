"""README and docs are true: every command of them is one, every Python block runs, every link leads somewhere."""

import itertools
import json
import re
import shlex
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from colorization.cli.parser import COMMANDS, parse
from colorization.config import (
    PUBLISHED_NAMES,
    ClassificationConfig,
    DdcolorConfig,
    GuidedConfig,
    Siggraph17Config,
    model_to_json,
)
from docs import reliability_table, usage

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
OWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS]
PAGES = [*OWN, *sorted((ROOT / "saved_models/pretrained").rglob("README.md"))]
COMMAND_LINE = re.compile(rf"(?:python3? main\.py|colorization (?=(?:{'|'.join(COMMANDS)}) ))[^`\n#]+")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
SOURCE = re.compile(
    r"(?<![\w./-])((?:benchmarks|colorization|data_pipelines|docs|tests)/[\w./-]*\w|[\w-]+\.(?:py|toml|js|mjs))\b"
)
SOURCES = {
    str(path.relative_to(ROOT))
    for folder in ("benchmarks", "colorization", "data_pipelines", "docs", "tests")
    for path in (ROOT / folder).rglob("*")
}
SOURCES |= {path.name for path in ROOT.iterdir()} | {Path(path).name for path in SOURCES}
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")


def name_of(page):
    return str(page.relative_to(ROOT))


def command_lines():
    return sorted({line.strip() for page in PAGES for line in COMMAND_LINE.findall(page.read_text())})


def words_of(line):
    words = shlex.split(line)
    return [word for word in words[2 if words[0].startswith("python") else 1 :] if word not in ("...", "COMMAND")]


def model_of(path):
    """Settings of the model that the pages mean by the path of an export."""
    if "pretrained" in path:
        return json.loads((ROOT / path / "model.json").read_text())["model"]
    published = {"eccv16": ClassificationConfig(), "siggraph17": Siggraph17Config(), "ddcolor": DdcolorConfig()}
    return model_to_json(published.get(Path(path).name, GuidedConfig()))  # others: the parts of photo's


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_is_understood(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = words_of(line)
    for word in words:
        if not word.startswith("-") and word not in COMMANDS:
            Path(word).mkdir(parents=True, exist_ok=True)  # paths must exist; what is no path does not mind
        if word.startswith("saved_models/"):
            (Path(word) / "model.json").write_text(json.dumps({"model": model_of(word)}))  # what --init reads
    assert parse(words).command in COMMANDS


@pytest.mark.parametrize("word", sorted({word for line in command_lines() for word in words_of(line)}))
def test_a_model_that_is_named_is_one_that_a_reader_has(word):
    """It ships with the program, or the reader made it: by a run, called RUN or named by --name, or by `import`."""
    if word.startswith("saved_models/"):
        name = word.removeprefix("saved_models/").rstrip("/")
        named = any(("--name", name) in itertools.pairwise(words_of(line)) for line in command_lines())
        assert name.startswith("RUN") or named or name in PUBLISHED_NAMES or (ROOT / word / "model.json").is_file()


def test_usage_is_made_from_the_options():
    _, marker, tables = usage.PAGE.read_text(encoding="utf-8").partition(usage.MARKER)
    assert marker
    assert tables.strip() == usage.tables().strip(), "run: python docs/usage.py"


def test_the_table_of_files_is_what_becomes_of_them(shared_data, shared_cases):
    _, marker, table = reliability_table.PAGE.read_text(encoding="utf-8").partition(reliability_table.MARKER)
    assert marker
    assert table.strip() == reliability_table.table().strip(), "run: python docs/reliability_table.py"


def test_usage_shows_every_command():
    examples, _, _ = usage.PAGE.read_text(encoding="utf-8").partition(usage.MARKER)
    assert [name for name in COMMANDS if not re.search(rf"(main\.py|colorization) {name}\b", examples)] == []


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100


def test_every_page_is_in_the_index():
    indexes = [ROOT / "docs/README.md", ROOT / "docs/experiments/README.md"]
    linked = {(index.parent / path).resolve() for index in indexes for path, _ in LINK.findall(index.read_text())}
    assert [name_of(page) for page in DOCS if page not in {*indexes, *linked}] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    assert [path for path, _ in LINK.findall(page.read_text()) if not (page.parent / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_sources_that_are_named_exist(page):
    """A file or folder of this program, by its path or by its name alone."""
    assert [path for path in SOURCE.findall(page.read_text()) if path not in SOURCES] == []


@pytest.mark.parametrize("page", OWN, ids=name_of)
def test_anchors_are_headings(page):
    targets = [(page.parent / path if path else page, anchor) for path, anchor in LINK.findall(page.read_text())]
    inside = [(target, anchor) for target, anchor in targets if anchor and target.resolve() in OWN]
    assert [anchor for target, anchor in inside if anchor not in anchors(target)] == []


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [page for page in DOCS if BLOCK.search(page.read_text())], ids=name_of)
def test_python_blocks_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    for block in BLOCK.findall(page.read_text()):
        exec(compile(block, str(page), "exec"), names)


def test_the_python_block_of_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(skimage.data.camera()).save("old.jpg")
    names = {}
    [block] = BLOCK.findall((ROOT / "README.md").read_text())
    exec(compile(block, "README.md", "exec"), names)
    assert names["picture"].shape == (512, 512, 3)
    assert names["picture"].std(axis=-1).mean() > 3  # not grey
