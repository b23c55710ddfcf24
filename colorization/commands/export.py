"""`export`: a run -> a SavedModel."""

from pathlib import Path

from colorization.export import export_folder, export_run
from colorization.training.run_folder import open_run


def run(request, console) -> int:
    run = open_run(Path(request.options.path))
    path = Path(request.options.output) if request.options.output else export_folder(run.path)
    export_run(run, path, request.options.overwrite)
    console.say(f"exported to {path}; it answers as the network does (at most one 8-bit level apart)")
    return 0
