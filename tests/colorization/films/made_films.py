"""Small films of known content, made with PyAV: a bright square that moves over a dark ground, and a tone."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HEIGHT, WIDTH, RATE = 48, 64, 25
LIMITED, FULL = 1, 2
BT709, BT601 = 1, 6
LOSSLESS = {"crf": "0", "preset": "ultrafast"}
TONE_RATE = 16_000


def moving_square(count: int = 12, height: int = HEIGHT, width: int = WIDTH) -> list[np.ndarray]:
    """Return luma, uint8 (H, W), of pictures of a square of 200 that moves right by a pixel a picture, on 60."""
    pictures = []
    for i in range(count):
        luma = np.full((height, width), 60, np.uint8)
        luma[10:30, 5 + i : 25 + i] = 200
        pictures.append(luma)
    return pictures


def save_film(
    path: Path | str,
    pictures: Iterable[np.ndarray],
    *,
    color_range: int = LIMITED,
    matrix: int = BT709,
    pixel_format: str = "yuv420p",
    codec: str = "libx264",
    times_ms: Iterable[int] | None = None,
    aspect: Fraction | int = 1,
    rotation: int = 0,
    tone: bool = False,
    chapters: Iterable[dict] = (),
    metadata: dict | None = None,
    interlaced: bool = False,
) -> None:
    """Write a film of luma pictures, uint8 (H, W), without loss; times_ms: of each, instead of 25 a second."""
    pictures = list(pictures)
    with av.open(str(path), "w") as container:
        options = dict(LOSSLESS) if codec == "libx264" else {}
        if interlaced:
            options["x264-params"] = "tff=1"
        stream = container.add_stream(codec, rate=RATE, options=options)
        stream.height, stream.width = pictures[0].shape
        stream.pix_fmt = pixel_format
        context = stream.codec_context
        context.color_range, context.colorspace, context.sample_aspect_ratio = color_range, matrix, aspect
        if times_ms is not None:
            context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        container.metadata.update(metadata or {})
        if chapters:
            container.set_chapters(list(chapters))
        sound = container.add_stream("aac", rate=TONE_RATE, layout="mono") if tone else None
        for luma, time in zip(pictures, times_ms or np.arange(len(pictures)) * 1000 // RATE, strict=True):
            frame = _frame(luma, pixel_format)
            frame.color_range, frame.colorspace = color_range, matrix
            frame.pts, frame.time_base = int(time), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            _add_tone(container, sound, len(pictures) / RATE)


def _frame(luma: np.ndarray, pixel_format: str) -> av.VideoFrame:
    frame = av.VideoFrame(luma.shape[1], luma.shape[0], pixel_format)
    for plane, level in zip(frame.planes, (luma, 128, 128), strict=False):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = level
        plane.update(rows.tobytes())
    return frame


def _add_tone(container, stream, seconds: float) -> None:
    for first in range_of_samples(seconds):
        wave = np.sin(np.arange(first, first + 1024) / 10).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
        frame.sample_rate, frame.pts = TONE_RATE, first
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def range_of_samples(seconds: float) -> list[int]:
    return list(np.arange(0, int(seconds * TONE_RATE), 1024))


def packets(path: Path | str, kind: str) -> list[bytes]:
    """Return the packets of the first stream of a kind, such as "audio"."""
    with av.open(str(path)) as container:
        stream = next(each for each in container.streams if each.type == kind)
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def times(path: Path | str) -> list[float]:
    """Return when each picture is shown, seconds."""
    with av.open(str(path)) as container:
        return [round(frame.time, 4) for frame in container.decode(video=0)]


def pictures_in_rgb(path: Path | str) -> list[np.ndarray]:
    """Return the pictures as FFmpeg turns them into RGB by what the film says of itself."""
    with av.open(str(path)) as container:
        return [frame.reformat(format="rgb24").to_ndarray() for frame in container.decode(video=0)]
