"""Pictures of a film as grey levels 0..255, whatever the range and matrix that the film stores them in.

A grey picture has neutral colour planes (128). Its level then follows from luma and range alone: the matrix (601, 709,
2020) cancels out. FFmpeg's own conversion takes every `gray` picture for full range, whatever the film says. So luma of
grey pictures is read here, by a table. Pictures with colours go through FFmpeg, with the matrix that the film names.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame

LIMITED, FULL = 1, 2  # AVCOL_RANGE_MPEG: black is 16, white 235; AVCOL_RANGE_JPEG: 0 and 255
RGB, BT709, UNSPECIFIED, BT601, BT2020 = 0, 1, 2, 6, 9  # AVCOL_SPC, the matrix
HD = 720  # rows; what says no matrix is taken for 709 from this height on, for 601 below, as players do
SWSCALE = {BT709: "ITU709", BT2020: "BT2020"}  # PyAV's names of the matrices; all others are 601, or near it


def levels(frame: VideoFrame) -> np.ndarray:
    """Return a decoded picture as uint8 (H, W, 1) where it is grey, else as sRGB (H, W, 3)."""
    if not _is_rgb(frame):
        frame = _planar(frame)
        bits = frame.format.components[0].bits
        luma, *others = (_rows(plane, bits) for plane in frame.planes)
        if all((plane == 2 ** (bits - 1)).all() for plane in others):
            return np.take(_levels_of_luma(bits, is_full(frame)), luma)[..., None]
    matrix = SWSCALE.get(said_or_usual(frame.colorspace, frame.height), "ITU601")
    return frame.reformat(format="rgb24", src_colorspace=matrix, threads=1).to_ndarray()


@functools.cache
def _levels_of_luma(bits: int, full: bool) -> np.ndarray:
    """Return the level, uint8, of each value of luma of so many bits."""
    luma = np.arange(2**bits)
    shown = luma / (2**bits - 1) if full else (luma / 2 ** (bits - 8) - 16) / 219
    return np.clip(np.rint(255 * shown), 0, 255).astype(np.uint8)


def is_full(frame: VideoFrame) -> bool:
    """Return whether black is 0 and white 255; unsaid, that is so in the formats of JPEG, and in plain grey."""
    if frame.color_range in (LIMITED, FULL):
        return frame.color_range == FULL
    return frame.format.name.startswith(("yuvj", "gray", "rgb", "bgr", "gbr", "pal"))


def said_or_usual(matrix: int, height: int) -> int:
    """Return the matrix that a film names, or, if it names none of luma, that which its height stands for."""
    if matrix not in (RGB, UNSPECIFIED):
        return matrix
    return BT709 if height >= HD else BT601


def _is_rgb(frame: VideoFrame) -> bool:
    return frame.format.is_rgb or frame.format.has_palette


def _planar(frame: VideoFrame) -> VideoFrame:
    """Return the picture with luma of its own as first plane: as it is, or in the nearest format that is so stored."""
    stored = frame.format
    is_grey = len(stored.components) == 1
    bits = stored.components[0].bits
    if (stored.is_planar or is_grey) and (bits == 8 or stored.name.endswith("le")) and not stored.name.startswith("p0"):
        return frame
    return frame.reformat(format="gray" if is_grey else "yuv444p", threads=1)


def _rows(plane, bits: int) -> np.ndarray:
    """Return a plane without what pads its rows, (h, w); the values of nv12's second plane are pairs, of which half."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows.view(np.uint8 if bits == 8 else np.uint16)[: plane.height, : plane.width]
