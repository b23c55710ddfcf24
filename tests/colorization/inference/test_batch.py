"""Many works at once: in order, within bounds, and nothing begun after the end."""

import threading
import time

import pytest

from colorization.inference import batch
from colorization.inference.batch import in_order


def test_results_come_in_the_order_of_the_works():
    def do(seconds):
        time.sleep(seconds)
        return seconds

    works = [0.02, 0.0, 0.01, 0.0, 0.005]
    assert list(in_order(do, works, lambda work: 1, threads=3)) == works


def test_no_more_pixels_are_begun_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(batch, "ROOM", 10)
    lock, now, most = threading.Lock(), [], []

    def do(pixels):
        with lock:
            now.append(pixels)
            most.append(sum(now))
        time.sleep(0.002)
        with lock:
            now.remove(pixels)
        return pixels

    works = [4, 4, 4, 25, 1, 1, 9, 5]
    assert list(in_order(do, works, lambda pixels: pixels, threads=8)) == works
    assert max(most) == 25  # a work that is larger than all the room goes alone
    assert all(total <= 10 for total in most if total != 25)


def test_works_are_fetched_as_they_are_needed(monkeypatch):
    monkeypatch.setattr(batch, "AHEAD", 1)
    fetched = []

    def works():
        for i in range(100):
            fetched.append(i)
            yield i

    results = in_order(lambda work: work, works(), lambda work: 1, threads=2)
    assert next(results) == 0
    assert len(fetched) <= 4
    assert list(results) == list(range(1, 100))


def test_what_a_work_raises_is_raised_and_no_other_is_begun():
    begun = []

    def do(work):
        begun.append(work)
        if work == 1:
            raise ValueError("broken")
        time.sleep(0.01)

    with pytest.raises(ValueError, match="broken"):
        list(in_order(do, range(100), lambda work: 1, threads=1))
    assert len(begun) < 20
