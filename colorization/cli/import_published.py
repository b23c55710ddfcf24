"""`import`: the authors' released weights -> saved_models/<name>, a model like any exported one."""

from pathlib import Path

from colorization.cli.data import cache_folder
from colorization.cli.program import PROGRAM
from colorization.export.model_folder import check_free, export_colorizer
from colorization.export.published import (
    PUBLISHED,
    about,
    bin_centres_apart,
    bin_colours,
    check_pytorch,
    convert,
    published_id,
    read_state_dict,
)
from data_pipelines.download import fetch

SAME_CENTRES = 0.01  # Lab units


def run(request, console) -> int:
    options = request.options
    path = Path(options.output) if options.output else Path("saved_models") / options.name
    if not options.overwrite:
        check_free(path, published_id(options.name), f"the published {options.name}")
    file = _file(options, console)
    colorizer, card = convert(options.name, read_state_dict(file)), about(options.name, file)
    apart = bin_centres_apart(colorizer)
    _tell_bin_centres(apart, console)
    if apart is not None and apart > SAME_CENTRES:
        card |= {"bin_colours": bin_colours(colorizer).tolist()}
    export_colorizer(colorizer, card["stats"]["size"], card, path)
    origin = "the released file" if card["published"]["is_the_released_file"] else "not the released file (its SHA-256)"
    console.say(f"{options.name}: {colorizer.network.count_params():,} weights of {file}, {origin}")
    console.say(f"licence of the released weights: {card['licence']}")
    console.say(f"imported to {path}; colorize with it: {PROGRAM} colorize PICTURE --model {path}")
    return 0


def _file(options, console) -> Path:
    """The file that was given, or the published one, which is downloaded once."""
    remote = PUBLISHED[options.name].remote
    check_pytorch(options.file or remote.name)  # before much is downloaded
    if options.file:
        return Path(options.file)
    return fetch(remote, cache_folder(options.cache_dir) / "published", console.progress)


def _tell_bin_centres(apart: float | None, console) -> None:
    """What the last layer of eccv16 holds: the centres of the 313 colours / 110, or something learnt."""
    if apart is None:
        return
    if apart <= SAME_CENTRES:
        console.say(f"model_out holds the centres of the 313 colours / 110 (at most {apart:.4f} Lab units apart)")
    else:
        console.say(
            f"model_out is not the centres of the 313 colours / 110 (up to {apart:.1f} Lab units apart): its own "
            "weights are used; samples and confidence, which take the colours to be the bins', may not fit"
        )
