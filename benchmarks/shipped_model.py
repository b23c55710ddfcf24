"""What an exported model reaches on pictures that it never saw, in each of its looks, beside the baselines.

    python benchmarks/shipped_model.py saved_models/pretrained/photo bsds500/val RECOGNISER.weights.h5 photos

Prints the table of the model's card: every picture of the folder, shorter side 256 px, true L kept, 8 bits. Two judges
are asked which of their classes they see: a Keras Applications network with ImageNet's classes, whose weights are in
the file RECOGNISER, and a small one that learns the folders of `photos` as labels first (long; kept in the cache).
What they say of the true pictures is what agreement is measured by.
"""

import os
import sys
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from colorization.commands.console import Console
from colorization.commands.data import cache_folder, prepare_pictures
from colorization.config import FolderConfig
from colorization.evaluation import GREY, MEAN, MODEL, Answers, balancing_weights, evaluate, whole
from colorization.inference import load_colorizer
from colorization.recognition import labels_recogniser, recogniser_of_file
from colorization.semantic_evaluation import evaluate_semantics

SIZE = 256  # px
JUDGES_SIZE = 128  # px; what the small judge learns from
HEADING = "| look | PSNR dB | above grey | colourf. | AuC | balanced | faded | as true: ImageNet's | the small |"


def main(path: Path, folder: Path, recogniser: Path, photos: Path) -> None:
    model, console = load_colorizer(path), Console()
    data = FolderConfig(data_dir=str(folder), size=SIZE)
    split = whole(prepare_pictures(data, "", console))
    weights = balancing_weights(split, SIZE, cache_folder(""), console.progress)
    mean_ab = model.card["facts"]["mean_ab"]
    learnt_from = prepare_pictures(FolderConfig(data_dir=str(photos), size=JUDGES_SIZE), "", console)
    small = labels_recogniser(learnt_from, JUDGES_SIZE, cache_folder(""), console.progress)
    judges = (recogniser_of_file(recogniser), small)
    print(f"{len(split)} pictures of {folder}, {SIZE} px, working size {model.working_size} px")
    print(HEADING, "|---" * HEADING.count(" | ") + "|---|", sep="\n")
    looks = model.looks or {"its own": {}}
    for name, conditions in looks.items():
        answers = Answers(partial(model.predict_ab, **conditions))
        table, _ = evaluate(answers, {"all": split}, SIZE, mean_ab, weights, progress=console.progress)
        seen = [
            evaluate_semantics(answers, split, SIZE, mean_ab, judge, False, progress=console.progress)
            for judge in judges
        ]
        print(_row(f"{name} {_said(conditions)}", table["all"], seen, MODEL))
    for who in (GREY, MEAN):
        print(_row(who, table["all"], seen, who))


def _said(conditions: dict) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in conditions.items())


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
