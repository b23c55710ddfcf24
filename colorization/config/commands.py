"""Commands: what each takes beside network, training and source."""

from __future__ import annotations

from dataclasses import dataclass

from colorization.config.models import PUBLISHED_NAMES
from colorization.config.option import option

RANGES = {
    "temperature": (0.0, 100.0),
    "saturation": (0.0, 5.0),
    "vibrance": (0.0, 1.0),
    "certainty": (0.0, 10.0),
    "evenness": (0.0, 50.0),
}
AUTO = "auto"  # of --input-size: the size is chosen for each picture
UPSAMPLINGS = ("guided", "bicubic")  # ways of inference.upsampling; the first is the default


def number(name: str, help: str):
    """Return the option of a number that a model is asked for; left out, it is the model's own."""
    least, most = RANGES[name]
    return option(None, f"{help}; {least:g} to {most:g}; left out = the model's own", minimum=least, maximum=most)


TEMPERATURE = "1 = cautious (the mean), 0 = bold (the most likely colour), for models that have one"
SATURATION = "factor for the colours: 0 = grey"
VIBRANCE = "how far each picture's mean chroma is brought towards that of colour photographs: 1 = all alike"


@dataclass(frozen=True)
class TrainOptions:
    """Train a network; evaluates, exports and colorizes one picture at the end."""

    name: str = option("", "name of the run; empty = model, data and time")
    logs: str = option("logs", "folder that holds the runs")
    resume: str = option("", "continue this run; a higher --epochs extends it", exists=True)
    stop_after: int = option(
        0, "stop this call after so many epochs, to be resumed later; 0 = never", unit="epochs", minimum=0
    )
    cache_dir: str = option("", "folder for decoded pictures and downloads; empty = the system's cache folder")
    dry_run: bool = option(False, "build everything, print the table of layers and one batch's shapes, train nothing")
    no_export: bool = option(False, "skip evaluation, export and the colorized picture at the end")


@dataclass(frozen=True)
class EvaluateOptions:
    """Measure a run or an exported model beside its baselines."""

    path: str = option("", "run folder, or exported model", positional="one", model=True)
    output: str = option(
        "", "folder for the figures; empty = the run's own, and evaluated/<name> for an exported model"
    )
    cache_dir: str = option("", "folder for decoded pictures and downloads; empty = the system's cache folder")
    limit: int = option(0, "evaluate at most so many pictures of each split; 0 = all", minimum=0)
    all: bool = option(
        False, "evaluate every picture of --dataset or --data-dir as one set, for data that the model never saw"
    )
    look: str = option("", "preset of an exported model, such as vivid; empty = its default")
    temperature: float | None = number("temperature", TEMPERATURE)
    saturation: float | None = number("saturation", SATURATION)
    vibrance: float | None = number("vibrance", VIBRANCE)
    semantic: bool = option(False, "also ask a classifier what the true, the grey and the colorized pictures show")
    classifier: str = option(
        "",
        "ImageNet classifier for --semantic: efficientnet_lite2 (or 0, 1), or a file of weights, also of Keras "
        "Applications; empty = a classifier trained on the data set's own labels",
    )


@dataclass(frozen=True)
class CompareOptions:
    """Set runs and exported models side by side: settings, curves, metrics, pictures."""

    paths: tuple = option((), "run folders, or exported models", positional="many", model=True)
    output: str = option("report", "folder to write: report.html, which needs no other file, and report.md")
    cache_dir: str = option("", "folder for decoded pictures and downloads; empty = the system's cache folder")


@dataclass(frozen=True)
class ExportOptions:
    """Turn a run into a model folder, for `colorize` and for programs without this code."""

    path: str = option("", "run folder, or exported model", positional="one", model=True)
    output: str = option("", "folder to write; empty = saved_models/<run>")
    format: tuple = option(
        (),
        "what to write beside model.onnx, which is always written; may be given several times; left out = saved_model",
        choices=("onnx", "saved_model", "litert"),
    )
    half: bool = option(
        False,
        "store 16-bit weights: half the size, hardly any change of colours; those of an export keep their bits",
    )
    overwrite: bool = option(False, "replace an existing export; other files of its folder are kept")
    temperature: float | None = number("temperature", f"to store in the export: {TEMPERATURE}")
    look: tuple = option(
        (),
        "preset to store: name=saturation:X,vibrance:X,temperature:X, or some of these, for guided also certainty:X, "
        "evenness:X, white:X/X/X and chroma:X/X; may be repeated; the first is the default; left out = those of the "
        "model that the run started from (--init)",
    )


@dataclass(frozen=True)
class ImportOptions:
    """Turn published weights (eccv16, siggraph17, ddcolor, deoldify) into a model folder."""

    name: str = option("", "network", choices=PUBLISHED_NAMES, positional="one")
    file: str = option("", "its .pth file; left out = download", positional="perhaps", exists=True)
    variant: str = option(
        "",
        "of ddcolor: modelscope = for photographs, and what is taken if nothing is said; artistic; paper, that of its "
        "tables; tiny, a quarter of the size; of deoldify: artistic = colourful, and what is taken if nothing is said; "
        "stable = calmer, for people and landscapes, and three times the size; video, as stable, for films",
        choices=("modelscope", "artistic", "paper", "tiny", "stable", "video"),
    )
    output: str = option("", "folder to write; empty = saved_models/<name>")
    half: bool = option(False, "store 16-bit weights: half the size, hardly any change of colours; the loss is told")
    overwrite: bool = option(False, "replace an existing export; other files of its folder are kept")
    cache_dir: str = option("", "folder for downloads; empty = the system's cache folder")


FILM_CODECS = ("h264", "h264-444", "prores", "ffv1")


