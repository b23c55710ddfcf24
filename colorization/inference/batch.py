"""Many pictures at once, in threads: bounded by their pixels, whatever their number."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

ROOM = 50_000_000  # pixels of all pictures that are worked on, or wait to be told of; a larger one goes alone
AHEAD = 8  # pictures a thread that may be begun before the oldest one is done


@dataclass(frozen=True)
class _Pending:
    future: Future
    pixels: int


def in_order(do: Callable, works: Iterable, pixels: Callable, threads: int) -> Iterator:
    """Yield do(work) of each work, in their order; the next ones are begun before they are asked for.

    pixels: work -> about how many it takes. What `do` raises is raised here. When the caller ends early, what has begun
    comes to its end, and nothing else is begun.
    """
    pool, pending = ThreadPoolExecutor(threads), deque[_Pending]()
    try:
        for work in works:
            size = pixels(work)
            while pending and (pending[0].future.done() or _is_full(pending, size, threads)):
                yield pending.popleft().future.result()
            pending.append(_Pending(pool.submit(do, work), size))
        while pending:
            yield pending.popleft().future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _is_full(pending: deque[_Pending], size: int, threads: int) -> bool:
    return len(pending) >= AHEAD * threads or sum(each.pixels for each in pending) + size > ROOM
