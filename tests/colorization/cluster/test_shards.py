"""Shards: every name in one of them, in every process and for ever."""

import subprocess
from collections import Counter

import pytest

from colorization.cluster.shards import Shard
from colorization.errors import InputError


def test_every_name_is_in_one_shard_and_shards_are_about_alike():
    shards = [Shard(i, 8) for i in range(1, 9)]
    names = [f"box {i // 100}/{i:05}.jpg" for i in range(8000)]
    counts = Counter(shard.index for name in names for shard in shards if shard.holds(name))
    assert sum(counts.values()) == len(names)
    assert all(900 < counts[shard.index] < 1100 for shard in shards)


def test_a_name_stays_in_its_shard():
    """The first eight bytes of sha256sum, modulo 8: another process, another year."""
    told = subprocess.run(["sha256sum"], input=b"album/a.jpg", capture_output=True, check=True).stdout
    index = int(told[:16], 16) % 8 + 1
    assert [i for i in range(1, 9) if Shard(i, 8).holds("album/a.jpg")] == [index]


def test_a_name_that_is_no_text_has_a_shard():
    assert sum(Shard(i, 3).holds("a\udcff.jpg") for i in (1, 2, 3)) == 1


def test_words_are_read():
    assert Shard.parse("3/8") == Shard(3, 8)
    for word in ("", "3", "3/", "0/8", "9/8", "-1/8", "3/8/2", "a/b", "1.0/2", "¹/2"):
        with pytest.raises(InputError, match="give i/n, such as 3/8"):
            Shard.parse(word)
