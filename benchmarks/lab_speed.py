"""Measure how fast RGB becomes Lab: scikit-image beside ours, on 64 pictures of 128 x 128 px. Takes ten seconds.

    python benchmarks/lab_speed.py [--tiny]

Million pixels a second, the best of 10 calls each; the ways take turns, so that a busy machine is unfair to none.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
import skimage.color  # noqa: E402
import tensorflow as tf  # noqa: E402

from colorization.color import lab  # noqa: E402
from data_pipelines import compiled_lab  # noqa: E402

ROUNDS = 10
WAYS = {
    "scikit-image": skimage.color.rgb2lab,
    "data_pipelines.compiled_lab (XLA)": compiled_lab.rgb_to_lab,
    "color.lab.rgb_to_lab in a tf.function": tf.function(lab.rgb_to_lab),
    "color.lab.rgb_to_lab in numpy": lab.rgb_to_lab,
}


def seconds(convert, pictures):
    start = time.perf_counter()
    np.asarray(convert(pictures))
    return time.perf_counter() - start


def main(count=64, side=128, rounds=ROUNDS):
    uint8 = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype="uint8")
    for pictures in (uint8, (uint8 / 255).astype("float32")):
        for convert in WAYS.values():
            convert(pictures)  # traces and compiles
        best = dict.fromkeys(WAYS, float("inf"))
        for _ in range(rounds):
            for name, convert in WAYS.items():
                best[name] = min(best[name], seconds(convert, pictures))
        print(f"{pictures.dtype}:")
        for name, time_taken in best.items():
            speed = pictures.size / 3 / time_taken / 1e6
            print(f"  {name:40} {speed:6.1f} Mpixel/s   {best['scikit-image'] / time_taken:5.1f} x scikit-image")


if __name__ == "__main__":
    main(2, 16, 1) if "--tiny" in sys.argv else main()
