"""DDColor and DeOldify here beside their authors' ways: the network alone, and a photograph to a file.

    python -m benchmarks.published MODEL_FOLDER WEIGHTS.pth [PHOTOGRAPH] [--sizes PX ..] [--rounds N]

MODEL_FOLDER is what `import ddcolor WEIGHTS.pth` or `import deoldify WEIGHTS.pth` wrote. Their ways are restated in
ddcolor_torch.py and deoldify_torch.py. Needs PyTorch and, with a photograph, OpenCV. One thread each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.measure import Cost, cost_of, costs_told_by, in_turn, tell, with_spread
from benchmarks.section import table

SHARES = (0.5, 1, 2)  # of the network's own input size


def main(words: list[str] | None = None) -> None:
    options = _options(words)
    if options.way:
        {"ours": tell_ours, "authors": tell_authors, "demo": run_demo}[options.way](options)
        return
    rows = []
    for side in options.sizes or [round(share * _card(options)["input_size"]) for share in SHARES]:
        rows += _rows(f"network, {side} px", network_costs(options, side))
    if options.photograph:
        rows += _rows(f"{options.photograph.name} to a file", photograph_costs(options))
    print(table(("", "", "wall s", "processor s", "peak MB"), rows))


def network_costs(options, side: int) -> dict[str, list[Cost]]:
    """Measure both networks on a square of `side` px, each in a process of its own."""
    return in_turn(
        {
            "ours": lambda: costs_told_by(_words(options, "--way", "ours", "--sizes", side)),
            "authors": lambda: costs_told_by(_words(options, "--way", "authors", "--sizes", side)),
        },
        options.rounds,
    )


def photograph_costs(options) -> dict[str, list[Cost]]:
    """Measure both programs from start to the written file."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["colorize", options.photograph, "--model", options.model, "--output", folder, "--overwrite"]
        ours = [sys.executable, "main.py", *words]
        return in_turn(
            {
                "ours": lambda: [cost_of(ours)],
                "authors": lambda: [cost_of(_words(options, options.photograph, "--way", "demo"))],
            },
            options.rounds,
        )


def tell_ours(options) -> None:
    """Print the cost of our network's second answer; the first one allocates."""
    from colorization.inference.model import Model

    network, L = Model(options.model), _lightness(options.sizes[0])
    network.predict(L)
    tell(lambda: network.predict(L))


def tell_authors(options) -> None:
    """Print the cost of the authors' network's second answer."""
    import torch

    network = _demo(options).network
    grey = torch.from_numpy(_lightness(options.sizes[0])).permute(0, 3, 1, 2).expand(-1, 3, -1, -1) / 100
    network(grey)
    tell(lambda: network(grey))


def run_demo(options) -> None:
    """Colorize the photograph as the authors' demo does."""
    with tempfile.TemporaryDirectory() as folder:
        _demo(options).colorize(options.photograph, Path(folder) / "coloured.jpg")


def _demo(options):
    """Return the authors' demo of the network that the model folder holds, restated; on one thread."""
    import torch

    torch.set_num_threads(1)
    return importlib.import_module(f"benchmarks.{_card(options)['model']['name']}_torch").Demo(options.weights)


def _lightness(side: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (1, side, side, 1)).astype(np.float32)


def _card(options) -> dict:
    return json.loads((options.model / "model.json").read_text())


def _words(options, *more) -> list:
    return [sys.executable, "-m", "benchmarks.published", options.model, options.weights, *more]


def _rows(what: str, costs: Mapping[str, list[Cost]]) -> list[list[str]]:
    return [
        [what, way, with_spread(each, "wall"), with_spread(each, "cpu"), with_spread(each, "megabytes", 0)]
        for way, each in costs.items()
    ]


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, metavar="MODEL_FOLDER")
    parser.add_argument("weights", type=Path, metavar="WEIGHTS.pth")
    parser.add_argument("photograph", type=Path, nargs="?", metavar="PHOTOGRAPH")
    parser.add_argument("--sizes", type=int, nargs="+", help="sides of the squares, px; half, once and twice its own")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=("ours", "authors", "demo"), help="do this once, in this process")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
