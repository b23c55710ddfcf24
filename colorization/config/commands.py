"""Commands: what each takes beside network, training and source."""

from __future__ import annotations

from dataclasses import dataclass

from colorization.config.models import PUBLISHED_NAMES
from colorization.config.option import option

UPSAMPLINGS = ("guided", "bicubic")  # ways of inference.upsampling; the first is the default
SATURATION = "factor of the colours, instead of the model's own; 0 = grey"
VIBRANCE = (
    "how far pictures are brought towards the strength of colour photographs, pale ones raised and bold ones calmed, "
    "instead of the model's own; 0 = not at all, 1 = all alike"
)


@dataclass(frozen=True)
class TrainOptions:
    """Train a network; evaluates, exports and colorizes one picture at the end."""

    name: str = option("", "name of the run; empty = made of model, data and time")
    logs: str = option("logs", "folder that holds the runs")
    resume: str = option("", "go on with this run folder; with --epochs beyond its plan, extend it", exists=True)
    stop_after: int = option(
        0, "end after so many epochs of this call, to be resumed; 0 = never", unit="epochs", minimum=0
    )
    cache_dir: str = option("", "where decoded pictures and downloads lie; empty = the system's cache folder")
    dry_run: bool = option(False, "build everything, print the table of layers and one batch's shapes, train nothing")
    no_export: bool = option(False, "leave out evaluation, export and the colorized picture at the end")


@dataclass(frozen=True)
class EvaluateOptions:
    """Measure a run or an exported model beside its baselines."""

    path: str = option("", "run folder, or exported model", positional="one", exists=True)
    cache_dir: str = option("", "where decoded pictures and downloads lie; empty = the system's cache folder")
    limit: int = option(0, "evaluate on so many pictures of each split only; 0 = all", minimum=0)
    all: bool = option(False, "take every picture of --dataset as one set: of data that the model never saw")
    look: str = option("", "named look of an exported model, such as vivid; empty = its default")
    temperature: float | None = option(None, "of a model that has one, instead of its own", minimum=0)
    saturation: float | None = option(None, SATURATION, minimum=0)
    vibrance: float | None = option(None, VIBRANCE, minimum=0, maximum=1)
    semantic: bool = option(False, "also ask a classifier what the true, the grey and the recoloured pictures show")
    classifier: str = option(
        "",
        "a network of ImageNet's classes that --semantic asks: efficientnet_lite2 (or 0, 1), or a file of weights, "
        "also of Keras Applications; empty = a classifier trained on the data set's own labels",
    )


@dataclass(frozen=True)
class ExportOptions:
    """Turn a run into a model folder, for `colorize` and for programs that have none of this code."""

    path: str = option("", "run folder, or exported model", positional="one", exists=True)
    output: str = option("", "folder to write; empty = saved_models/<run>")
    format: tuple = option(
        (),
        "what to write beside model.onnx, which is always there; may be given several times; left out = saved_model",
        choices=("onnx", "saved_model", "litert"),
    )
    half: bool = option(False, "store the weights in 16 bits: half the size, colours hardly change")
    overwrite: bool = option(False, "replace what lies there")
    temperature: float | None = option(
        None, "of a model that has one: the export's own, instead of the run's", minimum=0
    )
    look: tuple = option(
        (),
        "a look of the export, name=saturation:X,vibrance:X,temperature:X, those that it changes; may be given several "
        "times; the first is its default; left out = those of the model that the run began with (--init)",
    )


@dataclass(frozen=True)
class ImportOptions:
    """Turn published weights (eccv16, siggraph17) into a model like an exported one."""

    name: str = option("", "which network", choices=PUBLISHED_NAMES, positional="one")
    file: str = option("", "its .pth file; left out = download it", positional="perhaps", exists=True)
    output: str = option("", "folder to write; empty = saved_models/<name>")
    overwrite: bool = option(False, "replace what lies there")
    cache_dir: str = option("", "where downloads lie; empty = the system's cache folder")


