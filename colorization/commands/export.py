"""`export`: a run -> a SavedModel."""

from pathlib import Path

from colorization.export import export_folder, export_run
from colorization.looks import described, parse_look
from colorization.training.run_folder import open_run


def run(request, console) -> int:
    options = request.options
    run = open_run(Path(options.path))
    path = Path(options.output) if options.output else export_folder(run.path)
    looks = dict(parse_look(word) for word in options.look)
    defaults = {} if options.temperature is None else {"temperature": options.temperature}
    looks = export_run(run, path, options.overwrite, defaults, looks)
    console.say(f"exported to {path}; it answers as the network does (at most one 8-bit level apart)")
    if looks:
        console.say(f"looks: {described(looks)}")
    return 0
