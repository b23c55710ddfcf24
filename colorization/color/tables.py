"""Lab of whole pictures, fast: tables for 8-bit levels, and blocks of pixels that fit the processor's cache.

The formulas stand in `lab` and `gamut`; the tests hold both equal. Arrays of numpy only.
"""

from __future__ import annotations

import numpy as np

from colorization.color.gamut import fit_to_gamut, in_gamut, largest_factor
from colorization.color.lab import (
    F_KINK,
    F_OFFSET,
    F_SLOPE,
    FROM_WHITE_XYZ,
    LINEAR_OF_UINT8,
    TO_WHITE_XYZ,
    f_of_xyz,
    lab_to_uint16,
    linear_to_rgb,
    rgb_to_lab,
)

BLOCK = 28_000  # pixels: their intermediate values stay in the cache; BLAS would take a thread more for 29,128 and wait
LIGHT_STEPS = 2**16  # entries of UINT8_OF_LIGHT; a level is 20 of them wide in black, and more elsewhere

L_OF_UINT8 = rgb_to_lab(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=-1))[:, 0]
LUMINANCE_OF_UINT8 = np.outer(TO_WHITE_XYZ[1], LINEAR_OF_UINT8).astype(np.float32)  # of red, green and blue
UINT8_OF_LIGHT = np.rint(255 * linear_to_rgb(np.linspace(0, 1, LIGHT_STEPS))).astype(np.uint8)

_DARK_F = np.float32(F_SLOPE * F_KINK + F_OFFSET)
_FROM_WHITE_XYZ = FROM_WHITE_XYZ.astype(np.float32)


def lightness(pixels: np.ndarray) -> np.ndarray:
    """Return L of sRGB pixels: float32 (H, W, 1) in 0..100, of uint8 or uint16 (H, W, C), C 1 (grey) or 3.

    Grey pixels are fastest in one channel; see `without_colour`.
    """
    height, width = pixels.shape[:2]
    L = np.empty((height, width), np.float32)
    for rows in row_blocks(height, width):
        L[rows] = _lightness_of(pixels[rows])
    return L[..., None]


def _lightness_of(pixels: np.ndarray) -> np.ndarray:
    is_grey = pixels.shape[-1] == 1
    if pixels.dtype != np.uint8:
        rgb = np.repeat(pixels, 3, axis=-1) if is_grey else pixels
        return rgb_to_lab(rgb / np.float32(65535))[..., 0]
    if is_grey:
        return np.take(L_OF_UINT8, pixels[..., 0])
    luminance = sum(np.take(table, pixels[..., i]) for i, table in enumerate(LUMINANCE_OF_UINT8))
    return 116 * f_of_xyz(luminance) - 16


def without_colour(pixels: np.ndarray) -> np.ndarray:
    """Return pixels (H, W, C) with one channel, (H, W, 1), if all their channels are equal; else as they are."""
    for rows in row_blocks(*pixels.shape[:2]):  # most pictures in colour show it in the first rows
        block = pixels[rows]
        if not all(np.array_equal(block[..., other], block[..., 0]) for other in range(1, pixels.shape[-1])):
            return pixels
    return pixels[..., :1]


def row_blocks(height: int, width: int, pixels: int = BLOCK) -> list[slice]:
    """Return the rows of a picture of height x width px in slices of about so many pixels."""
    rows = max(pixels // width, 1)
    return [slice(first, min(first + rows, height)) for first in range(0, height, rows)]


def join(L: np.ndarray, ab: np.ndarray, dtype=np.uint8) -> np.ndarray:
    """Return sRGB (..., 3) of dtype uint8 or uint16 that shows L (..., 1) and ab (..., 2), float32.

    What is out of gamut is made paler, so that L stays as it is.
    """
    L, ab = np.asarray(L, np.float32), np.asarray(ab, np.float32)
    if dtype == np.uint16:
        return lab_to_uint16(L, fit_to_gamut(L, ab))
    flat_L, a, b = L.reshape(-1), ab[..., 0].reshape(-1), ab[..., 1].reshape(-1)
    rgb, outside = np.empty((len(flat_L), 3), np.uint8), []
    for first in range(0, len(flat_L), BLOCK):
        some = slice(first, first + BLOCK)
        light = _light(flat_L[some], a[some], b[some])
        outside.append(first + np.flatnonzero(~in_gamut(light)))
        rgb[some] = _uint8_of(light)
    outside = np.concatenate(outside)  # of all blocks: so few of each that calls would cost more than what they do
    for first in range(0, len(outside), BLOCK):
        some = outside[first : first + BLOCK]
        rgb[some] = _uint8_of(_fitted_light(flat_L[some], a[some], b[some]))
    return rgb.reshape(*L.shape[:-1], 3)


def _uint8_of(light: np.ndarray) -> np.ndarray:
    """Return the levels, uint8 (N, 3), of linear R, G and B (3, N), which is changed."""
    light *= LIGHT_STEPS - 1
    light += 0.5
    rgb = np.empty((light.shape[1], 3), np.uint8)
    for channel, steps in enumerate(light.astype(np.int32)):
        rgb[:, channel] = np.take(UINT8_OF_LIGHT, steps, mode="clip")
    return rgb


def _fitted_light(L: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return linear R, G and B, float32 (3, N), of colours out of gamut, L, a and b (N,), made as pale as fits."""
    factor = largest_factor(lambda factor: in_gamut(_light(L, factor * a, factor * b)), np.zeros_like(L))
    return _light(L, factor * a, factor * b)


def _light(L: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return linear R, G and B, float32 (3, N), of L, a and b (N,): cubes, a line in the dark, one matrix."""
    f = np.empty((3, len(L)), np.float32)
    np.add(L, 16, out=f[1])
    f[1] /= 116
    for i, ab, scale in ((0, a, 1 / 500), (2, b, -1 / 200)):
        np.multiply(ab, np.float32(scale), out=f[i])
        f[i] += f[1]
    xyz = f * f
    xyz *= f
    if f.min(initial=1) <= _DARK_F:
        np.copyto(xyz, (f - np.float32(F_OFFSET)) / np.float32(F_SLOPE), where=f <= _DARK_F)
    return _FROM_WHITE_XYZ @ xyz
