"""Films in: the levels of every range and matrix, turned and odd pixels, times, and what is broken."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colorization.errors import InputError

av = pytest.importorskip("av")

from colorization.films.film import Span  # noqa: E402
from colorization.films.reader import Reader, read_film  # noqa: E402
from tests.colorization.films.made_films import BT601, BT709, FULL, LIMITED, moving_square, packets, save_film  # noqa: E402

STEPS = np.tile(np.arange(16, 236, dtype=np.uint8), (32, 1))  # every level that a limited film has
PIXELS = 10**6


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def frames(name: str, **span):
    film = read_film(Path(name), PIXELS)
    with Reader(film) as reader:
        return list(reader.frames(Span(**span))), reader.problem


@pytest.mark.parametrize("matrix", [BT709, BT601])
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
@pytest.mark.parametrize(
    ("codec", "pixel_format"), [("libx264", "yuv420p"), ("libx264", "yuv444p"), ("ffv1", "gray"), ("ffv1", "yuv422p")]
)
def test_a_grey_film_has_its_levels_in_every_range_and_matrix(color_range, matrix, codec, pixel_format):
    save_film("a.mkv", [STEPS], color_range=color_range, matrix=matrix, codec=codec, pixel_format=pixel_format)
    [frame], problem = frames("a.mkv")
    wanted = (STEPS - 16.0) / 219 * 255 if color_range == LIMITED else STEPS
    assert frame.pixels.shape == (32, 220, 1)
    assert np.abs(frame.pixels[..., 0] - wanted).max() <= 0.5
    assert not problem


def test_ten_bits_have_the_levels_of_eight():
    luma = np.uint16(STEPS) * 4
    frame = av.VideoFrame(220, 32, "yuv420p10le")
    for plane, level in zip(frame.planes, (luma, 512, 512), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        rows[:, : plane.width] = level
        plane.update(rows.tobytes())
    with av.open("a.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 220, 32, "yuv420p10le"
        stream.codec_context.color_range = LIMITED
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    [frame], _ = frames("a.mkv")
    assert np.abs(frame.pixels[..., 0] - (STEPS - 16.0) / 219 * 255).max() <= 1


@pytest.mark.parametrize("matrix", [BT709, BT601])
def test_colours_are_read_by_the_matrix_that_the_film_names(matrix):
    red = {BT709: (63, 102, 240), BT601: (81, 90, 240)}[matrix]  # Y, Cb, Cr of full red, by the two standards
    frame = av.VideoFrame(32, 32, "yuv444p")
    for plane, level in zip(frame.planes, red, strict=True):
        plane.update(np.full(plane.buffer_size, level, np.uint8).tobytes())
    with av.open("a.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv444p"
        stream.codec_context.color_range, stream.codec_context.colorspace = LIMITED, matrix
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    [frame], _ = frames("a.mkv")
    assert np.abs(frame.pixels.reshape(-1, 3).astype(int) - (255, 0, 0)).max() <= 3


def test_what_is_known_of_a_film():
    save_film("a.mp4", moving_square(), rotation=90, aspect=Fraction(4, 3), color_range=FULL, matrix=BT601)
    film = read_film(Path("a.mp4"), PIXELS)
    assert (film.turns, film.aspect, film.is_full, film.matrix) == (1, 4 / 3, True, BT601)
    assert film.pictures == 12 and film.rate == 25 and not film.interlaced


def test_pictures_come_at_their_times_though_the_rate_varies():
    times_ms = [0, 40, 50, 200, 1000, 1010]
    save_film("a.mkv", moving_square(6), times_ms=times_ms)
    read, _ = frames("a.mkv")
    assert [round(frame.seconds * 1000) for frame in read] == times_ms


def test_a_span_begins_and_ends_at_its_pictures():
    save_film("a.mp4", moving_square(50))
    whole, _ = frames("a.mp4")
    part, _ = frames("a.mp4", first=0.4, end=0.8)
    assert [frame.seconds for frame in part] == [frame.seconds for frame in whole[10:20]]
    for frame, same in zip(part, whole[10:20], strict=True):
        np.testing.assert_array_equal(frame.pixels, same.pixels)


def test_sound_that_lasts_longer_than_the_pictures_is_no_fault():
    save_film("a.mp4", moving_square(10), tone=True)
    with av.open("a.mp4") as source, av.open("a.ts", "w") as container:  # a container that says one length for all
        copies = {each: container.add_stream_from_template(each) for each in source.streams}
        for packet in source.demux():
            if packet.pts is not None:
                packet.stream = copies[packet.stream]
                container.mux(packet)
        for i in range(60):  # 4 s more
            silence = av.Packet(bytes(packets("a.mp4", "audio")[-1]))
            silence.stream = copies[source.streams.audio[0]]
            silence.pts = silence.dts = (20 + i) * 1024
            silence.time_base = source.streams.audio[0].time_base
            container.mux(silence)
    read, problem = frames("a.ts")
    assert len(read) == 10 and not problem


def test_sound_behind_the_last_picture_of_a_span_is_passed_on():
    save_film("a.mp4", moving_square(40), tone=True)
    film, sound = read_film(Path("a.mp4"), PIXELS), []
    with Reader(film) as reader:
        for _ in reader.frames(Span(0.0, 1.0), lambda packet: sound.append(float(packet.pts * packet.time_base))):
            pass
    assert 1.0 - 0.065 <= max(sound) < 1.0


def test_interlaced_pictures_are_deinterlaced():
    """A square that moves 8 px between the two halves of a picture has a comb at its edges; none after it."""
    early, late = moving_square(20)[::2], [np.roll(each, 8, axis=1) for each in moving_square(20)[::2]]
    combed = [np.where(np.arange(len(a))[:, None] % 2 == 0, a, b) for a, b in zip(early, late, strict=True)]
    save_film("a.mkv", combed, interlaced=True)
    assert read_film(Path("a.mkv"), PIXELS).interlaced
    read, _ = frames("a.mkv")
    assert len(read) == len(combed)

    def comb(picture):
        rows = picture.astype(float)
        return np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean()

    assert comb(read[5].pixels[..., 0]) < 0.5 * comb(combed[5])


def test_what_is_no_film_is_told_in_one_line():
    Path("a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(500))
    with pytest.raises(InputError, match=r"^a\.mp4: "):
        read_film(Path("a.mp4"), PIXELS)


def test_a_picture_is_no_film_whatever_its_name():
    Image.new("L", (48, 40), 200).save("a.mp4", "PNG")
    with pytest.raises(InputError, match="a.mp4: a picture, not a film"):
        read_film(Path("a.mp4"), PIXELS)


def test_sound_alone_is_no_film():
    with av.open("a.mp4", "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        sound.sample_rate = 16000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="a.mp4: no moving pictures in it"):
        read_film(Path("a.mp4"), PIXELS)


def test_pictures_larger_than_allowed_are_refused():
    save_film("a.mp4", moving_square())
    with pytest.raises(InputError, match="3,072 pixels, more than --max-pixels 3,071"):
        read_film(Path("a.mp4"), 64 * 48 - 1)


def test_what_comes_before_a_break_is_read_and_the_break_is_told():
    rng = np.random.default_rng(0)
    save_film("a.mkv", rng.integers(16, 235, (60, 48, 64), np.uint8))
    content = Path("a.mkv").read_bytes()
    Path("a.mkv").write_bytes(content[: len(content) // 2])
    read, problem = frames("a.mkv")
    assert 20 < len(read) < 40
    assert problem


def test_pictures_that_cannot_be_decoded_are_counted():
    save_film(
        "a.mkv",
        np.random.default_rng(0).integers(16, 235, (30, 48, 64), np.uint8),
        codec="mjpeg",
        pixel_format="yuvj420p",
        color_range=FULL,
    )
    content = bytearray(Path("a.mkv").read_bytes())
    for picture in packets("a.mkv", "video")[10:13]:
        at = content.index(picture)
        content[at : at + len(picture)] = bytes(len(picture))
    Path("a.mkv").write_bytes(content)
    read, problem = frames("a.mkv")
    assert len(read) == 27
    assert problem == "broken in the middle: 3 pictures could not be decoded"
