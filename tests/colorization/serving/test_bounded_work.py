"""No more at once than was said, no more waiting than was said, and nothing lost."""

import asyncio
import threading

import httpx
import pytest

from colorization.serving import endpoint, uploads
from colorization.serving.bounded_work import BoundedWork, BusyError
from colorization.serving.server import build_app
from colorization.serving.service import Service


class Gateway:
    """Jobs that wait until they are let through, and how many did so at the same time."""

    def __init__(self):
        self.open, self.lock = threading.Event(), threading.Lock()
        self.inside = self.most = self.entered = 0

    def job(self, number):
        with self.lock:
            self.inside, self.entered = self.inside + 1, self.entered + 1
            self.most = max(self.most, self.inside)
        assert self.open.wait(30)
        with self.lock:
            self.inside -= 1
        return number


def test_only_so_many_run_and_wait_and_the_next_one_is_refused():
    async def asked():
        gateway, work = Gateway(), BoundedWork(at_once=2, waiting=3)
        tasks = [asyncio.create_task(work.run(gateway.job, number)) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="busy: 5 pictures are being colorized or waiting; try again in some seco"):
            await work.run(gateway.job, 5)
        gateway.open.set()
        assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4]
        assert await work.run(gateway.job, 6) == 6  # there is a place again
        assert gateway.most <= 2

    asyncio.run(asked())


def test_who_gives_up_waiting_leaves_the_place_to_others():
    async def asked():
        gateway, work = Gateway(), BoundedWork(at_once=1, waiting=1)
        first = asyncio.create_task(work.run(gateway.job, 1))
        while not gateway.entered:
            await asyncio.sleep(0.01)
        second = asyncio.create_task(work.run(gateway.job, 2))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        third = asyncio.create_task(work.run(gateway.job, 3))
        await asyncio.sleep(0)
        gateway.open.set()
        assert await asyncio.gather(first, third) == [1, 3]
        assert gateway.entered == 2  # nobody did what nobody waits for

    asyncio.run(asked())


def test_a_job_that_fails_does_so_where_it_was_asked_for_and_its_thread_lives_on():
    async def asked():
        work = BoundedWork(at_once=1, waiting=0)
        with pytest.raises(ZeroDivisionError):
            await work.run(lambda: 1 // 0)
        assert await work.run(int, "7") == 7

    asyncio.run(asked())


def test_a_full_queue_is_a_503_that_says_when_to_come_back(tmp_path):
    async def asked():
        gateway, work = Gateway(), BoundedWork(at_once=1, waiting=0)
        running = asyncio.create_task(work.run(gateway.job, 1))
        await asyncio.sleep(0)
        app = build_app(Service({"none": tmp_path}, max_pixels=100), work, max_upload=100)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            answer = await client.post("/colorize", content=b"a picture")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json()["error"].startswith("busy: 1 pictures are being colorized or waiting")
        gateway.open.set()
        await running

    asyncio.run(asked())


def test_a_picture_that_does_not_arrive_in_time_is_a_408_and_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 0.05)
    sent = []

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def asked():
        app = build_app(Service({"none": tmp_path}, max_pixels=100), BoundedWork(at_once=1, waiting=0), max_upload=100)
        scope = {"type": "http", "method": "POST", "path": "/colorize", "query_string": b"", "headers": []}
        for _ in range(uploads.UPLOADS_AT_ONCE + 1):
            await app(scope, receive, send)

    asyncio.run(asked())
    assert {each["status"] for each in sent if "status" in each} == {408}
    assert sent[-1]["body"] == b'{"error":"the picture did not arrive within 0.05 s"}'


def test_who_hangs_up_gives_the_place_to_others(tmp_path):
    async def asked():
        gateway, work = Gateway(), BoundedWork(at_once=1, waiting=1)
        running = asyncio.create_task(work.run(gateway.job, 1))
        app = build_app(Service({"none": tmp_path}, max_pixels=100), work, max_upload=100)
        scope = {"type": "http", "method": "POST", "path": "/colorize", "query_string": b"", "headers": []}
        messages = [{"type": "http.request", "body": b"picture"}, {"type": "http.disconnect"}]

        async def receive():
            await asyncio.sleep(0.01)
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        sent = []
        await app(scope, receive, send)
        assert sent[0]["status"] == endpoint.GONE
        other = asyncio.create_task(work.run(gateway.job, 2))  # BusyError if the place were taken
        await asyncio.sleep(0.01)
        gateway.open.set()
        assert await asyncio.gather(running, other) == [1, 2]

    asyncio.run(asked())
