import dataclasses
import hashlib
import http.server
import threading
from contextlib import contextmanager, suppress

import pytest

from colorization.errors import InputError
from data_pipelines import download
from data_pipelines.download import Remote, fetch

CONTENT = bytes(range(256)) * 10_000  # 2.56 MB: three blocks


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT; the class of each server says how badly."""

    ranges = True  # answers requests for a part
    cut_after = None  # bytes, then the connection is closed
    status = 200

    def do_GET(self):  # noqa: N802 (the library's name)
        self.server.asked.append(self.headers.get("Range"))
        start = int(self.headers["Range"][6:-1]) if self.ranges and "Range" in self.headers else 0
        rest = CONTENT[start:]
        self.send_response(self.status if self.status != 200 else 206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        with suppress(ConnectionError):  # the client may hang up first
            self.wfile.write(rest[: self.cut_after])

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    """serve(cut_after=..., ...) -> (the remote file, the list of ranges that were asked for)."""
    running = []

    def start(**behaviour):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), behaviour))
        server.asked = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        url = f"http://127.0.0.1:{server.server_port}/data.zip"
        return Remote(url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest()), server.asked

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_a_whole_file(serve, tmp_path):
    remote, asked = serve()
    path = fetch(remote, tmp_path / "new")
    assert path == tmp_path / "new" / "data.zip"
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["data.zip"]
    assert fetch(remote, tmp_path / "new") == path
    assert asked == [None]


def test_goes_on_where_an_earlier_run_ended(serve, tmp_path):
    remote, asked = serve()
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:1000])
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert asked == ["bytes=1000-"]


def test_goes_on_when_the_connection_is_cut(serve, tmp_path):
    remote, asked = serve(cut_after=1_000_000)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert asked == [None, "bytes=1000000-", "bytes=2000000-"]


def test_a_server_that_cannot_go_on_starts_over(serve, tmp_path):
    remote, _ = serve(ranges=False)
    (tmp_path / "data.zip.part").write_bytes(b"x" * 1000)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_a_complete_part_needs_no_server(serve, tmp_path):
    remote, asked = serve()
    (tmp_path / "data.zip.part").write_bytes(CONTENT)
    assert fetch(remote, tmp_path).read_bytes() == CONTENT
    assert asked == []


@pytest.mark.parametrize("ranges", [True, False])
def test_progress_ends_at_the_size(serve, tmp_path, ranges):
    told = {}

    @contextmanager
    def progress(title, total, unit):
        told[title, total, unit] = 0

        def advance(done):
            told[title, total, unit] += done

        yield advance

    remote, _ = serve(ranges=ranges)
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:1000])
    fetch(remote, tmp_path, progress)
    size = len(CONTENT)
    assert told == {("downloading data.zip", size, "byte"): size, ("checking data.zip", size, "byte"): size}


def test_a_wrong_checksum_leaves_nothing(serve, tmp_path):
    remote, _ = serve()
    with pytest.raises(InputError, match="instead of 0123, so it was thrown away; start again"):
        fetch(dataclasses.replace(remote, sha256="0123"), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", [b"", CONTENT[:1000]])
def test_a_wrong_length_is_found_before_fetching(serve, tmp_path, part):
    remote, _ = serve()
    (tmp_path / "data.zip.part").write_bytes(part)
    with pytest.raises(InputError, match="it is not the published file any more"):
        fetch(dataclasses.replace(remote, size=len(CONTENT) + 1), tmp_path)


def test_a_part_that_is_too_long(serve, tmp_path):
    remote, _ = serve()
    (tmp_path / "data.zip.part").write_bytes(CONTENT + b"more")
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_a_server_that_never_sends_a_byte(serve, tmp_path):
    remote, asked = serve(cut_after=0)
    with pytest.raises(InputError, match=r"could not be fetched \(the connection was cut\)"):
        fetch(remote, tmp_path)
    assert len(asked) == download.ATTEMPTS


def test_not_found_is_not_tried_again(serve, tmp_path):
    remote, asked = serve(status=404)
    with pytest.raises(InputError, match=r"data.zip could not be fetched \(Not Found\)"):
        fetch(remote, tmp_path)
    assert len(asked) == 1


def test_without_a_network_it_says_what_to_do(tmp_path):
    remote = Remote("http://127.0.0.1:1/data.zip", 10, "")
    with pytest.raises(InputError, match=r"http://127.0.0.1:1/data.zip could not .* put it into a folder .*--data-dir"):
        fetch(remote, tmp_path)


def test_what_was_fetched_is_kept_when_the_line_breaks_for_good(tmp_path):
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:5000])
    with pytest.raises(InputError, match=r"or start again to go on with .*data.zip.part"):
        fetch(Remote("http://127.0.0.1:1/data.zip", len(CONTENT), ""), tmp_path)
    assert (tmp_path / "data.zip.part").read_bytes() == CONTENT[:5000]


def test_two_runs_do_not_write_into_one_file(serve, tmp_path):
    remote, asked = serve()
    part = tmp_path / "data.zip.part"
    with part.open("ab") as other:
        download._lock(other, part)
        with pytest.raises(InputError, match="another run is fetching"):
            fetch(remote, tmp_path)
    assert asked == []


def test_no_room(tmp_path):
    with pytest.raises(InputError, match=r"data.zip needs 5,000,000,000,000,000 bytes in .*, but [\d,]+ are free"):
        fetch(Remote("http://127.0.0.1:1/data.zip", 5 * 10**15, ""), tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to .*--cache-dir"):
        fetch(Remote("http://127.0.0.1:1/data.zip", 10, ""), tmp_path / "file")
