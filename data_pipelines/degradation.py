"""What time and scanners do to a print, so that a network learns from pictures as users bring them.

Blur, fading, vignettes, cracks, halftone, grain and JPEG change the grey that the network sees, never its truth. A
mount about the print, and a picture that shows nothing at all, have a truth of their own: no colour.
"""

from __future__ import annotations

import io

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy.ndimage import gaussian_filter

from data_pipelines.batches import generator

CHANCE = 0.5  # of blur, fading, a change of gamma, grain, JPEG, for a picture that is degraded
RARE = 0.15  # of a vignette, cracks, halftone, a mount
EMPTY = 0.02  # share of degraded pictures that are replaced by an even grey
GAMMA = (0.6, 1.6)  # exponent of L / 100: a print too light or too dark
BLACK, WHITE = (0.0, 25.0), (75.0, 100.0)  # L that black and white fade to
BLUR = (0.4, 1.2)  # sigma, px
VIGNETTE = (0.1, 0.5)  # share of L that is lost in the corners
CRACKS = (1, 6)
HALFTONE_PERIOD, HALFTONE_DEPTH = (2.5, 5.0), (3.0, 12.0)  # px; units of L
GRAIN, GRAIN_SIZE = (1.0, 7.0), (0.0, 1.0)  # deviation in units of L; sigma of a grain, px
JPEG_QUALITY = (25, 85)
MOUNT = (0.03, 0.15)  # width, of the picture's side
SLOPE = 40.0  # largest difference of L across an even grey


def with_degradation(batches: tf.data.Dataset, share: float, seed: int) -> tf.data.Dataset:
    """Degrade about `share` of the pictures of batches {"L" (B, H, W, 1) in 0..100, "ab" (B, H, W, 2), "number", ...}.

    What is drawn is a function of (seed, number): see `batches.numbered`.
    """
    if not share:
        return batches

    def degraded(numbers, L, ab):
        pictures = [_by_chance(share, generator(seed, n), *each) for n, *each in zip(numbers, L, ab, strict=True)]
        return [np.stack(part) for part in zip(*pictures, strict=True)]

    def add(batch):
        given = [batch["number"], batch["L"], batch["ab"]]
        L, ab = tf.numpy_function(degraded, given, [tf.float32] * 2, stateful=False)
        L.set_shape(batch["L"].shape)
        ab.set_shape(batch["ab"].shape)
        return batch | {"L": L, "ab": ab}

    return batches.map(add, num_parallel_calls=2, deterministic=True).prefetch(2)


def _by_chance(share: float, random: np.random.Generator, L: np.ndarray, ab: np.ndarray):
    return degrade(L, ab, random) if random.random() < share else (L, ab)


def degrade(L: np.ndarray, ab: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make a worn print of a clean picture: each damage by chance. L (H, W, 1) in 0..100, ab (H, W, 2), float32."""
    if random.random() < EMPTY:
        return even_grey(L.shape, random), np.zeros_like(ab)
    L = L[..., 0]
    gamma, blurred, fades, grainy, coded = random.random(5) < CHANCE
    vignetted, cracked, printed, mounted = random.random(4) < RARE
    if gamma:
        L = 100 * np.maximum(L / 100, 0) ** random.uniform(*GAMMA)  # rounding may leave black a little below 0
    if blurred:
        L = gaussian_filter(L, random.uniform(*BLUR))
    if vignetted:
        L = L * vignette(L.shape, random)
    if fades:
        L = faded(L, random.uniform(*BLACK), random.uniform(*WHITE))
    if cracked:
        L = crack(L, random)
    if mounted:
        L, ab = mount(L, ab, random)
    if printed:
        L = L + halftone(L.shape, random)
    if grainy:
        L = L + grain(L.shape, random)
    L = np.clip(L, 0, 100)
    if coded:
        L = through_jpeg(L, int(random.integers(*JPEG_QUALITY)))
    return L.astype(np.float32)[..., None], ab


def even_grey(shape: tuple[int, int, int], random: np.random.Generator) -> np.ndarray:
    """Return L of a picture that shows nothing: one grey, or one that slowly becomes another."""
    down, across = (np.linspace(-0.5, 0.5, side) for side in shape[:2])
    slope = random.uniform(-SLOPE, SLOPE, 2) * (random.random() < 0.5)
    L = random.uniform(0, 100) + slope[0] * down[:, None] + slope[1] * across
    return np.clip(L, 0, 100).astype(np.float32)[..., None]


def faded(L: np.ndarray, black: float, white: float) -> np.ndarray:
    """Compress L from 0..100 to black..white."""
    return black + L * (white - black) / 100


def vignette(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Return factors of L (H, W), 1 in the middle, least in the corners."""
    down, across = (np.linspace(-1, 1, side) for side in shape)
    return 1 - random.uniform(*VIGNETTE) * (down[:, None] ** 2 + across**2) / 2


def crack(L: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a few broken lines of one brightness, one pixel wide, from edge to edge, into L (H, W)."""
    L = L.copy()
    for _ in range(random.integers(*CRACKS)):
        canvas = L.T if random.random() < 0.5 else L  # a view: the line runs down, or across
        height, width = canvas.shape
        across = np.arange(width)
        drift = np.cumsum(random.normal(0, 0.5, width))
        line = (random.random() * height + random.uniform(-1, 1) * across + drift).astype(int)
        inside = (line >= 0) & (line < height)
        canvas[line[inside], across[inside]] = random.choice([10.0, 60.0, 95.0])
    return L


def halftone(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Return the dots of a printing screen, in units of L, mean 0."""
    down, across = np.mgrid[: shape[0], : shape[1]]
    angle, step = random.uniform(0, np.pi), 2 * np.pi / random.uniform(*HALFTONE_PERIOD)
    first, second = np.cos(angle) * down + np.sin(angle) * across, np.cos(angle) * across - np.sin(angle) * down
    return random.uniform(*HALFTONE_DEPTH) * np.cos(step * first) * np.cos(step * second)


def mount(L: np.ndarray, ab: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the picture with a border of one grey, light more often than dark, whose true colour is none."""
    border = np.ones(L.shape, bool)
    top, left, bottom, right = (np.array([*L.shape] * 2) * random.uniform(*MOUNT, 4)).astype(int)
    border[top : L.shape[0] - bottom, left : L.shape[1] - right] = False
    grey = random.uniform(75, 100) if random.random() < 0.75 else random.uniform(0, 40)
    return np.where(border, grey, L), np.where(border[..., None], np.float32(0), ab)


def grain(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Return noise of mean 0, in units of L, its grains of a random size and strength."""
    noise = gaussian_filter(random.standard_normal(shape), random.uniform(*GRAIN_SIZE))
    return noise * random.uniform(*GRAIN) / max(float(noise.std()), 1e-6)


def through_jpeg(L: np.ndarray, quality: int) -> np.ndarray:
    """Return what is left of L (H, W) in 0..100 in a grey JPEG of that quality."""
    levels = Image.fromarray(np.round(L * 2.55).astype(np.uint8))
    file = io.BytesIO()
    levels.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file), np.float32) / 2.55
