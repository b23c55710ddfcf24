"""How long work tells how far it is, without printing: the caller passes a function like `silent`.

    with progress("decoding", total=800, unit="picture") as advance:
        advance(1)

`commands/console.py` has the one that draws a bar.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Progress = Callable[[str, int, str], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def silent(title: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Show nobody how far the work is."""
    yield lambda done: None
