"""Measure how steady films come out, and what that costs in colours: python benchmarks/film.py CLIP_OR_PHOTOGRAPH ...

Clips are in colour: the network sees their lightness only, and their colours are the truth. A photograph becomes a clip
of 75 pictures, a slow pan and zoom over it, so that what moves is known, too. All photographs become one clip, with a
cut between two.

flicker: mean change of ab a picture, Lab units, along the motion, where lightness matches. PSNR: dB, at the size that
the network sees. lag: pictures after a cut until the colours are as near to those of a picture alone as they are in the
rest of the shot. seen: share of the pictures that the network was asked about.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from colorization.color.lab import rgb_to_lab
from colorization.color.tables import join
from colorization.evaluation.metrics import psnr
from colorization.films import steadiness
from colorization.films.film import Frame
from colorization.films.formats import is_film
from colorization.films.motion import Motion, motion_between
from colorization.films.reader import Reader, read_film
from colorization.images.reader import read_picture
from colorization.images.resize import reduced, target_size
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import Colorizer, load_colorizer
from colorization.inference.upsampling import enlarge_colours

PAN, SIDE = 75, 480  # pictures over a photograph; height of each, px
MATCHES = 0.8  # trust from which a cell counts for flicker
STEADY = (0.0, 0.5, 0.8, 0.9)
LAST = 20  # pictures after a cut that are looked at for lag


@dataclasses.dataclass(frozen=True)
class Clip:
    """Pictures of a clip as the network sees them: rgb uint8 (h, w, 3) and L (h, w, 1).

    motions: from each picture but the last one to the next.
    """

    name: str
    rgb: list[np.ndarray]
    L: list[np.ndarray]
    motions: list[Motion]

    @property
    def cuts(self) -> list[int]:
        """Return where shots begin."""
        return [0, *(i for i, motion in enumerate(self.motions, 1) if motion.is_cut)]


def main(paths: list[Path]) -> None:
    colorizer = load_colorizer(bundled_model())
    photographs = [path for path in paths if not is_film(path)]
    sources = {path.name: _film_pictures(path) for path in paths if is_film(path)}
    if photographs:
        sources["pans"] = (picture for path in photographs for picture in _pan(path))
    print(f"{'clip':<24}{'steady':>7}{'flicker':>9}{'PSNR':>8}{'lag':>5}{'seen':>6}{'s a picture':>13}")
    for name, pictures in sources.items():
        clip, answers = _clip(name, pictures, colorizer)
        for steady in STEADY:
            started = time.process_time()
            seen, colours = _steadied(clip, answers, steady)
            seconds = (time.process_time() - started) / len(clip.L)
            late = max((lag(clip, answers, colours, cut) for cut in clip.cuts[1:]), default=0)
            figures = f"{flicker(clip, colours):9.3f}{quality(clip, colours):8.3f}{late:5}{seen:6.2f}{seconds:13.4f}"
            print(f"{name:<24}{steady:7.2f}{figures}")


def _film_pictures(path: Path) -> Iterator[np.ndarray]:
    with Reader(read_film(path, 10**8)) as reader:
        for frame in reader.frames():
            yield np.repeat(frame.pixels, 3, axis=-1) if frame.pixels.shape[-1] == 1 else frame.pixels


def _pan(path: Path) -> Iterator[np.ndarray]:
    """Yield a slow pan with a zoom over a photograph, 4:3."""
    image = Image.fromarray(read_picture(path).rgb)
    height = min(image.height, image.width * 3 // 4)
    for i in range(PAN):
        share = 0.8 - 0.2 * i / PAN
        high, wide = share * height, share * height * 4 / 3
        left, top = (image.width - wide) * i / PAN, (image.height - high) * 0.5
        yield np.asarray(
            image.resize((SIDE * 4 // 3, SIDE), Image.Resampling.BICUBIC, (left, top, left + wide, top + high))
        )


def _clip(name: str, pictures: Iterator[np.ndarray], colorizer: Colorizer) -> tuple[Clip, list[np.ndarray]]:
    """Return a clip, and what the network answers about each of its pictures alone, ab (h', w', 2)."""
    rgb = [reduced(picture, target_size(*picture.shape[:2], colorizer.input_size)) for picture in pictures]
    L = [rgb_to_lab(each)[..., :1] for each in rgb]
    answers = [colorizer.grid_ab(each) for each in L]
    grid = answers[0].shape[:2]
    return Clip(name, rgb, L, [motion_between(before, after, grid) for before, after in pairwise(L)]), answers


def _steadied(clip: Clip, answers: list[np.ndarray], steady: float) -> tuple[float, list[np.ndarray]]:
    """Return the share of pictures that were asked about, and the colours of all."""
    numbers = {id(L): i for i, L in enumerate(clip.L)}
    frames = ((Frame(L, i, i / 25), L) for i, L in enumerate(clip.L))
    asked: list[int] = []

    def answer(L: np.ndarray, since: list) -> np.ndarray:
        asked.append(numbers[id(L)])
        return answers[asked[-1]]

    colours = [ab for _, ab in steadiness.steadied(steadiness.chosen(frames, answer, steady), steady)]
    return len(asked) / len(clip.L), colours


def flicker(clip: Clip, colours: list[np.ndarray]) -> float:
    """Return the mean change of ab (h, w, 2) a picture along the motion where it matches, Lab units."""
    changes, cells = 0.0, 0
    for (before, after), motion in zip(pairwise(colours), clip.motions, strict=True):
        if motion.is_cut:
            continue
        trust = motion.forth.trust.reshape(after.shape[:2])
        change = np.linalg.norm(after - motion.forth(before) / trust[..., None], axis=-1)
        changes, cells = changes + change[trust > MATCHES].sum(), cells + (trust > MATCHES).sum()
    return changes / cells


def quality(clip: Clip, colours: list[np.ndarray]) -> float:
    """Return the mean PSNR of the pictures, dB."""
    painted = (join(L, enlarge_colours(ab, L)) for L, ab in zip(clip.L, colours, strict=True))
    return float(np.mean([psnr(rgb, each) for rgb, each in zip(clip.rgb, painted, strict=True)]))


def lag(clip: Clip, answers: list[np.ndarray], colours: list[np.ndarray], cut: int) -> int:
    """Return how many pictures after a cut the colours come near to those of a picture alone."""
    end = min([each for each in clip.cuts if each > cut], default=len(colours))
    apart = [np.linalg.norm(answers[i] - colours[i], axis=-1).mean() for i in range(cut, min(cut + LAST, end))]
    usual = 1.0 + 1.5 * np.median(apart)
    return next((i for i, each in enumerate(apart) if each <= usual), len(apart))


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
