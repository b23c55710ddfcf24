"""POST /colorize of a real server: pictures back, errors as JSON, limits and load."""

import contextlib
import io
import json
import signal
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from skimage import color

from colorization.serving.uploads import UPLOADS_AT_ONCE
from tests.colorization.formula_model import WARM
from tests.colorization.serving.server_process import TWO_MODELS, export_models, picture, serving

MAX_PIXELS = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    export_models(folder)
    return folder


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("temporary")
    limits = ["--max-upload", "1", "--max-pixels", MAX_PIXELS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with serving(folder, *TWO_MODELS, *limits) as server:
            server.temporary = temporary
            yield server
            _, said = server.end(signal.SIGTERM)
            assert said == "stopped by SIGTERM\n"  # whatever was sent to it


def lab(content):
    with Image.open(io.BytesIO(content)) as image:
        return color.rgb2lab(np.asarray(image.convert("RGB")))


def error(body):
    told = json.loads(body)
    assert list(told) == ["error"]
    assert "\n" not in told["error"]
    return told["error"]


@pytest.mark.parametrize(
    ("format", "type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("TIFF", "image/tiff"),
        ("WEBP", "image/webp"),
        ("GIF", "image/png"),
    ],
)
def test_picture_comes_back_in_colour_in_its_own_format(server, format, type):
    status, headers, body = server.ask("/colorize", picture(format))
    assert (status, headers["Content-Type"]) == (200, type)
    with Image.open(io.BytesIO(body)) as image:
        assert (image.format, image.size) == ("PNG" if format == "GIF" else format, (48, 40))
    result, before = lab(body), lab(picture("PNG"))
    np.testing.assert_allclose(np.median(result[..., 1:], axis=(0, 1)), WARM, atol=1.5)
    assert np.abs(result[..., 0] - before[..., 0]).mean() <= 0.5


def test_picture_as_the_field_of_a_form(server):
    form = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a/b/old.png"\r\n\r\n%s\r\n--x--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    status, _, body = server.ask("/colorize", form % picture(), **kind)
    assert status == 200
    assert body == server.ask("/colorize", picture())[2]
    status, _, body = server.ask("/colorize", form % b"nothing of the kind", **kind)
    assert (status, error(body)) == (400, "old.png: not a picture: text")
    for wrong in (b"--x--\r\n", b"no form"):
        status, _, body = server.ask("/colorize", wrong, **kind)
        assert status == 400
        error(body)
    status, _, body = server.ask("/colorize", form.replace(b'"picture"', b'"look"') % picture(), **kind)
    assert (status, error(body)[:53]) == (422, "unknown field of a form 'look'; known: picture, refer")


@pytest.mark.parametrize(
    ("query", "ab"),
    [
        ("look=vivid", np.multiply(1.5, WARM)),
        ("look=vivid&saturation=0.5", np.multiply(0.5, WARM)),
        ("temperature=0.5&model=warm", WARM),
        ("model=hinted", [0, 0]),
    ],
)
def test_what_is_asked_for_reaches_the_model(server, query, ab):
    status, _, body = server.ask(f"/colorize?{query}", picture())
    assert status == 200
    np.testing.assert_allclose(np.median(lab(body)[..., 1:], axis=(0, 1)), ab, atol=1)


def test_hints_colour_their_places_whatever_the_model(server):
    status, _, body = server.ask("/colorize?model=warm&hint=10,20,2030c0", picture())
    assert lab(body)[20, 10, 2] < -40  # blue, where the model says warm
    status, _, body = server.ask("/colorize?model=hinted&hint=10,20,c03020&hint=40,5,%232030c0", picture())
    assert status == 200
    assert lab(body)[20, 10, 1] > 20  # red
    assert lab(body)[5, 40, 2] < -20  # blue
    assert np.abs(lab(body)[30, 30, 1:]).max() < 1


def test_a_palette_moves_the_colours_whatever_the_model(server):
    status, _, body = server.ask("/colorize?model=warm&palette=506ea0", picture())
    assert status == 200
    blue = color.rgb2lab(np.uint8([[[80, 110, 160]]]))[0, 0, 1:]
    np.testing.assert_allclose(np.median(lab(body)[..., 1:], axis=(0, 1)), blue, atol=3)


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("model=none", 422, "unknown model 'none'; known: warm, hinted"),
        ("look=none", 422, "warm has no look 'none'; it has natural, vivid"),
        ("temperature=-1", 422, "temperature=-1: give a number from 0 to 100"),
        ("temperature=nan", 422, "temperature=nan: give a number from 0 to 100"),
        ("saturation=much", 422, "saturation=much: give a number from 0 to 5"),
        ("model=hinted&temperature=1", 422, "hinted takes no temperature; leave temperature out, or choose another"),
        ("palette=red", 422, "palette red is no palette; write 1 to 16 colours, such as aa3322,e0c080"),
        ("palette=808080,404040", 422, "palette: greys only, which say nothing of colours; give at least one"),
        ("input_size=1", 422, "input_size=1: give a number from 16 to 1024"),
        ("&".join(["hint=1,1,c03020"] * 1001), 422, "1,001 hints; give at most 1,000"),
        ("&".join(["hint=1,1,c03020"] * 10_000), 422, "10,000 hints; give at most 1,000"),
        ("hint=here", 422, "hint here is no hint; write x,y,rrggbb, such as 120,80,c03020"),
        (
            "tempreature=1",
            422,
            "unknown parameter 'tempreature'; known: model, look, temperature, saturation, vibrance, hint, palette",
        ),
        ("model=hinted&hint=48,0,c03020", 422, "the hint at 48,0 lies outside the photograph of 48 x 40 px"),
    ],
)
def test_what_is_asked_wrongly_is_told(server, query, status, told):
    answered, _, body = server.ask(f"/colorize?{query}", picture())
    assert answered == status
    assert error(body).startswith(told)


