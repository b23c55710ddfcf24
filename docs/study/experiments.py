"""The ten experiments: what each asks, and the runs that answer it. One option is changed at a time.

Every run of CIFAR-10 sees 28,000 pictures (in the fifth experiment 14,000), whatever its batch or the number of
different ones.
"""

from __future__ import annotations

from dataclasses import dataclass

SEEN = 28_000  # training pictures that a run of CIFAR-10 sees
SEEDS = 2  # runs of each, which tell by how much chance alone makes them differ
PICTURES = 14_000  # different ones, of a run that is told nothing else; CIFAR-10 has 50,000


@dataclass(frozen=True)
class Data:
    """Options of `train` that every run on these pictures has; quick: those that stand in for them at toy size.

    judged_on: options of `evaluate` for other pictures, the photographs, where its own for validation are too few.
    """

    options: str
    quick: str = "--dataset samples --size 32 --patches 4"
    judged_on: str = ""


OTHERS = "--dataset folder --size 96 --limit 500"
DATA = {
    "cifar10": Data(f"--dataset cifar10 --pictures {PICTURES} --epochs {SEEN // PICTURES} --batch-size 32"),
    "photographs": Data("--dataset folder --size 96 --pictures 4000 --epochs 1"),
    "div2k_resized": Data("--dataset div2k --size 96 --mode resized --batch-size 4 --epochs 160", judged_on=OTHERS),
    "div2k_patches": Data(
        "--dataset div2k --size 96 --mode patches --patches 16 --epochs 10 --batch-size 4", judged_on=OTHERS
    ),
}
UNET = "--model unet --width 8"
CHROMAGAN = "--model chromagan --width 8 --backbone none"


def of_pictures(count: int, seen: int = SEEN) -> str:
    """Return the options that train on `count` different pictures of CIFAR-10, and on `seen` in all."""
    return f"{UNET} --pictures {count} --epochs {seen // count}"


FEW, MANY = (f"{of_pictures(count, SEEN // 2)} --width 16" for count in (500, PICTURES))


@dataclass(frozen=True)
class Run:
    """A training: its options beside those of its data. A later option of the same name holds.

    quick: what stands in for the options at toy size; None: themselves.
    """

    options: str
    data: str = "cifar10"
    quick: str | None = None

    @property
    def has_common_pictures(self) -> bool:
        """Whether it learns from the same pictures as most: they can be compared by any metric, and by one judge."""
        return self.data == "cifar10" and "--pictures" not in self.options


RUNS = {
    "ab, L1": Run(UNET),
    "rgb": Run(f"{UNET} --target rgb"),
    "hsv": Run(f"{UNET} --target hsv"),
    "L2": Run(f"{UNET} --loss l2"),
    "Huber": Run(f"{UNET} --loss huber"),
    "bins": Run("--model classification --width 8 --rebalance 1"),
    "bins, rebalanced": Run("--model classification --width 8 --rebalance 0.5"),
    "class branch": Run(f"{CHROMAGAN} --semantic labels --without adversarial", quick=CHROMAGAN),
    "class branch and critic": Run(f"{CHROMAGAN} --semantic labels", quick=CHROMAGAN),
    "depth 1": Run(f"{UNET} --depth 1"),
    "depth 2": Run(f"{UNET} --depth 2"),
    "depth 4": Run(f"{UNET} --depth 4"),
    "width 4": Run(f"{UNET} --width 4"),
    "width 16": Run(f"{UNET} --width 16"),
    "no skips": Run(f"{UNET} --without skips"),
    "transposed": Run(f"{UNET} --doubling transposed"),
    "1/16": Run(of_pictures(875)),
    "1/8": Run(of_pictures(1750)),
    "1/4": Run(of_pictures(3500)),
    "1/2": Run(of_pictures(7000)),
    "500 pictures": Run(f"{FEW} --no-flips --weight-decay 0"),
    "flips": Run(f"{FEW} --weight-decay 0"),
    "flips and zoom": Run(f"{FEW} --weight-decay 0 --zoom 1.5"),
    "weight decay": Run(f"{FEW} --no-flips --weight-decay 0.1"),
    "dropout": Run(f"{FEW} --no-flips --weight-decay 0 --dropout 0.3"),
    "early stopping": Run(f"{FEW} --no-flips --weight-decay 0 --early-stopping 5"),
    "14,000 pictures": Run(f"{MANY} --no-flips --weight-decay 0"),
    "batch 8": Run(f"{UNET} --batch-size 8"),
    "batch 128": Run(f"{UNET} --batch-size 128"),
    "rate 1e-4": Run(f"{UNET} --learning-rate 1e-4"),
    "rate 1e-2": Run(f"{UNET} --learning-rate 1e-2"),
    "rate constant": Run(f"{UNET} --schedule constant"),
    "group normalization": Run(f"{UNET} --normalization group"),
    "no normalization": Run(f"{UNET} --normalization none"),
    "encoder of random weights": Run("--model guided --encoder none --width 16", "photographs", quick=UNET),
    "pretrained encoder": Run("--model guided --encoder efficientnet_lite0 --width 16", "photographs", quick=UNET),
    "pictures resized": Run(UNET, "div2k_resized"),
    "patches": Run(UNET, "div2k_patches"),
}


@dataclass(frozen=True)
class Experiment:
    """A question, and the names of the runs that answer it; the first one is what the others are compared with."""

    question: str
    runs: tuple[str, ...]


EXPERIMENTS = {
    1: Experiment("What shall the network predict?", ("ab, L1", "rgb", "hsv", "bins")),
    2: Experiment(
        "By which loss?",
        ("ab, L1", "L2", "Huber", "bins", "bins, rebalanced", "class branch", "class branch and critic"),
    ),
    3: Experiment(
        "Which architecture?",
        ("ab, L1", "depth 1", "depth 2", "depth 4", "width 4", "width 16", "no skips", "transposed"),
    ),
    4: Experiment("How many pictures?", ("ab, L1", "1/2", "1/4", "1/8", "1/16")),
    5: Experiment(
        "What does overfitting look like, and what helps?",
        (
            "500 pictures",
            "flips",
            "flips and zoom",
            "weight decay",
            "dropout",
            "early stopping",
            "14,000 pictures",
        ),
    ),
    6: Experiment(
        "How is it optimised?",
        (
            "ab, L1",
            "rate 1e-4",
            "rate 1e-2",
            "rate constant",
            "batch 8",
            "batch 128",
            "group normalization",
            "no normalization",
        ),
    ),
    7: Experiment("What do the metrics measure?", ()),
    8: Experiment("What is a pretrained encoder worth?", ("pretrained encoder", "encoder of random weights")),
    9: Experiment("Whole pictures or patches?", ("pictures resized", "patches")),
    10: Experiment("What does the network look at?", ()),
}


def folder_name(name: str, seed: int) -> str:
    """Return the folder of a run: "ab-l1-0"."""
    letters = "".join(letter if letter.isalnum() else " " for letter in name.lower())
    return "-".join([*letters.split(), str(seed)])
