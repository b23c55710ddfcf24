"""Write the table of docs/reliability.md that says what becomes of each file of ../shared/data and ../shared/cases.

python docs/reliability_table.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from colorization.errors import InputError  # noqa: E402
from colorization.images.reader import looks_like_picture, read_picture  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
MARKER = "<!-- Below: written by `python docs/reliability_table.py`. Do not edit. -->\n"
SHARED = ROOT.parent / "shared"
FOLDERS = ("data/formats", "data/corrupt", "cases")
OF_A_LIBRARY = re.compile(r" \(.*\)$")  # what Pillow or libtiff said, which differs between their versions


def table() -> str:
    """Return the part of the page below MARKER; needs the folders of SHARED."""
    return "\n".join(section for folder in FOLDERS for section in _section(SHARED / folder, folder))


def _section(folder: Path, name: str) -> list[str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_ours(path))
    answers = [_answer(path) for path in files]
    read = sum(answer.startswith("read") for answer in answers)
    lines = [f"### shared/{name}", "", f"{len(files)} files: {read} read, {len(files) - read} refused in one line.", ""]
    lines += ["| file | answer |", "|---|---|"]
    lines += [f"| `{path.relative_to(folder)}` | {answer} |" for path, answer in zip(files, answers, strict=True)]
    return [*lines, ""]


def _is_ours(path: Path) -> bool:
    """Return whether a file describes the others, or is what they are compared with."""
    return path.suffix in (".tsv", ".md") or "expected" in path.name or not looks_like_picture(path)


def _answer(path: Path) -> str:
    """Return what the reader makes of a file: its notes, or the reason why it is refused."""
    try:
        notes = read_picture(path).notes
    except InputError as error:
        reason = OF_A_LIBRARY.sub("", str(error).removeprefix(f"{path}: "))
        return f"refused: {reason}".replace("|", "\\|")
    return f"read; {'; '.join(notes)}" if notes else "read"


def main() -> None:
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARKER)
    PAGE.write_text(head + MARKER + "\n" + table(), encoding="utf-8")


if __name__ == "__main__":
    main()
