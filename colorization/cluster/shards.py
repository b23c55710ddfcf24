"""A shard: the part of an archive that one call of several works on, the same in every call."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from colorization.errors import InputError


@dataclass(frozen=True)
class Shard:
    """Number `index`, from 1, of `count` parts of about one size."""

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, word: str) -> Shard:
        """Return the shard that "3/8" means; raises InputError for anything else."""
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", word)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(f"--shard {word}: give i/n, such as 3/8: the third of eight parts")
        return cls(int(match[1]), int(match[2]))

    def holds(self, name: str) -> bool:
        """Return whether a picture's name belongs to it; the same on every machine and in every call."""
        number = int.from_bytes(hashlib.sha256(name.encode(errors="surrogateescape")).digest()[:8])
        return number % self.count == self.index - 1
