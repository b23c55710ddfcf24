"""`export`: a run, or a model folder that has one form only -> a model folder."""

from pathlib import Path

from colorization.errors import InputError
from colorization.export.model_folder import FORMATS, export_colorizer, export_folder, export_run, open_exported
from colorization.inference.model import MODEL_FILE, NETWORK_FILE
from colorization.inference.presets import described, parse_preset
from colorization.models.weights import holds_half
from colorization.training.run_folder import open_run


def run(request, console) -> int:
    """Write the model folder; raises InputError if the path is neither a run nor a model folder."""
    options = request.options
    path = Path(options.path)
    if (path / MODEL_FILE).is_file():
        return _of_model_folder(path, options, console)
    run = open_run(path)
    output = Path(options.output) if options.output else export_folder(run.path)
    presets = dict(parse_preset(word) for word in options.look)
    defaults = {} if options.temperature is None else {"temperature": options.temperature}
    presets = export_run(run, output, options.overwrite, defaults, presets, _formats(options), options.half)
    console.say(f"exported to {output}; every form of it answers as the network does")
    if presets:
        console.say(f"looks: {described(presets)}")
    return 0


def _of_model_folder(path: Path, options, console) -> int:
    """Write a model folder anew, in the forms that are asked for; weights of 16 bits stay so."""
    output = Path(options.output or path)
    if output.exists() and not options.overwrite:
        raise InputError(f"{output} exists; give --overwrite to write it anew, or another --output")
    if options.look or options.temperature is not None:
        raise InputError(f"{path} is exported already; give its run to change what it does unasked")
    colorizer, card = open_exported(path)
    half = options.half or holds_half(path / NETWORK_FILE)
    export_colorizer(colorizer, card["input_size"], card, output, _formats(options), half)
    console.say(f"exported to {output}; every form of it answers as the network does")
    return 0


def _formats(options) -> tuple[str, ...]:
    return options.format or FORMATS
