"""Train, evaluate and draw the experiments of the study, by number; what is done is not done again.

    python docs/study/run.py 3 --cifar10 DIR     # the third
    python docs/study/run.py                     # all ten: hours
    python docs/study/run.py --quick             # all ten at toy size, two runs of each, to see that they still run

Runs lie in logs/study, figures and tables in docs/study/figures (of --quick: in logs/study-quick).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from experiments import DATA, EXPERIMENTS, RUNS, SEEDS, folder_name  # noqa: E402
from results import evaluation  # noqa: E402

from colorization.cli.main import main as command  # noqa: E402
from colorization.cli.quiet_import import quiet_import  # noqa: E402

QUICK = "--epochs 1 --batch-size 8 --width 4 --pictures 0 --early-stopping 0"
COMPARED = 2  # the experiment whose runs differ most in how strong their colours are


def main() -> None:
    """Do what the command line asks."""
    options = _options()
    quiet_import("tensorflow")  # before the figures, which import it too
    from figures import draw

    logs = Path(options.logs) if options.logs else Path("logs/study-quick" if options.quick else "logs/study")
    figures = logs if options.quick else Path(__file__).parent / "figures"
    for number in options.numbers or EXPERIMENTS:
        experiment = EXPERIMENTS[number]
        if options.quick and experiment.runs:
            experiment = dataclasses.replace(experiment, runs=(experiment.runs[0], experiment.runs[-1]))
        for seed in range(1 if options.quick else SEEDS):
            for name in experiment.runs:
                _train(name, seed, logs, options)
        draw(number, experiment, logs, figures)
        if number == COMPARED:
            _compare(experiment.runs, logs, figures)


def _compare(names: tuple[str, ...], logs: Path, figures: Path) -> None:
    """Set runs side by side by the program's own command, and keep the figure of how strong their colours are."""
    report = logs / "comparison"
    _call(["compare", *(str(logs / folder_name(name, 0)) for name in names), "--output", str(report)])
    shutil.copy(report / "pictures" / "chroma.png", figures / f"{COMPARED}-chroma.png")


def _train(name: str, seed: int, logs: Path, options: argparse.Namespace) -> None:
    """Train and evaluate a run, or go on where an earlier call was interrupted."""
    run = logs / folder_name(name, seed)
    if evaluation(run):
        return
    if run.is_dir() and not (run / "checkpoints").is_dir():
        shutil.rmtree(run)  # interrupted in its first epoch: there is nothing to go on from
    if run.is_dir():
        _call(["train", "--resume", str(run), "--no-export"])
    else:
        words = ["train", *_words(name, options), "--seed", str(seed), "--no-export"]
        _call([*words, "--logs", str(logs), "--name", run.name])
    judged_on = DATA[RUNS[name].data].judged_on
    others = [*judged_on.split(), "--data-dir", options.photographs] if judged_on and options.photographs else []
    _call(["evaluate", str(run), *others])
    quiet_import("keras").backend.clear_session()


def _words(name: str, options: argparse.Namespace) -> list[str]:
    """Return the options of `train` for a run; of two of one name the later holds."""
    run = RUNS[name]
    data = DATA[run.data]
    if options.quick:
        line = f"{data.quick} {run.options if run.quick is None else run.quick} {QUICK}"
    else:
        line = f"{data.options} {run.options}"
        source, _, _ = run.data.partition("_")  # div2k_patches is of div2k
        place = getattr(options, source)
        line += f" --data-dir {place}" if place else ""
    return line.split()


def _call(words: list[str]) -> None:
    print(f"$ python main.py {' '.join(words)}", flush=True)
    status = command(words)
    if status:
        raise SystemExit(status)


def _number(word: str) -> int:
    if not (word.isdecimal() and int(word) in EXPERIMENTS):
        raise argparse.ArgumentTypeError(f"{word}: give numbers from 1 to {max(EXPERIMENTS)}")
    return int(word)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="docs/study/run.py", description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", type=_number, metavar="NUMBER", help="1 to 10; all if none is given")
    parser.add_argument("--quick", action="store_true", help="toy size")
    parser.add_argument("--logs", default="", help="folder of the runs")
    parser.add_argument("--cifar10", default="", help="folder that holds CIFAR-10; empty: download it")
    parser.add_argument("--photographs", default="", help="folder of photographs, for the eighth and ninth")
    parser.add_argument("--div2k", default="", help="folder that holds DIV2K; empty: download it")
    options = parser.parse_args()
    if not options.quick and not options.photographs and {8, 9} & set(options.numbers or EXPERIMENTS):
        parser.error("the eighth and ninth experiments need a folder of photographs; give it with --photographs")
    return options


if __name__ == "__main__":
    main()
