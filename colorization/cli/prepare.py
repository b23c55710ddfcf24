"""`prepare`: download, check, unpack and cache a data set, so that training starts at once."""

from colorization.cli.data import cache_folder, prepare_pictures


def run(request, console) -> int:
    pictures = prepare_pictures(request.data, request.options.cache_dir, console)
    console.say(
        f"{len(pictures.train.rows):,} training and {len(pictures.validation.rows):,} validation pictures are ready "
        f"(cache: {cache_folder(request.options.cache_dir)})"
    )
    return 0