@pytest.mark.parametrize("query", ["tempreature=1", "temperature=-1", "hint=x", "model=none"])
def test_a_wrong_parameter_is_told_to_who_has_sent_a_large_picture_first(server, query):
    """urllib sends everything before it looks for the answer."""
    status, _, body = server.ask(f"/colorize?{query}", bytes(900_000))
    assert status == 422
    error(body)


def text_bomb():
    """A small PNG with a compressed text of 3 MB."""
    text, content = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_text("comment", "0" * 3_000_000, zip=True)
    Image.new("L", (4, 4)).save(content, "PNG", pnginfo=text)
    return content.getvalue()


def bomb():
    """The header of a PNG of 60,000 x 60,000 px, and next to nothing behind it."""
    chunks = {b"IHDR": (60_000).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0", b"IDAT": zlib.compress(bytes(1000))}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in chunks.items()
    )


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", 400, "the picture: empty file (zero bytes)"),
        (b"no picture at all", 400, "the picture: not a picture: text"),
        (picture("JPEG")[:300], 400, "the picture: "),
        (text_bomb(), 413, "the picture: too large, its texts unpack to too many bytes; this server takes up to"),
        (bomb(), 413, "the picture: too large, has 3,600,000,000 pixels; this server takes up to 20,000"),
        (picture(size=(200, 101)), 413, "the picture: too large, has 20,200 pixels; this server takes up to 20,000"),
        (bytes(1_000_001), 413, "the picture's file is too large; this server takes up to 1,000,000 bytes"),
    ],
    ids=["empty", "text", "truncated", "text bomb", "bomb", "many pixels", "many bytes"],
)
def test_what_cannot_be_colorized_is_told_and_the_server_lives_on(server, content, status, told):
    answered, _, body = server.ask("/colorize", content)
    assert answered == status
    assert error(body).startswith(told)
    assert server.ask("/colorize", picture())[0] == 200


def test_other_addresses_and_methods(server):
    assert json.loads(server.ask("/health")[2]) == {"status": "ok", "models": ["warm", "hinted"]}
    status, headers, body = server.ask("/colorize")
    assert (status, headers["Allow"], error(body)) == (405, "POST", "/colorize takes POST, not GET")
    for path in ("/docs", "/openapi.json", "/none", "/page/../server.py", "/page/none.js"):
        status, _, body = server.ask(path)
        assert status == 404, path
        error(body)
    status, headers, body = server.ask("/health", method="HEAD")
    assert (status, body) == (200, b"")


