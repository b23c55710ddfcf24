"""Words of the command line -> a request, by the dataclasses of config/. No numpy even: a wrong word must be answered
at once, and so must `--help`."""

from __future__ import annotations

import dataclasses
import difflib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from colorization import __version__
from colorization import config as settings
from colorization.cli.options import Parser, add_options, dashed, listed, option_fields, take, taken
from colorization.cli.program import PROGRAM
from colorization.errors import InputError
from colorization.inference.bundled import bundled_names, model_path


@dataclass(frozen=True)
class Command:
    """One command: its own options, and which others it takes; `colorization.cli.<module>.run` does the work.

    brings_data: what it is given was trained on pictures, which are taken unless others are named. heavy: it imports
    TensorFlow."""

    module: str
    options: type
    model: bool = False
    training: bool = False
    data: bool = False
    brings_data: bool = False
    heavy: bool = True


COMMANDS = {
    "train": Command("train", settings.TrainOptions, model=True, training=True, data=True),
    "evaluate": Command("evaluate", settings.EvaluateOptions, data=True, brings_data=True),
    "compare": Command("compare", settings.CompareOptions, data=True, brings_data=True),
    "export": Command("export", settings.ExportOptions),
    "import": Command("import_published", settings.ImportOptions),  # a module called import could not be imported
    "colorize": Command("colorize", settings.ColorizeOptions, heavy=False),
    "serve": Command("serve", settings.ServeOptions, heavy=False),
    "prepare": Command("prepare", settings.PrepareOptions, data=True),
}
RESUMABLE = ("epochs", "data_dir")  # what may change when a run goes on


@dataclass(frozen=True)
class Request:
    """What the command line asks for.

    options: the command's own dataclass. model, training, data: dataclasses where the command takes them and they
    were asked for by name, else None. changes: what was given of them for a run that brings its own.
    """

    command: str
    options: object
    model: object = None
    training: object = None
    data: object = None
    changes: dict = dataclasses.field(default_factory=dict)
    debug: bool = False


def parse(argv: list[str]) -> Request:
    """Return the request of a command line; exits with 0 after --help and --version.

    Raises InputError, in one line that lists what exists.
    """
    if not argv or argv[0] in ("-h", "--help"):
        print(_overview())
        raise SystemExit(0 if argv else 2)
    if argv[0] == "--version":
        print(f"colorization {__version__}")
        raise SystemExit(0)
    name, words = ("train", argv) if argv[0].startswith("-") else (argv[0], argv[1:])
    if name not in COMMANDS:
        raise InputError(_explain_command(name))
    command = COMMANDS[name]
    peeked = _peek(words) if command.model or command.data else {}
    parts = _parts(command, peeked)
    more = "--model NAME --help and --dataset NAME --help show the options of the others" if parts else None
    parser = Parser(prog=f"{PROGRAM} {name}", description=command.options.__doc__, epilog=more, allow_abbrev=False)
    add_options(parser.add_argument_group(f"options of {name}"), command.options)
    if command.model:
        _add_choice(parser, "model", settings.MODEL_CONFIGS, "unet", "network to train")
    if command.data:
        default = None if command.brings_data else "samples"
        help = "pictures" if default else f"pictures to {name} on, instead of the run's own"
        _add_choice(parser, "dataset", settings.SOURCE_CONFIGS, default, help)
    for title, cls in parts.items():
        add_options(parser.add_argument_group(f"{title}: {cls.__doc__.splitlines()[0].rstrip('.')}"), cls)
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    # files may follow options, as in `import NAME --variant tiny FILE`; but that way argparse does not know "--"
    read = parser.parse_known_args if "--" in words else parser.parse_known_intermixed_args
    known, unknown = read(words)
    if unknown:
        raise InputError(_explain_unknown(unknown[0], name, command, [command.options, *parts.values()]))
    return _request(name, command, vars(known), peeked)


def _parts(command: Command, peeked: dict) -> dict[str, type]:
    """Dataclasses whose options the command takes, by title."""
    parts = {}
    if command.training:
        parts["training"] = settings.TrainingConfig
    if command.model:
        name = _model_name(peeked)
        parts[f"--model {name}"] = _choose("model", name, settings.MODEL_CONFIGS)
    if command.data:
        # without a name it is the source of a run that is not read yet: only its place can be told
        default = "folder" if command.brings_data or peeked.get("resume") else "samples"
        name = peeked.get("dataset") or default
        parts[f"--dataset {name}"] = _choose("data set", name, settings.SOURCE_CONFIGS)
    return parts