@dataclass(frozen=True)
class ColorizeOptions:
    """Colorize photographs and films: files, folders, globs; or an archive of millions."""

    pictures: tuple = option(
        (),
        "picture files, films, folders, or globs; or one archive: a manifest (.csv, .parquet) or an address (s3://..)",
        positional="many",
    )
    model: str = option(
        "", "exported model, such as saved_models/<run>, or photo, photo-open, cifar10; empty = photo", model=True
    )
    output: str = option("colorized", "folder, or address, to write into; or the file, of one film: film_colour.mp4")
    overwrite: bool = option(
        False,
        "replace existing outputs; without it a picture whose output exists is skipped, or reported if that output "
        "was made from another file",
    )
    look: str = option("", "preset of an exported model, such as vivid; empty = its default")
    temperature: float | None = number("temperature", TEMPERATURE)
    saturation: float | None = number("saturation", SATURATION)
    vibrance: float | None = number("vibrance", VIBRANCE)
    input_size: str = option(
        "",
        "shorter side, px, at which the network sees a photograph: smaller gives larger areas of one colour, larger "
        "gives details their own; auto = of three sizes the one that agrees most with the others, in four times the "
        "time; empty = the model's own; --contact-sheet shows six sizes",
    )
    upsampling: str = option(
        UPSAMPLINGS[0],
        "how colours are enlarged: guided follows the photograph's edges, bicubic is smooth",
        choices=UPSAMPLINGS,
    )
    flips: bool = option(False, "average with the mirrored photograph's colours: steadier, twice the time")
    samples: int = option(
        0,
        "also write so many versions, sampled from the predicted distribution",
        unit="versions",
        minimum=0,
        maximum=100,
    )
    contact_sheet: bool = option(False, "also write a sheet with the photograph colorized at six input sizes")
    confidence: bool = option(False, "also write a map of the model's confidence (white = sure)")
    hint: tuple = option((), "colour at a place of one photograph: x,y,#rrggbb, in pixels; may be given several times")
    hints: str = option("", "JSON file of such colours, as the page saves it", exists=True)
    reference: str = option(
        "",
        "picture whose colours the answer shall have; of its colours, not of its things",
        exists=True,
    )
    palette: str = option("", "colours as a guide instead of a picture: #aa3322,#e0c080")
    hint_radius: int = option(
        0, "half the side of a hint's square; 0 = a hundredth of the photograph's shorter side", unit="px", minimum=0
    )
    depth: int = option(8, "16 = write 16 bits for grey PNG and TIFF files of more than 8 bits", choices=(8, 16))
    no_mark: bool = option(False, "do not state in EXIF that software added the colours")
    keep_time: bool = option(False, "give each output the modification time of its source")
    steady: float = option(
        0.8, "films: how far colours are averaged over time; 0 = each picture alone", minimum=0, maximum=0.95
    )
    codec: str = option("h264", "films: how they are encoded", choices=FILM_CODECS)
    from_: str = option("", "films: begin at this time, such as 00:01:10 or 70.5")
    to: str = option("", "films: end at this time")
    preview: int = option(
        0, "films: first write a sheet of so many pictures in colour beside the film", unit="pictures", minimum=0
    )
    resume: bool = option(False, "films: go on from the part that an interrupted call has left")
    first_frame: bool = option(False, "of a moving GIF, WebP or PNG, or a TIFF of several pages, take the first only")
    raw: bool = option(False, "read frames from standard input and write them to standard output, both as y4m")
    jobs: int = option(2, "pictures colorized at once", minimum=1, maximum=64)
    report: str = option(
        "",
        "CSV file for the outcome of each picture; an existing one is appended to; with the ending .parquet also a "
        "Parquet table, at the end",
    )
    engine: str = option(
        "",
        "ray = work through one folder, manifest or address on a Ray cluster, or by Ray on this machine's processors",
        choices=("ray",),
    )
    address: str = option("", "Ray cluster, such as auto or 10.0.0.1:6379; empty = one on this machine, for this call")
    workers: int = option(0, "processes on the Ray cluster, one processor each; 0 = all processors", minimum=0)
    shard: str = option("", "work on a part of one folder, manifest or address: 3/8 = the third of eight")
    max_pixels: int = option(200_000_000, "refuse pictures larger than this", unit="pixels", minimum=1)


@dataclass(frozen=True)
class ServeOptions:
    """Colorize in a web page, and by HTTP for programs."""

    model: tuple = option(
        (),
        "exported model, such as saved_models/<run>, or photo, photo-open, cifar10; may be given several times; left "
        "out = photo",
        model=True,
    )
    host: str = option("127.0.0.1", "address to listen on; 0.0.0.0 = anyone who can reach this machine")
    port: int = option(7860, "0 = any free port", minimum=0, maximum=65535)
    root_path: str = option("", "path that a proxy passes on before every address, such as /colorize; empty = none")
    max_upload: int = option(50, "refuse picture files larger than this", unit="MB", minimum=1)
    max_pixels: int = option(30_000_000, "refuse pictures larger than this", unit="pixels", minimum=1)
    at_once: int = option(2, "pictures colorized at once; each takes 0.02 GB a megapixel", minimum=1, maximum=64)
    waiting: int = option(32, "requests that may wait; further ones get status 503", minimum=0)


@dataclass(frozen=True)
class PrepareOptions:
    """Download, check, unpack and cache a data set, or write it as shards; trains nothing."""

    cache_dir: str = option("", "folder for decoded pictures and downloads; empty = the system's cache folder")
    shards: int = option(
        0, "write the pictures of a folder as so many shards, a data set of that name; 0 = cache them", minimum=0
    )
    output: str = option("", "folder of the shards, or an address that pyarrow writes to (s3, gs, hdfs)")
