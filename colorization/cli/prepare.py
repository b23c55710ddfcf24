"""`prepare`: download, check, unpack and cache a data set, so that training starts at once; or write it as shards."""

from colorization.cli.data import cache_folder, prepare_pictures, warn_of_skipped
from colorization.errors import InputError
from data_pipelines.shards import write


def run(request, console) -> int:
    options = request.options
    if options.shards or options.output:
        return _write_shards(request, console)
    pictures = prepare_pictures(request.data, options.cache_dir, console)
    console.say(
        f"{len(pictures.train.rows):,} training and {len(pictures.validation.rows):,} validation pictures are ready "
        f"(cache: {cache_folder(options.cache_dir)})"
    )
    return 0


def _write_shards(request, console) -> int:
    options, data = request.options, request.data
    if not (options.shards and options.output):
        raise InputError("--shards N and --output DIR belong together; give both")
    if data.dataset != "folder":
        raise InputError(f"--shards writes the pictures of --dataset folder, not of {data.dataset}; give that")
    console.how_to_go_on = "the same command goes on"
    count, skipped = write(data, options.shards, options.output, console.progress)
    warn_of_skipped(skipped, console)
    console.say(
        f"{count:,} pictures in {options.shards:,} shards, {len(skipped):,} left out; train with: --dataset shards "
        f"--data-dir {options.output} --size {data.size}"
    )
    return 0
