"""Films out: what of the film is kept, and that nothing unfinished has the film's name."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from colorization.errors import InputError

av = pytest.importorskip("av")

from colorization.films.film import WHOLE, Span  # noqa: E402
from colorization.films.formats import CODECS  # noqa: E402
from colorization.films.reader import Reader, read_film  # noqa: E402
from colorization.films.writer import Writer  # noqa: E402
from tests.colorization.films.made_films import (  # noqa: E402
    BT601,
    BT709,
    FULL,
    LIMITED,
    moving_square,
    packets,
    pictures_in_rgb,
    save_film,
    times,
)

COLOUR = (200, 120, 60)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def rewritten(source: str, output: str, codec: str = "h264", span: Span = WHOLE) -> Writer:
    """Write a span of a film again, all of one colour."""
    film = read_film(Path(source), 10**6)
    with Reader(film) as reader:
        writer = Writer(Path(output), reader, codec, span=span)
        for frame in reader.frames(span, writer.copy):
            writer.write(frame, np.full((*frame.pixels.shape[:2], 3), COLOUR, np.uint8))
        writer.finish()
    return writer


@pytest.mark.parametrize("matrix", [BT709, BT601])
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
@pytest.mark.parametrize("codec", CODECS)
def test_colours_come_back_in_every_codec_range_and_matrix(codec, color_range, matrix):
    save_film("a.mkv", moving_square(3), color_range=color_range, matrix=matrix)
    rewritten("a.mkv", "b.mkv", codec)
    film = read_film(Path("b.mkv"), 10**6)
    assert (film.is_full, film.matrix) == (color_range == FULL and codec != "prores", matrix)
    for picture in pictures_in_rgb("b.mkv"):
        assert np.abs(picture.astype(int) - COLOUR).max() <= 4


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_sound_is_kept_byte_by_byte_and_pictures_keep_their_times(ending):
    save_film("a.mp4", moving_square(25), tone=True)
    writer = rewritten("a.mp4", f"b{ending}")
    assert packets(f"b{ending}", "audio") == packets("a.mp4", "audio")
    assert np.diff(times(f"b{ending}")).round(3).tolist() == [0.04] * 24
    assert writer.notes == []


def test_variable_times_are_kept():
    times_ms = [0, 40, 50, 200, 1000, 1010]
    save_film("a.mkv", moving_square(6), times_ms=times_ms)
    rewritten("a.mkv", "b.mp4")
    assert [round(1000 * time) for time in times("b.mp4")] == times_ms


def test_rotation_aspect_chapters_and_what_is_said_are_kept():
    chapters = [{"id": 1, "start": 0, "end": 200, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}}]
    said = {"title": "A square", "comment": "made"}
    save_film("a.mp4", moving_square(), rotation=90, aspect=Fraction(4, 3), chapters=chapters, metadata=said)
    rewritten("a.mp4", "b.mp4")
    with av.open("b.mp4") as container:
        stream = container.streams.video[0]
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert next(container.decode(stream)).rotation == 90
        assert container.metadata["title"] == "A square"
        assert container.metadata["comment"].startswith("made; colours added by software")
        [chapter] = container.chapters()
        assert chapter["metadata"]["title"] == "One"
        assert chapter["end"] * chapter["time_base"] == Fraction(1, 5)


def chapter(first: float, end: float, title: str) -> dict:
    return {
        "id": round(first) + 1,
        "start": round(1000 * first),
        "end": round(1000 * end),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": title},
    }


def test_a_span_has_its_part_of_the_chapters():
    chapters = [chapter(0, 0.4, "before"), chapter(0.4, 1, "begun"), chapter(1, 1.6, "cut"), chapter(1.6, 2, "behind")]
    save_film("a.mkv", moving_square(40), chapters=chapters)
    rewritten("a.mkv", "b.mkv", span=Span(0.6, 1.4))
    with av.open("b.mkv") as container:
        kept = [
            (each["metadata"]["title"], *(float(each[name] * each["time_base"]) for name in ("start", "end")))
            for each in container.chapters()
        ]
    assert [(title, round(first, 3), round(end, 3)) for title, first, end in kept] == [
        ("begun", 0.0, 0.4),
        ("cut", 0.4, 0.8),
    ]


@pytest.mark.parametrize(
    ("codec", "pixel_format", "notes"),
    [
        ("ffv1", "yuv420p10le", ["10 bits a channel are reduced to 8"]),
        ("ffv1", "yuva420p", ["its transparency is left out"]),
        ("ffv1", "yuv420p", []),
    ],
)
def test_what_pictures_lose_is_noted(codec, pixel_format, notes):
    with av.open("a.mkv", "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        frame = av.VideoFrame.from_ndarray(np.full((48, 64), 99, np.uint8), "gray").reformat(format=pixel_format)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert rewritten("a.mkv", "b.mkv").notes == notes


def test_subtitles_are_kept():
    save_film("square.mkv", moving_square(25))
    Path("said.srt").write_text("1\n00:00:00,100 --> 00:00:00,700\nHello\n\n")
    with av.open("square.mkv") as film, av.open("said.srt") as said, av.open("a.mkv", "w") as container:
        copies = {
            each: container.add_stream_from_template(each)
            for each in (film.streams.video[0], said.streams.subtitles[0])
        }
        for source in (film, said):
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream]
                    container.mux(packet)
    rewritten("a.mkv", "b.mkv")
    assert packets("b.mkv", "subtitle") == [b"Hello"]


def test_what_the_container_cannot_hold_is_left_out_with_a_note():
    save_film("a.mkv", moving_square(25), tone=True)
    with av.open("a.mkv") as film, av.open("wma.asf", "w") as container:
        video = container.add_stream_from_template(film.streams.video[0])
        sound = container.add_stream("wmav2", rate=44_100, layout="mono")
        sound.bit_rate = 64_000
        for packet in film.demux(film.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44_100
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    writer = rewritten("wma.asf", "b.mp4")
    assert writer.notes == ["its audio (wmav2) is left out: .mp4 cannot hold it"]
    assert len(times("b.mp4")) == 25


def test_odd_sides_are_written_whole():
    save_film("a.mkv", moving_square(3, 49, 65), pixel_format="gray", codec="ffv1", color_range=FULL)
    writer = rewritten("a.mkv", "b.mp4")
    assert pictures_in_rgb("b.mp4")[0].shape == (49, 65, 3)
    assert "odd" in writer.notes[0]


def test_an_unfinished_film_has_another_name_and_can_be_played():
    save_film("a.mp4", moving_square(25), tone=True)
    film = read_film(Path("a.mp4"), 10**6)
    with Reader(film) as reader:
        writer = Writer(Path("b.mp4"), reader, "h264")
        for i, frame in enumerate(reader.frames(pass_on=writer.copy)):
            if i < 10:
                writer.write(frame, np.full((48, 64, 3), COLOUR, np.uint8))
        writer.end()
    assert not Path("b.mp4").exists()
    assert len(times("b.part.mp4")) == 10


def test_a_film_without_a_picture_is_told_and_does_not_get_its_name():
    save_film("a.mp4", moving_square(3))
    with Reader(read_film(Path("a.mp4"), 10**6)) as reader:
        writer = Writer(Path("b.mp4"), reader, "h264")
        with pytest.raises(InputError, match="a.mp4: no picture of it could be decoded"):
            writer.finish()
        writer.end()
    assert not Path("b.mp4").exists()


def test_a_part_of_another_size_is_not_gone_on_from():
    save_film("a.mp4", moving_square(5))
    save_film("part.mp4", moving_square(3, 64, 80))
    with Reader(read_film(Path("a.mp4"), 10**6)) as reader:
        writer = Writer(Path("b.mp4"), reader, "h264")
        with pytest.raises(InputError, match="part.mp4 was begun in another way"):
            writer.take_over(Path("part.mp4"), next(reader.frames()))
        writer.end()


def test_a_folder_that_takes_no_files_is_told_in_one_line():
    save_film("a.mp4", moving_square(2))
    Path("file").write_text("")
    with Reader(read_film(Path("a.mp4"), 10**6)) as reader, pytest.raises(InputError, match="b.mp4: not written: "):
        Writer(Path("file/b.mp4"), reader, "h264")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
def test_a_full_disk_is_told_in_one_line():
    save_film("a.mp4", moving_square(25))
    Path("b.part.mkv").symlink_to("/dev/full")
    with pytest.raises(InputError, match="b.mkv: not written: No space left"):
        rewritten("a.mp4", "b.mkv")
