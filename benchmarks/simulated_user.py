"""What hints and a reference bring: PSNR against the number of hints, as Zhang (2017) simulates a user.

    python benchmarks/simulated_user.py photo photos bsds500/val [at most so many pictures]

A user gives true colours, each the mean of 7 x 7 px at a random place, in the model's first look and in full size, as
`colorize --hint` does. Then a reference: the distance between the colour histograms (half the sum of the differences
of their shares, 0..1) of the answer and of the truth, without a reference, with the truth's own colours, and with those
of the next picture. Prints tables and draws docs/pictures/hints.png, with the published curve of siggraph17 beside.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import colorization
from benchmarks.shipped_model import files_in, names_in, square
from colorization.evaluation.metrics import psnr
from colorization.images.reader import read_picture
from colorization.images.resize import shrink
from colorization.inference.colorize import Colorizer
from colorization.inference.hints import Hint
from colorization.inference.reference import colour_shares
from data_pipelines.holdout import held_out

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100)
# PSNR of siggraph17 by its authors (Zhang 2017, the reference curve of their code): 1,000 pictures of ImageNet, 256 px,
# patches of 6 x 6 px. Other pictures: what can be compared is how far the curve rises.
PUBLISHED = {0: 24.43, 1: 25.37, 2: 26.20, 5: 27.39, 10: 28.42, 100: 31.13}
HALF = 3  # px; a user looks at so many on each side of a place
PLOT = Path(__file__).resolve().parents[1] / "docs/pictures/hints.png"


def main(model: str, photos: str, folder: str, limit: str = "100000") -> None:
    colorizer, root, curves = colorization.load(model), Path(photos), {}
    held_back = [root / name for name in sorted(held_out(names_in(root)))]
    for name, paths, size in (("held-back pictures", held_back, 144), ("BSDS500", files_in(Path(folder)), 256)):
        paths = paths[:: -(-len(paths) // int(limit))]
        pictures = [square(shrink(read_picture(path).rgb, size, max_aspect=None), size == 144) for path in paths]
        curves[name] = [np.mean([psnr(rgb, _hinted(colorizer, rgb, n)) for rgb in pictures]) for n in COUNTS]
        print(f"\n{len(pictures)} pictures: {name}, {size} px\n\n| hints | PSNR dB | gain |\n|---|---|---|")
        for count, decibels in zip(COUNTS, curves[name], strict=True):
            print(f"| {count} | {decibels:.2f} | {decibels - curves[name][0]:+.2f} |", flush=True)
        if "reference" in colorizer.conditions:
            print("\n" + _distances(colorizer, pictures))
    _draw(curves)


def _hinted(colorizer: Colorizer, rgb: np.ndarray, count: int) -> np.ndarray:
    random, (height, width) = np.random.default_rng(count), rgb.shape[:2]
    hints = []
    for y, x in zip(random.integers(0, height, count), random.integers(0, width, count), strict=True):
        patch = rgb[max(y - HALF, 0) : y + HALF + 1, max(x - HALF, 0) : x + HALF + 1]
        hints.append(Hint(int(x), int(y), tuple(map(int, patch.mean(axis=(0, 1)).round()))))
    return _in_colour(colorizer, rgb, hints=hints)


def _in_colour(colorizer: Colorizer, rgb: np.ndarray, **asked) -> np.ndarray:
    look = next(iter(colorizer.presets.values()), {})
    return colorizer(rgb, **{**look, **asked})


def _distances(colorizer: Colorizer, pictures: list[np.ndarray]) -> str:
    shares = [colour_shares(rgb) for rgb in pictures]
    means = {}
    for who, given in (("none", None), ("the truth's own", shares), ("the next picture's", [*shares[1:], shares[0]])):
        answers = [
            _in_colour(colorizer, rgb, **({"reference": given[i]} if given else {})) for i, rgb in enumerate(pictures)
        ]
        against = given or shares
        means[who] = np.mean([np.abs(colour_shares(x) - y).sum() / 2 for x, y in zip(answers, against, strict=True)])
    return "Distance to the reference's colours: " + ", ".join(f"{who} {mean:.3f}" for who, mean in means.items())


def _draw(curves: dict) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for (name, decibels), marker in zip(curves.items(), "os", strict=True):
        axes.plot(range(len(COUNTS)), decibels, marker=marker, label=name)
    places = [COUNTS.index(count) for count in PUBLISHED]
    axes.plot(places, list(PUBLISHED.values()), "k--^", alpha=0.6, label="siggraph17 as published, ImageNet")
    axes.set_xticks(range(len(COUNTS)), COUNTS)
    axes.set_xlabel("hints")
    axes.set_ylabel("PSNR, dB")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(PLOT, dpi=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
