"""How large a run of the benchmarks is: the one whose figures are published, and one for the tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes and numbers of every benchmark.

    rounds: of A B A B. small, large, album: megapixels of the picture from start to file, of the one in a running
    process, and of those in a folder. album_count: pictures in the folder; plain_count: those that the plain script
    gets of them, because its rate does not depend on their number. growth: megapixels. requests, clients, side: what
    the server is sent, and the pictures' sides in px. film_heights, film_count: rows of films, and pictures of the
    shorter ones.
    """

    rounds: int
    small: float
    large: float
    album: float
    album_count: int
    plain_count: int
    growth: tuple[float, ...]
    requests: int
    clients: int
    side: int
    memory_count: int
    film_heights: tuple[int, int]
    film_count: int
    tiny: bool = False


FULL = Scale(
    rounds=2,
    small=0.2,
    large=12,
    album=1,
    album_count=500,
    plain_count=60,
    growth=(1, 3, 12, 25, 50, 100),
    requests=200,
    clients=8,
    side=512,
    memory_count=500,
    film_heights=(1080, 480),
    film_count=50,
)
TINY = Scale(
    rounds=1,
    small=0.02,
    large=0.05,
    album=0.02,
    album_count=3,
    plain_count=2,
    growth=(0.02, 0.04),
    requests=4,
    clients=2,
    side=48,
    memory_count=10,
    film_heights=(54, 36),
    film_count=3,
    tiny=True,
)
