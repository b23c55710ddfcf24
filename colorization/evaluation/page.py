"""A report of texts, tables and figures, as one HTML file that needs nothing else, and as Markdown."""

from __future__ import annotations

import base64
import html
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

MARKDOWN, HTML, PICTURES = "report.md", "report.html", "pictures"
GENERATOR = "colorization compare, whose next call replaces this file"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 0 auto; padding: 0 16px 48px; color: #111; }
h1 { font-size: 1.6em; } h2 { font-size: 1.25em; margin-top: 2em; border-bottom: 1px solid #bbb; }
.wide { overflow-x: auto; }
table { width: max-content; border-collapse: collapse; font-size: 0.88em; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid #ccc; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
.words th, .words td { text-align: left; }
.words td { max-width: min(34em, 70vw); overflow-wrap: anywhere; }
th:first-child, td:first-child { position: sticky; left: 0; background: #fff; max-width: 12em; }
.plots, .squares { display: grid; gap: 12px 24px; }
.plots { grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
.squares { grid-template-columns: repeat(auto-fill, minmax(min(45%, 220px), 1fr)); }
figure { margin: 0; break-inside: avoid; } figure img { max-width: 100%; height: auto; }
figcaption { font-size: 0.85em; }
"""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table; words: whether its cells are words, which begin at the left, and no numbers."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: bool = False


@dataclass(frozen=True)
class Drawing:
    """A figure with its caption, and the name of its file beside the Markdown."""

    name: str
    caption: str
    figure: Figure

    def png(self) -> bytes:
        """Return the figure as a PNG, in its own resolution."""
        file = io.BytesIO()
        self.figure.savefig(file, dpi="figure", format="png")
        return file.getvalue()


@dataclass(frozen=True)
class Drawings:
    """Figures: "plots", two in a row where there is room; "squares", four; or "whole", as large as they are."""

    drawings: Sequence[Drawing]
    kind: str = "plots"


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: Sequence[Text | Table | Drawings]


def foreign_files(folder: Path) -> list[str]:
    """Return the names of what lies in `folder` where `write_report` would write, and was not written by it."""
    pages = [folder / name for name in (MARKDOWN, HTML) if os.path.lexists(folder / name)]
    own = [page for page in pages if page.is_file() and GENERATOR.encode() in page.read_bytes()]
    pictures = folder / PICTURES
    if os.path.lexists(pictures) and not (own and pictures.is_dir()):
        return [PICTURES, *(page.name for page in pages if page not in own)]
    return [page.name for page in pages if page not in own]


def write_report(title: str, sections: Sequence[Section], folder: Path) -> Path:
    """Write report.html, and report.md with its pictures/, into `folder`; return the HTML file's path."""
    pictures = folder / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    # first, so that the pictures of a call that is cut off are known as a report's
    (folder / MARKDOWN).write_text(to_markdown(title, sections), encoding="utf-8")
    pictures.mkdir(exist_ok=True)
    drawn = {
        drawing.name: drawing.png()
        for section in sections
        for block in section.blocks
        if isinstance(block, Drawings)
        for drawing in block.drawings
    }
    for name, content in drawn.items():
        (pictures / f"{name}.png").write_bytes(content)
    page = folder / HTML
    page.write_text(to_html(title, sections, drawn), encoding="utf-8")
    return page


def to_html(title: str, sections: Sequence[Section], drawn: dict[str, bytes]) -> str:
    """Return the whole page; drawn: the PNG of each Drawing by its name."""
    body = [f"<h1>{html.escape(title)}</h1>"]
    for section in sections:
        body.append(f"<h2>{html.escape(section.title)}</h2>")
        body += [_html_block(block, drawn) for block in section.blocks]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="generator" content="{GENERATOR}">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
    )
    content = "\n".join(body)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{content}\n</body>\n</html>\n'


def to_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the same as Markdown; its figures are expected in pictures/."""
    lines = [f"# {_plain(title)}", f"<!-- generator: {GENERATOR} -->"]
    for section in sections:
        lines.append(f"## {_plain(section.title)}")
        lines += [_markdown_block(block) for block in section.blocks]
    return "\n\n".join(lines) + "\n"


def _html_block(block: Text | Table | Drawings, drawn: dict[str, bytes]) -> str:
    if isinstance(block, Text):
        return f"<p>{html.escape(block.text)}</p>"
    if isinstance(block, Table):
        kind = ' class="words"' if block.words else ""
        header = _html_row(block.header, "th")
        rows = "\n".join(_html_row(row, "td") for row in block.rows)
        return f'<div class="wide"><table{kind}><thead>{header}</thead><tbody>\n{rows}\n</tbody></table></div>'
    figures = "\n".join(_html_figure(drawing, drawn[drawing.name]) for drawing in block.drawings)
    return f'<div class="{block.kind}">\n{figures}\n</div>'


def _html_row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _html_figure(drawing: Drawing, png: bytes) -> str:
    caption, content = html.escape(drawing.caption), base64.b64encode(png).decode()
    image = f'<img alt="{caption}" src="data:image/png;base64,{content}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def _markdown_block(block: Text | Table | Drawings) -> str:
    if isinstance(block, Text):
        return _plain(block.text)
    if isinstance(block, Table):
        rule = ["---"] * len(block.header) if block.words else ["---", *["---:"] * (len(block.header) - 1)]
        rows = [[_plain(cell) for cell in row] for row in (block.header, *block.rows)]
        return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], rule, *rows[1:]))
    captions = {each.name: _plain(each.caption) for each in block.drawings}
    return "\n\n".join(f"![{caption}]({PICTURES}/{name}.png)\n\n{caption}" for name, caption in captions.items())


def _plain(text: str) -> str:
    """Return text that Markdown leaves as it is: a run's name may hold any letter."""
    for letter in "\\`*_[]<>|#":
        text = text.replace(letter, f"\\{letter}")
    return text
