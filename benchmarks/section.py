"""A part of docs/benchmarks.md: text, tables, and marks with what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A goal: what it is about, the figure to reach, the figure measured, and whether that reaches it."""

    what: str
    goal: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Section:
    """A heading, its Markdown, and the marks that it decides."""

    title: str
    text: str
    marks: tuple[Mark, ...] = ()


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    heading = list(heading)
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def at_most(what: str, limit: float, measured: float, unit: str, digits: int = 2) -> Mark:
    """Return the mark that a figure is at most `limit`."""
    return Mark(what, f"at most {limit:g} {unit}", f"{measured:.{digits}f} {unit}", measured <= limit)


def share_of_plain(what: str, limit: float, ours: float, plain: float) -> Mark:
    """Return the mark that a figure of ours is at most `limit` times the plain script's."""
    share = ours / plain
    return Mark(what, f"at most {limit:.2f} of the plain script's", f"{share:.2f}", share <= limit)
