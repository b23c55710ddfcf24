"""Measure the memory of `colorize` while it works through a folder of many generated pictures.

    python benchmarks/folder_memory.py saved_models/RUN 3000

Prints the resident memory, in MB, after each tenth of the pictures. Linux only (it reads /proc).
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

MAIN = Path(__file__).resolve().parents[1] / "main.py"
SIZES = ((320, 240), (240, 320), (400, 300), (333, 222))


def main(model: Path, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        album, output = Path(folder) / "album", Path(folder) / "out"
        _make_pictures(album, count)
        words = ["colorize", album, "--model", model.resolve(), "--output", output]
        started = time.monotonic()
        with subprocess.Popen([sys.executable, MAIN, *words], stderr=subprocess.DEVNULL) as process:
            for tenth in range(1, 11):
                while process.poll() is None and _done(output) < tenth * count // 10:
                    time.sleep(0.5)
                if process.poll() is None:
                    print(f"{_done(output):>6,} of {count:,}  {_megabytes(process.pid):>6,} MB", flush=True)
        print(f"exit status {process.returncode}, {time.monotonic() - started:.0f} s")


def _make_pictures(album: Path, count: int) -> None:
    numbers = np.random.default_rng(0)
    for i in range(count):
        path = album / f"{i // 500:02}" / f"{i:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(numbers.integers(0, 256, (12, 16), np.uint8)).resize(SIZES[i // 5 % 4]).save(path)


def _done(output: Path) -> int:
    return sum(1 for _ in output.rglob("*.jpg"))


def _megabytes(process: int) -> int:
    [line] = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
