"""Where films are written, and which part of them."""

from __future__ import annotations

from pathlib import Path

from colorization.config import ColorizeOptions
from colorization.errors import InputError
from colorization.films.film import Span
from colorization.films.formats import check_ending, names_film, output_ending
from colorization.inference.clock import parse_time

TRANSPORT_STREAM = ".ts"


def output_folder(options: ColorizeOptions) -> Path:
    """Return the folder that is written into: --output, or, where that is the name of a film, the folder it lies in."""
    output = Path(options.output)
    return output.parent if names_film(output) else output


def film_output(source: Path, relative: Path, options: ColorizeOptions, keeps_ending: bool = False) -> Path:
    """Return the file that a film is written to.

    relative: its path in the folder that was named. keeps_ending: a new ending comes after its own, see namesakes.
    Raises InputError if --output is the name of a film that cannot hold --codec.
    """
    if names_film(Path(options.output)):
        check_ending(Path(options.output), options.codec)
        return Path(options.output)
    output, ending = Path(options.output) / relative, output_ending(source, options.codec)
    is_named = names_film(output) or output.suffix.lower() == TRANSPORT_STREAM  # a film by its content
    is_replaced = is_named and not (keeps_ending and output.suffix.lower() != ending)
    return output.with_suffix(ending) if is_replaced else output.with_name(output.name + ending)


def span_of(options: ColorizeOptions) -> Span:
    """Return the part of a film that --from and --to name; raises InputError for times that are none."""
    first = parse_time(options.from_, "--from") if options.from_ else 0.0
    end = parse_time(options.to, "--to") if options.to else Span().end
    if end <= first:
        raise InputError(f"--to {options.to} is not after --from {options.from_ or 0}")
    return Span(first, end)
