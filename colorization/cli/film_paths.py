"""Where films are written, and which pictures of moving ones are colorized."""

from __future__ import annotations

from pathlib import Path

from colorization.config import ColorizeOptions
from colorization.config.commands import AUTO
from colorization.films.formats import check_ending, names_film, output_ending


def output_folder(options: ColorizeOptions) -> Path:
    """Return the folder that is written into: --output, or, where that is the name of a film, the folder it lies in."""
    output = Path(options.output)
    return output.parent if names_film(output) else output


def film_output(source: Path, relative: Path, options: ColorizeOptions) -> Path:
    """Return the file that a film is written to; relative: its path in the folder that was named.

    Raises InputError if --output is the name of a film that cannot hold --codec.
    """
    if names_film(Path(options.output)):
        check_ending(Path(options.output), options.codec)
        return Path(options.output)
    output, ending = Path(options.output) / relative, output_ending(source, options.codec)
    return output.with_suffix(ending) if names_film(output) else output.with_name(output.name + ending)


def takes_all_frames(options: ColorizeOptions) -> bool:
    """Return whether all pictures of a moving one are colorized: not with what is made of one picture only."""
    only_one = options.samples, options.contact_sheet, options.confidence, options.hint, options.hints
    return not (options.first_frame or any(only_one) or options.input_size == AUTO)
