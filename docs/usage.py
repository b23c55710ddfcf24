"""Write the tables of docs/usage.md, one a command, from the options in colorization/config/.

python docs/usage.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from colorization import config as settings  # noqa: E402
from colorization.cli.options import dashed, option_fields  # noqa: E402
from colorization.cli.parser import COMMANDS  # noqa: E402

PAGE = ROOT / "docs" / "usage.md"
MARKER = "<!-- Below: written by `python docs/usage.py` from colorization/config/. Do not edit. -->\n"


def tables() -> str:
    """Return the part of the page below MARKER."""
    sections = []
    for name, command in COMMANDS.items():
        sections.append(_section(f"## {name}", command.options))
        others = [*["network"] * command.model, *["training"] * command.training, *["data"] * command.data]
        if others:
            sections.append(f"Also the options of: {', '.join(f'[{other}](#{other})' for other in others)}.\n")
    sections.append(_section("## training", settings.TrainingConfig))
    sections.append("## network\n\n`--model NAME`: " + _names(settings.MODEL_CONFIGS) + ".\n")
    sections += [_section(f"### --model {name}", cls) for name, cls in settings.MODEL_CONFIGS.items()]
    sections.append("## data\n\n`--dataset NAME`: " + _names(settings.SOURCE_CONFIGS) + ".\n")
    sections += [_section(f"### --dataset {name}", cls) for name, cls in settings.SOURCE_CONFIGS.items()]
    return "\n".join(sections)


def _section(heading: str, cls: type) -> str:
    """Return a heading, what the dataclass says of itself, and the table of its options."""
    lines = [heading, "", " ".join(cls.__doc__.split()), ""]
    fields = option_fields(cls)
    if fields:
        lines += ["| option | default | meaning |", "|---|---|---|", *map(_row, fields), ""]
    return "\n".join(lines)


def _row(field) -> str:
    about = field.metadata
    name = field.name.upper() if about["positional"] else f"--{dashed(field.name)}"
    choices = f" ({', '.join(map(str, about['choices']))})" if about["choices"] else ""
    meaning = (about["help"] + choices).replace("|", "\\|").replace("<", "&lt;")
    return f"| `{name}` | {_default(field)} | {meaning} |"


def _default(field) -> str:
    value, unit = field.default, field.metadata["unit"]
    if isinstance(value, bool) or value in (None, "", ()):
        return ""
    return f"{value:,} {unit}" if unit else f"{value}"


def _names(table: dict) -> str:
    return ", ".join(f"`{name}`" for name in table)


def main() -> None:
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARKER)
    PAGE.write_text(head + MARKER + "\n" + tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
