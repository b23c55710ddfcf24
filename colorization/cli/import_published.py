"""`import`: the authors' released weights -> saved_models/<name>, a model like any exported one."""

from pathlib import Path

from colorization.cli.data import cache_folder
from colorization.cli.program import PROGRAM
from colorization.export.hub import HubFile, fetch_from_hub
from colorization.export.model_folder import check_free, export_colorizer
from colorization.export.published import (
    PUBLISHED,
    about,
    bin_centres_apart,
    bin_colours,
    convert,
    full_name,
    published_id,
)
from colorization.export.pytorch_weights import check_pytorch, read_state_dict
from colorization.export.verify import decibels_lost
from colorization.inference.model import NETWORK_FILE
from data_pipelines.download import fetch

SAME_CENTRES = 0.01  # Lab units
ORIGINS = {
    True: "the released file",
    False: "not the released file (its SHA-256)",
    None: "whose SHA-256 is not known beforehand",
}


def run(request, console) -> int:
    """Write the model folder; raises InputError for a file that is not the network's, and where none can be had."""
    options = request.options
    name = full_name(options.name, options.variant)
    path = Path(options.output) if options.output else Path("saved_models") / name
    if not options.overwrite:
        check_free(path, published_id(name), f"the published {name}")
    file = _file(name, options, console)
    colorizer, card = convert(name, read_state_dict(file)), about(name, file)
    apart = bin_centres_apart(colorizer)
    _tell_bin_centres(apart, console)
    if apart is not None and apart > SAME_CENTRES:
        card |= {"bin_colours": bin_colours(colorizer).tolist()}
    export_colorizer(colorizer, card["stats"]["size"], card, path, formats=(), half=options.half)
    if options.half:
        lost = decibels_lost(path, colorizer)
        console.say(f"16-bit weights: {round(lost, 3) + 0.0:.3f} dB of ab's PSNR are lost on three photographs")
    console.say(f"{name}: {colorizer.network.count_params():,} weights of {file}, {_origin(card)}")
    console.say(f"licence of the released weights: {card['licence']}")
    console.say(
        f"imported to {path} ({(path / NETWORK_FILE).stat().st_size / 1e6:.0f} MB); colorize with it: {PROGRAM} "
        f"colorize PICTURE --model {path}"
    )
    return 0


def _origin(card: dict) -> str:
    return ORIGINS[card["published"]["is_the_released_file"]]


def _file(name: str, options, console) -> Path:
    """Return the file that was given, or the published one, which is downloaded once."""
    remote = PUBLISHED[name].remote
    check_pytorch(options.file or remote.name)  # before much is downloaded
    if options.file:
        return Path(options.file)
    folder = cache_folder(options.cache_dir) / "published"
    if isinstance(remote, HubFile):
        return fetch_from_hub(remote, folder, console.progress)
    return fetch(remote, folder, console.progress)


def _tell_bin_centres(apart: float | None, console) -> None:
    """Say whether the last layer of eccv16 holds the centres of the 313 colour bins / 110, or something learnt."""
    if apart is None:
        return
    if apart <= SAME_CENTRES:
        console.say(f"model_out holds the centres of the 313 colours / 110 (at most {apart:.4f} Lab units apart)")
    else:
        console.say(
            f"model_out is not the centres of the 313 colours / 110 (up to {apart:.1f} Lab units apart): its own "
            "weights are used; samples and confidence, which take the colours to be the bins', may not fit"
        )
