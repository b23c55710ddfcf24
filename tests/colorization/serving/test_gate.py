"""What is turned away before the page sees it."""

import asyncio
import json

import pytest

from colorization.serving.gate import COOKIE, UPLOAD, UPLOADS_KEPT, Gate, visitor_of
from colorization.serving.visits import Visits

WORD = "w" * 32


@pytest.mark.parametrize("others", ["", 'a={"b": 1}; ', "name with space=1; ", "a=é; ", "k@v=1; ", "a=b c; "])
def test_a_visitor_is_known_whatever_cookies_other_programs_have_set(others):
    assert visitor_of(f"{others}{COOKIE}={WORD}") == WORD
    assert visitor_of(f"{others}{COOKIE}=short") == ""


@pytest.mark.parametrize(("kept", "status"), [(UPLOADS_KEPT * 1000, 200), (UPLOADS_KEPT * 1000 + 1, 503)])
def test_uploads_are_refused_while_too_much_is_kept(tmp_path, monkeypatch, kept, status):
    visits = Visits(tmp_path / "visits")
    monkeypatch.setattr(visits, "kept_bytes", lambda: kept)
    sent = []

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"[]"})

    async def send(message):
        sent.append(message)

    headers = [(b"cookie", f"{COOKIE}={WORD}".encode()), (b"content-length", b"900")]
    scope = {"type": "http", "method": "POST", "path": UPLOAD, "headers": headers}
    asyncio.run(Gate(page, visits, max_upload=1000, programs={})(scope, None, send))
    assert sent[0]["status"] == status
    if status == 503:
        assert json.loads(sent[1]["body"])["error"].startswith("busy: many visitors' pictures are kept now")