def test_two_hundred_requests_eight_at_a_time(server):
    """Each picture has a grey of its own, so that an answer to someone else would be seen."""

    def asked(number):
        before = picture(level=30 + number)
        status, _, body = server.ask("/colorize", before)
        return status == 200 and np.abs(lab(body)[..., 0] - lab(before)[..., 0]).mean() <= 0.5

    with ThreadPoolExecutor(8) as visitors:
        assert list(visitors.map(asked, range(200))) == [True] * 200


def test_an_upload_that_breaks_off_does_no_harm(server):
    """The fixture `server` asserts in the end that there was no complaint."""
    place = urlparse(server.url)
    head = "POST /colorize HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
    form = (
        'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name="picture"; '
    )
    for _ in range(3):
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.sendall((head + form + 'filename="a.png"\r\n\r\nbeginning').encode())
            server.ask("/health")  # it has arrived by now
    assert server.ask("/colorize", picture())[0] == 200


def test_only_so_many_uploads_are_received_at_once(server):
    at = urlparse(server.url)
    head = f"POST /colorize HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Length: 1000\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(UPLOADS_AT_ONCE):
            dawdler = stack.enter_context(socket.create_connection((at.hostname, at.port)))
            dawdler.sendall(head + b"x")
        deadline = time.monotonic() + 60
        while (answer := server.ask("/colorize", picture()))[0] != 503 and time.monotonic() < deadline:
            time.sleep(0.1)  # until all of them have come in
        status, headers, body = answer
        assert (status, headers["Retry-After"]) == (503, "5")
        assert json.loads(body) == {"error": "busy: 16 pictures are being received; try again in some seconds"}
    deadline = time.monotonic() + 60
    while (answer := server.ask("/colorize", picture()))[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.1)  # until their going is noticed
    assert answer[0] == 200


def test_nothing_is_kept_of_what_is_sent(server):
    assert server.ask("/colorize", picture("TIFF"))[0] == 200
    assert list(server.temporary.iterdir()) == []


def test_a_preview_is_small_and_says_what_the_picture_is(server):
    status, headers, body = server.ask("/preview?side=50", picture("TIFF", size=(100, 60)))
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as image:
        assert image.size == (50, 30)
        np.testing.assert_allclose(np.asarray(image.convert("L")), 120, atol=1)
    about = json.loads(headers["X-Picture"])
    notes = about.pop("notes")
    assert about == {"width": 100, "height": 60, "format": "TIFF", "ending": ".tif", "grey": True}
    assert isinstance(notes, list)
    transparent = io.BytesIO()
    Image.new("LA", (48, 40), (120, 30)).save(transparent, "PNG")
    status, headers, body = server.ask("/preview?side=50", transparent.getvalue())
    with Image.open(io.BytesIO(body)) as image:
        assert (image.mode, image.getpixel((5, 5))[3]) == ("RGBA", 30)


def test_likely_colours_come_likeliest_first(server):
    status, _, body = server.ask("/likely?x=10&y=20", picture())
    [first, *others] = json.loads(body)["colours"]
    rgb = np.uint8([[list(bytes.fromhex(first["colour"][1:]))]])
    np.testing.assert_allclose(color.rgb2lab(rgb)[0, 0, 1:], WARM, atol=1)
    assert first["chance"] > 0.99
    assert others == []  # the formula is sure
    status, _, body = server.ask("/likely?x=48&y=0", picture())
    assert (status, error(body)) == (422, "48,0 lies outside the photograph of 48 x 40 px")
    status, _, body = server.ask("/likely?x=1", picture())
    assert (status, error(body)) == (422, "say at which pixel: x=120&y=80")


def test_models_are_described(server):
    warm, hinted = json.loads(server.ask("/models")[2])
    assert warm["name"] == "warm"
    assert list(warm["presets"]) == ["natural", "vivid"]
    assert warm["presets"]["vivid"]["saturation"] == 1.5
    assert warm["numbers"] == {"temperature": 1.0, "saturation": 1.0, "vibrance": 0.0}
    assert hinted["presets"] == {}
