"""Times of a film as people write them: 00:01:10, or 70.5 seconds."""

from __future__ import annotations

import re

from colorization.errors import InputError

CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d+)?)")


def parse_time(word: str, option: str) -> float:
    """Return the seconds that a word such as 00:01:10.5, 1:10.5 or 70.5 means; raises InputError, naming the option."""
    match = CLOCK.fullmatch(word.strip())
    if not match:
        raise InputError(f"{option} {word} is no time; write 00:01:10, or 70.5 for seconds")
    hours, minutes, seconds = match.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds)


def as_clock(seconds: float) -> str:
    """Return seconds as 00:01:10."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
