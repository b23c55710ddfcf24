"""`serve` as a process: what it refuses to start with, a proxy in front of it, and an end at once."""

import signal
import socket
from urllib.parse import urlparse

import pytest

from tests.colorization.serving.server_process import TWO_MODELS, export_models, picture, serving
from tests.end_to_end.processes import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    export_models(folder)
    return folder


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_whatever_is_on_its_way(folder, tmp_path, monkeypatch, sent, status):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving(folder, "--model", "saved_models/warm") as server:
        place = urlparse(server.url)
        with (
            socket.create_connection((place.hostname, place.port)) as upload,
            socket.create_connection((place.hostname, place.port)) as request,
        ):
            upload.sendall(b"POST /colorize HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nbeginning")
            large = picture("JPEG", size=(4000, 4000))
            request.sendall(b"POST /colorize HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(large) + large)
            server.ask("/health")  # both have arrived by now
            server.process.send_signal(sent)  # and once more: whoever is impatient leaves nothing behind, either
            ended, said = server.end(sent)
            assert ended == status, said
            assert said.count("\n") == 1, said
            assert list(tmp_path.iterdir()) == []


def test_an_address_that_cannot_be_had_is_told_in_one_line(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _, err = run("serve", *TWO_MODELS, "--port", port, folder=folder, status=1)
    assert err == f"error: --port {port} is taken; give another one, or 0 for any that is free\n"
    _, err = run("serve", *TWO_MODELS, "--host", "192.0.2.1", folder=folder, status=1)
    assert err == "error: --host 192.0.2.1 --port 7860: Cannot assign requested address\n"


def test_models_that_cannot_be_served_are_told_in_one_line(folder, tmp_path):
    (tmp_path / "warm").mkdir()
    _, err = run("serve", "--model", tmp_path / "warm", folder=folder, status=1)
    assert err == f"error: --model {tmp_path}/warm is no exported model; make one by `export logs/<run>`\n"
    (tmp_path / "warm/model.json").write_text("{}")
    _, err = run("serve", *TWO_MODELS, "--model", tmp_path / "warm", folder=folder, status=1)
    assert err.endswith("are both called warm; rename one's folder\n")
    _, err = run("serve", "--model", "not/there", folder=folder, status=2)
    assert "not/there does not exist" in err


def test_behind_a_proxy_under_a_path(folder):
    with serving(folder, "--model", "saved_models/warm", "--root-path", "/colours/") as server:
        assert server.url.endswith("/colours")
        assert server.ask("/colorize", picture())[0] == 200
        assert b'src="page/app.js"' in server.ask("/")[2]
        assert server.ask("/page/app.js")[0] == 200
