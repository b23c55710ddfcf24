"""What time and scanners do to a print: blur, fading, grain, JPEG. For the grey a network sees, never for its truth.

A network that learnt from clean photographs only takes the grain of an old one for texture, and a faded sky for a wall.
"""

from __future__ import annotations

import io

import numpy as np
import tensorflow as tf
from PIL import Image
from scipy.ndimage import gaussian_filter

CHANCE = 0.5  # of each single damage, for a picture that is worn
GAMMA = (0.6, 1.6)  # exponent of L / 100: a print too light or too dark
BLACK, WHITE = (0.0, 25.0), (75.0, 100.0)  # L that black and white fade to
BLUR = (0.4, 1.2)  # sigma, px
GRAIN, GRAIN_SIZE = (1.0, 7.0), (0.0, 1.0)  # deviation in units of L; sigma of a grain, px
JPEG_QUALITY = (25, 85)


def with_wear(batches: tf.data.Dataset, share: float, seed: int, start_step: int) -> tf.data.Dataset:
    """(L, y) batches in which about `share` of the pictures have a worn L; y stays. L (B, H, W, 1), 0..100.

    What is drawn is a function of (seed, step), so that a resumed run sees what it would have seen.
    """
    if not share:
        return batches

    def worn(step, L):
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int(step)])))
        return np.stack([wear(each, random) if random.random() < share else each for each in L])

    def add(step, batch):
        L, y = batch
        damaged = tf.numpy_function(worn, [step, L], tf.float32, stateful=False)
        damaged.set_shape(L.shape)
        return damaged, y

    return batches.enumerate(start_step).map(add, num_parallel_calls=2, deterministic=True).prefetch(2)


def wear(L: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """L (H, W, 1) in 0..100 of a clean picture -> of a worn print of it, float32: each damage by chance."""
    L = L[..., 0]
    chances = random.random(5) < CHANCE
    if chances[0]:
        L = 100 * (L / 100) ** random.uniform(*GAMMA)
    if chances[1]:
        L = gaussian_filter(L, random.uniform(*BLUR))
    if chances[2]:
        L = faded(L, random.uniform(*BLACK), random.uniform(*WHITE))
    if chances[3]:
        L = L + grain(L.shape, random)
    L = np.clip(L, 0, 100)
    if chances[4]:
        L = through_jpeg(L, int(random.integers(*JPEG_QUALITY)))
    return L.astype(np.float32)[..., None]


def faded(L: np.ndarray, black: float, white: float) -> np.ndarray:
    """L 0..100 -> black..white."""
    return black + L * (white - black) / 100


def grain(shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Noise of mean 0, in units of L, its grains of a random size and strength."""
    noise = gaussian_filter(random.standard_normal(shape), random.uniform(*GRAIN_SIZE))
    return noise * random.uniform(*GRAIN) / max(float(noise.std()), 1e-6)


def through_jpeg(L: np.ndarray, quality: int) -> np.ndarray:
    """L (H, W) in 0..100 -> what is left of it in a grey JPEG of that quality."""
    levels = Image.fromarray(np.round(L * 2.55).astype(np.uint8))
    file = io.BytesIO()
    levels.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file), np.float32) / 2.55
