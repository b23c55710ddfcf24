"""What an exported model reaches on pictures that it never saw, in each of its looks, beside the baselines.

    python benchmarks/shipped_model.py saved_models/pretrained/photo bsds500/val photos RECOGNISER.weights.h5

Prints the tables of the model's card, true L kept, 8 bits: every picture of the folder bsds500/val, shorter side
256 px, and the held-back ones of the folder that it learnt from. Two judges are asked which of their classes they see:
a Keras Applications network with ImageNet's classes, whose weights are in the file RECOGNISER, and a small one that
learns the folders of `photos` as labels first (long; kept in the cache). What they say of the true pictures is what
agreement is measured by.
"""

import os
import sys
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from colorization.cli.console import Console
from colorization.cli.data import cache_folder, prepare_pictures
from colorization.config import FolderConfig
from colorization.evaluation.evaluate import GREY, MEAN, MODEL, Answers, balancing_weights, evaluate, whole
from colorization.evaluation.label_classifier import labels_classifier
from colorization.evaluation.semantic import evaluate_semantics
from colorization.inference.colorize import Colorizer, load_colorizer
from colorization.inference.presets import in_words
from colorization.models.classifiers import find_classifier
from data_pipelines import Split

SIZE = 256  # px
PHOTOS_SIZE = 144  # px, all that there is of most of them
JUDGES_SIZE = 128  # px; what the small judge learns from
HEADING = "| look | PSNR dB | above grey | colourf. | AuC | balanced | faded | as true: ImageNet's | the small |"


def main(path: Path, folder: Path, photos: Path, classifier: Path) -> None:
    model, console = load_colorizer(path), Console()
    learnt_from = prepare_pictures(FolderConfig(data_dir=str(photos), size=JUDGES_SIZE), "", console)
    small = labels_classifier(learnt_from, JUDGES_SIZE, cache_folder(""), console.progress)
    judges = (find_classifier(classifier), small)
    others = whole(prepare_pictures(FolderConfig(data_dir=str(folder), size=SIZE), "", console))
    held_back = prepare_pictures(FolderConfig(data_dir=str(photos), size=PHOTOS_SIZE), "", console).validation
    for name, split, size in (("held-back pictures of photos", held_back, PHOTOS_SIZE), (folder, others, SIZE)):
        print(f"\n{len(split)} pictures: {name}, {size} px, input size {model.input_size} px\n")
        print(HEADING, "|---" * HEADING.count(" | ") + "|---|", sep="\n", flush=True)
        _print_rows(model, split, size, judges, console)


def _print_rows(model: Colorizer, split: Split, size: int, judges: tuple, console: Console) -> None:
    weights = balancing_weights(split, size, cache_folder(""), console.progress)
    mean_ab = model.model.card.about["facts"]["mean_ab"]
    for name, conditions in (model.presets or {"its own": {}}).items():
        answers = Answers(partial(model.predict_ab, **conditions))
        table, _ = evaluate(answers, {"all": split}, size, mean_ab, weights, progress=console.progress)
        seen = [
            evaluate_semantics(answers, split, size, mean_ab, judge, False, progress=console.progress)
            for judge in judges
        ]
        print(_row(in_words(name, conditions), table["all"], seen, MODEL), flush=True)
    for who in (GREY, MEAN):
        print(_row(who, table["all"], seen, who))


def _row(name: str, table: dict, seen: list[dict], who: str) -> str:
    row = table[who]
    truth = table[GREY]["colourfulness"] + table[GREY]["delta_colourfulness"]  # grey's own is nearly nothing
    numbers = (
        f"{row['psnr']:.2f}",
        f"{row['psnr'] - table[GREY]['psnr']:+.2f}",
        f"{row['colourfulness'] / truth:.2f}",
        f"{row['auc']:.3f}",
        f"{row['auc_balanced']:.3f}",
        f"{row['faded']:.3f}",
        *(f"{judged[who]['agreement']:.3f}" for judged in seen),
    )
    return f"| {name} | {' | '.join(numbers)} |"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
