"""One picture again and again in a running process: prints the cost of each round after the first.

python -m benchmarks.running ours|plain MODEL_FOLDER PICTURE OUTPUT_FOLDER ROUNDS
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import tell


def ours(model: Path, picture: Path, output: Path):
    """Return what colorizes the picture as `colorize` does, as a function without arguments."""
    from colorization.cli.colorize_picture import colorize_picture
    from colorization.cli.output_paths import plan
    from colorization.config import ColorizeOptions
    from colorization.inference.colorize import load_colorizer
    from colorization.painting.picture import PictureColorizer

    options = ColorizeOptions(pictures=(str(picture),), output=str(output), overwrite=True)
    colorize = PictureColorizer(load_colorizer(model), {}, (), False, options)
    [job] = plan(options)
    return lambda: colorize_picture(colorize, job)


def plain(model: Path, picture: Path, output: Path):
    """Return what colorizes the picture as the plain script does, as a function without arguments."""
    from benchmarks.plain_script import PlainScript

    script = PlainScript(model)
    output.mkdir(parents=True, exist_ok=True)
    return lambda: script.colorize(picture, output / picture.name)


def main(way: str, model: str, picture: str, output: str, rounds: str) -> None:
    colorize = {"ours": ours, "plain": plain}[way](Path(model), Path(picture), Path(output))
    colorize()  # the first call is not counted: it allocates, and fills the caches
    for _ in range(int(rounds)):
        tell(colorize)


if __name__ == "__main__":
    main(*sys.argv[1:])