def _request(name: str, command: Command, given: dict, peeked: dict) -> Request:
    debug, words_given = given.pop("debug"), set(given)
    options = take(command.options, given)
    model_name, dataset = given.pop("model", None), given.pop("dataset", None)
    resumed = command.training and options.resume
    brings_its_own = command.brings_data or resumed
    if brings_its_own and not dataset:
        allowed = RESUMABLE if name == "train" else ("data_dir",)
        fixed = [key for key in ("name", "logs") if name == "train" and key in words_given]
        for key in [*given, *fixed, *(["model"] if model_name else [])]:
            if key not in allowed:
                raise InputError(f"--{dashed(key)} is fixed by the run; with it only {listed(allowed)} may be given")
        return Request(name, options, changes=given, debug=debug)
    if resumed:
        raise InputError("--dataset is fixed by the run that --resume names; leave it out")
    model = _model(_model_name(peeked), given) if command.model else None  # looks at --init, so before it is taken
    source = settings.SOURCE_CONFIGS[dataset or "samples"]
    if getattr(model, "paper", False) and "size" in {field.name for field in option_fields(source)}:
        given.setdefault("size", model.PAPER_SIZE)
    return Request(
        name,
        options,
        model=model,
        training=take(settings.TrainingConfig, given) if command.training else None,
        data=take(source, given) if command.data else None,
        debug=debug,
    )


def _peek(words: list[str]) -> dict:
    """What --model, --dataset, --resume and --init are: they decide which other options there are."""
    parser = Parser(add_help=False, allow_abbrev=False)
    for name in ("--model", "--dataset", "--resume", "--init"):
        parser.add_argument(name)
    return vars(parser.parse_known_args(words)[0])


def _model_name(peeked: dict) -> str:
    """--model, or what the exported model of --init is, or the U-Net."""
    named, init = peeked.get("model"), peeked.get("init")
    if not init:
        return named or "unet"
    initial = settings.model_name(_exported_model(init))
    if named not in (None, initial):
        raise InputError(f"--init {init} is a {initial} network, no {named}; leave --model out, or give another --init")
    return initial


def _model(name: str, given: dict):
    """The model's settings: its defaults, or those of --init, with what was given for it."""
    cls, init = settings.MODEL_CONFIGS[name], given.get("init", "")
    if name in settings.ONLY_FINE_TUNED and not init:
        raise InputError(
            f"{name} is not trained from nothing here: `{PROGRAM} import {name}` fetches the published weights, then "
            f"give --init saved_models/{name}"
        )
    base = _exported_model(init) if init else cls()
    return dataclasses.replace(base, **taken(cls, given))


def _exported_model(path: str):
    """The model's settings in the model.json of the exported model `path`."""
    file = model_path(path) / "model.json"
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"--init {path} is no exported model: {file} cannot be read; give saved_models/<name>, or one of "
            f"{', '.join(bundled_names())}"
        ) from error
    return settings.model_from_json(card, str(file))


def _choose(what: str, name: str, table: dict) -> type:
    if name not in table:
        raise InputError(f"unknown {what} {name!r}; known: {', '.join(table)}")
    return table[name]


def _add_choice(parser, name: str, table: dict, default: str | None, help: str) -> None:
    text = f"{help}: {', '.join(table)}" + (f" (default: {default})" if default else "")
    parser.add_argument(f"--{name}", metavar="NAME", default=None, help=text)


def _explain_command(name: str) -> str:
    if Path(name).exists() or Path(name).suffix or "/" in name:
        words = ["colorize", name]
        return f"{name!r} is no command; to colorize it: {PROGRAM} {shlex.join(words)}"
    close = difflib.get_close_matches(name.lower(), COMMANDS, n=1, cutoff=0.7)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"unknown command {name!r}; {hint}known: {', '.join(COMMANDS)}"


def _explain_unknown(word: str, name: str, command: Command, parts: list[type]) -> str:
    if not word.startswith("-"):
        return f"{word!r} is one word too many; {PROGRAM} {name} --help shows what it takes"
    flag = word.split("=")[0]
    here = ["--model"] * command.model + ["--dataset"] * command.data
    here += [flag for cls in parts for flag in _flags(cls)]
    for kind, table in (("--model", settings.MODEL_CONFIGS), ("--dataset", settings.SOURCE_CONFIGS)):
        owners = [owner for owner, cls in table.items() if flag in _flags(cls)]
        if owners and any(cls in table.values() for cls in parts):
            [ours] = [cls for cls in parts if cls in table.values()]
            chosen = next(each for each, cls in table.items() if cls is ours)
            own = listed([f.name for f in option_fields(ours)]) or "none"
            return f"{flag} is an option of {kind} {' and '.join(owners)}, not of {chosen}, whose options are: {own}"
    owners = [other for other, each in COMMANDS.items() if flag in _flags(each.options)]
    if owners:
        return f"{flag} is an option of {', '.join(owners)}, not of {name}; {PROGRAM} {name} --help shows its own"
    close = difflib.get_close_matches(flag, here, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"unknown option {flag}; {hint}{PROGRAM} {name} --help lists: {', '.join(here)}"


def _flags(cls: type) -> list[str]:
    return [f"--{dashed(field.name)}" for field in option_fields(cls) if not field.metadata["positional"]]


def _overview() -> str:
    lines = [f"usage: {PROGRAM} COMMAND ...      ({PROGRAM} --model unet trains a network)", "", "commands:"]
    lines += [f"  {name:<10} {command.options.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join([*lines, "", f"{PROGRAM} COMMAND --help shows its options, {PROGRAM} --version the version."])
