"""POST /film of a real server: a short film back in colour, or one line that says why not."""

import io
import json
import signal

import numpy as np
import pytest

from colorization.serving.short_films import LONGEST
from tests.colorization.serving.server_process import TWO_MODELS, export_models, picture, serving

av = pytest.importorskip("av")

from tests.colorization.films.made_films import moving_square, packets, save_film  # noqa: E402

MAX_PIXELS = 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder, temporary = tmp_path_factory.mktemp("serving"), tmp_path_factory.mktemp("temporary")
    export_models(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with serving(folder, *TWO_MODELS, "--max-upload", "1", "--max-pixels", MAX_PIXELS) as server:
            yield server
            assert list(temporary.iterdir()) == []  # films stay in memory
            server.end(signal.SIGTERM)


def film(path, pictures, **how) -> bytes:
    save_film(path, pictures, **how)
    return path.read_bytes()


def test_a_film_comes_back_in_colour_with_its_sound(server, tmp_path):
    sent = film(tmp_path / "a.mp4", moving_square(12), tone=True)
    status, headers, body = server.ask("/film", sent)
    assert (status, headers["Content-Type"]) == (200, "video/mp4")
    (tmp_path / "b.mp4").write_bytes(body)
    assert packets(tmp_path / "b.mp4", "audio") == packets(tmp_path / "a.mp4", "audio")
    with av.open(io.BytesIO(body)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 12
    assert all(np.subtract(*frame.reshape(-1, 3).mean(axis=0)[[0, 2]]) > 20 for frame in frames)


def test_what_cannot_be_done_is_told_in_one_line(server, tmp_path):
    long = film(tmp_path / "a.mp4", moving_square(2), times_ms=[0, 1000 * (LONGEST + 5)])
    large = film(tmp_path / "b.mp4", moving_square(2, 200, 200))
    short = film(tmp_path / "c.mp4", moving_square(2))
    for address, sent, status, message in (
        ("/film", long, 413, f"this server takes up to {LONGEST}"),
        ("/film", large, 413, "too large, has 40,000 pixels"),
        ("/film", picture(), 400, "a picture, not a film"),
        ("/film", b"text", 400, "no film that can be read"),
        ("/film?hint=1,2,ff0000", short, 422, "hints are for photographs"),
        ("/film?nothing=1", short, 422, "unknown parameter"),
    ):
        got, _, body = server.ask(address, sent)
        told = json.loads(body)["error"]
        assert got == status and message in told and "\n" not in told, (got, told)