@dataclass(frozen=True)
class ColorizeOptions:
    """Colorize photographs: files, folders, globs."""

    pictures: tuple = option((), "picture files, folders, or globs", positional="many")
    model: str = option(
        "", "exported model, such as saved_models/<run>; empty = the one that comes with it", exists=True
    )
    output: str = option("colorized", "folder to write into")
    overwrite: bool = option(False, "replace outputs that exist, instead of leaving their pictures out")
    look: str = option("", "named look of an exported model, such as vivid; empty = its default")
    temperature: float | None = option(
        None,
        "of a model that has one: 1 = cautious, the mean of its colours, 0 = bold; left out = the model's own",
        minimum=0,
    )
    saturation: float | None = option(None, SATURATION, minimum=0)
    vibrance: float | None = option(None, VIBRANCE, minimum=0, maximum=1)
    input_size: str = option(
        "",
        "shorter side, px, at which the network sees a photograph; empty = the model's own; smaller: larger areas "
        "of one colour; larger: more details have colours of their own; --contact-sheet shows which "
        "one suits; auto = of three sizes the one that agrees most with the others, for four times the time",
    )
    upsampling: str = option(
        UPSAMPLINGS[0],
        "how the network's colours are enlarged: guided follows the edges of the photograph, bicubic is smooth",
        choices=UPSAMPLINGS,
    )
    flips: bool = option(False, "ask about the mirrored photograph, too, and average: steadier colours, twice the time")
    samples: int = option(
        0,
        "also write so many versions, drawn from what the model holds for likely",
        unit="versions",
        minimum=0,
        maximum=100,
    )
    contact_sheet: bool = option(
        False, "also write a sheet of the photograph as it comes out at six input sizes, to choose one"
    )
    confidence: bool = option(False, "also write a map of where the model is sure of its colours (white) or not")
    hint: tuple = option(
        (), "colour of a place of one photograph, x,y,#rrggbb in its pixels; may be given several times"
    )
    reference: str = option(
        "",
        "a picture whose colours the photographs get where they suit, of a model that takes one",
        exists=True,
    )
    hint_radius: int = option(
        0, "half the side of a hint's square; 0 = a hundredth of the photograph's shorter side", unit="px", minimum=0
    )
    depth: int = option(
        8, "16 = grey PNG and TIFF files of more than 8 bits keep their lightness, and come out in 16", choices=(8, 16)
    )
    no_mark: bool = option(False, "do not say in the files' EXIF that software has added the colours")
    keep_time: bool = option(False, "give the files the time of the pictures that they are made of")
    jobs: int = option(2, "pictures that are worked on at once", minimum=1, maximum=64)
    report: str = option("", "write a table of what became of each picture to this CSV file; one that exists goes on")
    max_pixels: int = option(200_000_000, "refuse pictures larger than this", unit="pixels", minimum=1)


@dataclass(frozen=True)
class ServeOptions:
    """Colorize in a web page, and by HTTP for programs."""

    model: tuple = option(
        (),
        "exported model, such as saved_models/<run>; may be given several times; left out = the one that comes with it",
        exists=True,
    )
    host: str = option("127.0.0.1", "address to serve at; 0.0.0.0 = whoever reaches this machine may use it")
    port: int = option(7860, "0 = any that is free", minimum=0, maximum=65535)
    max_upload: int = option(50, "refuse picture files larger than this", unit="MB", minimum=1)
    max_pixels: int = option(30_000_000, "refuse pictures larger than this", unit="pixels", minimum=1)
    at_once: int = option(1, "colorize so many at the same time; each takes 0.02 GB a megapixel", minimum=1, maximum=64)
    waiting: int = option(32, "let so many wait for that; the next one is told to try later", minimum=0)


@dataclass(frozen=True)
class PrepareOptions:
    """Download, check, unpack and cache a data set; trains nothing."""

    cache_dir: str = option("", "where decoded pictures and downloads lie; empty = the system's cache folder")
