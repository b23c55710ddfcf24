"""Everything that can be set, as frozen dataclasses: a run, its training, each model, each source, each command.

A field made by `option` becomes a command line option (its help, unit and choices stand here and nowhere else) and
a key of config.json. This file is read before anything heavy is imported.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, ClassVar

from colorization.errors import InputError


def option(
    default,
    help: str,
    *,
    choices: tuple = (),
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    positional: str = "",
    exists: bool = False,
):
    """A dataclass field that is also a command line option.

    default: its type is the option's; a tuple may be given several times; None is a number that may be left out.
    positional: "one", "perhaps" or "many" makes it a word of its own instead of `--name VALUE`.
    exists: it is a path that must be there; said before anything is imported.
    """
    metadata = {"help": help, "choices": choices, "unit": unit, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata=metadata | {"positional": positional, "exists": exists})


# --- models: one dataclass each, under the name it has in colorization.models.MODELS ---


@dataclass(frozen=True)
class UNetConfig:
    """U-Net (Ronneberger 2015, arXiv 1505.04597) that regresses the missing colours of a grey picture."""

    width: int = option(32, "channels of the first block; each level below has twice as many", minimum=1, maximum=1024)
    depth: int = option(3, "how often the picture is halved", minimum=1, maximum=8)
    target: str = option("ab", "what is predicted: the ab channels of Lab, or RGB", choices=("ab", "rgb"))
    loss: str = option("l1", "distance to the truth", choices=("l1", "l2", "huber"))


@dataclass(frozen=True)
class ClassificationConfig:
    """Zhang 2016 (arXiv 1603.08511): how likely each of 313 colours is; at width 64 the published eccv16."""

    width: int = option(
        16, "channels of the first block; the deepest have eight times as many", minimum=1, maximum=1024
    )
    rebalance: float = option(
        0.5,
        "lambda of the loss' weights: 1 = all pixels alike, 0.5 = rare colours count more, as in the paper; near 0 the "
        "rarest count so much that it is refused",
        minimum=0,
        maximum=1,
    )
    temperature: float = option(
        0.38, "how bold colours are taken from the distribution: 1 = its mean, 0 = its most likely one", minimum=0
    )


@dataclass(frozen=True)
class Siggraph17Config:
    """Zhang 2017 (arXiv 1705.02999): one colour, helped by hints; fine-tuned from the published weights (--init)."""

    width: int = option(64, "channels of the first block; 64 as published", minimum=1, maximum=1024)


@dataclass(frozen=True)
class ChromaganConfig:
    """ChromaGAN (Vitoria 2020, arXiv 1907.09837): regression that knows what it sees, against a critic."""

    PAPER_SIZE: ClassVar[int] = 224  # px

    width: int = option(
        16, "channels of the first block, 64 in the paper; everything else scales with it", minimum=2, maximum=1024
    )
    paper: bool = option(False, "the paper's very network: pictures of 224 px, width 64, dense layers, 1,000 classes")
    without: str = option(
        "nothing",
        "leave a part out, as the paper's ablations do; both = the generator alone",
        choices=("nothing", "classification", "adversarial", "both"),
    )
    backbone: str = option(
        "auto",
        "weights that its VGG16 part begins with: imagenet (width 64 only), none, a file, or auto = imagenet where it "
        "can be had",
    )
    semantic: str = option(
        "auto",
        "what the class branch learns: the data set's labels, the answers of a teacher, or none; auto = what there is",
        choices=("auto", "labels", "teacher", "none"),
    )
    teacher: str = option("vgg16", "pretrained classifier that teaches", choices=("vgg16", "mobilenet_v2"))
    teacher_weights: str = option("", "its weights file; empty = Keras' own, from the net", exists=True)
    teacher_sees: str = option("grey", "which picture the teacher is asked about", choices=("grey", "colour"))
    color_weight: float = option(1.0, "of the squared error in the loss", minimum=0)
    semantic_weight: float = option(0.003, "of the class branch in the loss", minimum=0)
    adversarial_weight: float = option(0.1, "of the critic in the loss", minimum=0)
    penalty_weight: float = option(10.0, "of the gradient penalty in the critic's loss", minimum=0)
    critic_steps: int = option(3, "steps of the critic for each one of the generator", minimum=1)
    critic_learning_rate: float = option(1e-3, "highest rate of the critic's Adam", minimum=0)


@dataclass(frozen=True)
class MobileNetConfig:
    """MobileNetV2 (Sandler 2018, arXiv 1801.04381), which knows ImageNet's things, with a decoder that colours them."""

    width: int = option(
        32, "channels of the first block, a multiple of 8; 32 is ImageNet's", unit="channels", minimum=8, maximum=1024
    )
    backbone: str = option(
        "auto",
        "weights that the encoder begins with: imagenet (width 32 only), none, a file, or auto = imagenet where it can "
        "be had",
    )
    encoder_rate: float = option(
        0.1, "learning rate of an encoder that begins with weights, as a share of the decoder's", minimum=0, maximum=1
    )
    target: str = option(
        "bins", "what is predicted: how likely each of 313 colours is, or one colour", choices=("bins", "ab")
    )
    rebalance: float = option(
        0.5, "of --target bins: lambda of the loss' weights, as for --model classification", minimum=0, maximum=1
    )
    temperature: float = option(
        0.38, "of --target bins: 1 = the distribution's mean, 0 = its most likely colour", minimum=0
    )
    loss: str = option("huber", "of --target ab: distance to the truth", choices=("l1", "l2", "huber"))


MODEL_CONFIGS = {
    "unet": UNetConfig,
    "classification": ClassificationConfig,
    "siggraph17": Siggraph17Config,
    "chromagan": ChromaganConfig,
    "mobilenet": MobileNetConfig,
}
PUBLISHED_NAMES = ("eccv16", "siggraph17")  # those of colorization.published
ONLY_FINE_TUNED = ("siggraph17",)  # trained with --init only


# --- sources of pictures: one dataclass each, under the name it has in data_pipelines.SOURCES ---


@dataclass(frozen=True)
class SamplesConfig:
    """The photographs that scikit-image's wheel carries: shows that the way works, not what quality it reaches."""

    dataset: str = field(default="samples", init=False)
    size: int = option(64, "side of the square patches", unit="px", minimum=16)
    patches: int = option(64, "patches cut from each photograph in an epoch", minimum=1)


@dataclass(frozen=True)
class Cifar10Config:
    """CIFAR-10: 32 x 32 px, 10 classes (Krizhevsky 2009)."""

    dataset: str = field(default="cifar10", init=False)
    size: int = field(default=32, init=False)
    data_dir: str = option(
        "", "folder that holds the official archive, packed or unpacked; empty = download it", exists=True
    )


@dataclass(frozen=True)
class Cifar100Config:
    """CIFAR-100: 32 x 32 px, 100 classes (Krizhevsky 2009)."""

    dataset: str = field(default="cifar100", init=False)
    size: int = field(default=32, init=False)
    data_dir: str = option(
        "", "folder that holds the official archive, packed or unpacked; empty = download it", exists=True
    )


@dataclass(frozen=True)
class Div2kConfig:
    """DIV2K: 900 photographs 2 K wide (Agustsson and Timofte 2017), research use only."""

    dataset: str = field(default="div2k", init=False)
    data_dir: str = option(
        "", "folder that holds DIV2K_train_HR, DIV2K_valid_HR, ...; empty = download both (4 GB)", exists=True
    )
    size: int = option(128, "side of the square crops", unit="px", minimum=16)
    mode: str = option(
        "resized",
        "resized: shorter side to --size, then a crop; patches: crops of the full-size picture",
        choices=("resized", "patches"),
    )
    patches: int = option(8, "crops of each picture in an epoch of --mode patches", minimum=1)


@dataclass(frozen=True)
class FolderConfig:
    """Any tree of pictures; the folder that a picture lies in is its label."""

    dataset: str = field(default="folder", init=False)
    data_dir: str = option("", "the folder; its train/ and val/ are the splits where they are there", exists=True)
    size: int = option(128, "shorter side of the pictures, and side of the square crops", unit="px", minimum=16)


SOURCE_CONFIGS = {
    "samples": SamplesConfig,
    "cifar10": Cifar10Config,
    "cifar100": Cifar100Config,
    "div2k": Div2kConfig,
    "folder": FolderConfig,
}


# --- a run ---


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained."""

    epochs: int = option(10, "planned length of the run", unit="epochs", minimum=1)
    batch_size: int = option(16, "pictures a step", minimum=1)
    learning_rate: float = option(1e-3, "highest rate of AdamW, reached after the warm-up", minimum=0)
    warmup: float = option(
        0.05, "share of the run in which the rate climbs from 0; a cosine to 0 follows", minimum=0, maximum=1
    )
    weight_decay: float = option(1e-4, "decoupled weight decay of AdamW", minimum=0)
    init: str = option(
        "",
        "start from the weights and settings of this exported model, such as saved_models/eccv16; give a "
        "--learning-rate much lower than for fresh weights, such as 1e-5",
        exists=True,
    )
    early_stopping: int = option(
        0, "stop when the validation loss has not fallen for so long; 0 = never", unit="epochs", minimum=0
    )
    precision: str = option(
        "float32",
        "what the layers calculate in; weights and losses stay float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
    )
    strategy: str = option("none", "mirrored: one replica a GPU", choices=("none", "mirrored"))
    seed: int = option(0, "seed of the weights, the order and the crops", minimum=0)
    zoom: float = option(
        1.0,
        "training crops are enlarged by a random factor, 1 to this: things nearer, less of the scene",
        minimum=1,
        maximum=4,
    )
    wear: float = option(
        0.0,
        "share of the training pictures whose grey is worn as an old print is: blurred, faded, grainy, a poor JPEG",
        minimum=0,
        maximum=1,
    )
    log_every: int = option(10, "how often TensorBoard gets a point", unit="steps", minimum=1)
    overfit: int = option(
        0, "train on so many fixed batches only, to see that the loss can be brought down; 0 = no", minimum=0
    )


@dataclass(frozen=True)
class RunConfig:
    """The whole truth about a run: the same config, data and seed repeat it."""

    model: Any
    data: Any
    training: TrainingConfig

    @property
    def model_name(self) -> str:
        return model_name(self.model)

    def to_json(self) -> dict:
        return {
            "model": model_to_json(self.model),
            "data": dataclasses.asdict(self.data),
            "training": dataclasses.asdict(self.training),
        }

    @classmethod
    def from_json(cls, tree: dict, where: str) -> RunConfig:
        """Raises InputError, naming the file `where`, if a key is missing or unknown (a run of another version)."""
        try:
            training = _from_keys(TrainingConfig, tree["training"])
        except (KeyError, TypeError, AttributeError) as error:
            raise _other_version(where, error) from error
        return cls(model_from_json(tree, where), source_from_json(tree, where), training)


def model_name(model: Any) -> str:
    """The name that a model's dataclass has in MODEL_CONFIGS."""
    return next(name for name, cls in MODEL_CONFIGS.items() if isinstance(model, cls))


def model_to_json(model: Any) -> dict:
    return {"name": model_name(model)} | dataclasses.asdict(model)


def model_from_json(tree: dict, where: str) -> Any:
    """The model that a config.json or model.json, read from the file `where`, is of; or InputError."""
    try:
        model = dict(tree["model"])
        return _from_keys(MODEL_CONFIGS[model.pop("name")], model)
    except (KeyError, TypeError, AttributeError) as error:
        raise _other_version(where, error) from error


def source_from_json(tree: dict, where: str) -> Any:
    """The source that a config.json or model.json, read from the file `where`, was trained on; or InputError."""
    try:
        return _from_keys(SOURCE_CONFIGS[tree["data"]["dataset"]], tree["data"])
    except (KeyError, TypeError, AttributeError) as error:
        raise _other_version(where, error) from error


def _other_version(where: str, error: Exception) -> InputError:
    return InputError(f"{where} was written by another version of this program ({error}); train anew")


def with_data_dir(data: Any, changes: dict) -> Any:
    """The source, elsewhere if `changes` has a data_dir. Raises InputError for one that has no such option."""
    if changes and not hasattr(data, "data_dir"):
        raise InputError(f"--data-dir is no option of the data set {data.dataset}, which this run uses; leave it out")
    return dataclasses.replace(data, **changes)


def _from_keys(cls, keys: dict):
    fields = {f.name: f for f in dataclasses.fields(cls)}
    if set(keys) != set(fields):
        raise KeyError(f"{cls.__name__} has {sorted(fields)}, the file has {sorted(keys)}")
    for name, value in keys.items():
        if not isinstance(value, type(fields[name].default)) and not isinstance(fields[name].default, float):
            raise TypeError(f"{name} is {value!r}")
    return cls(**{name: value for name, value in keys.items() if fields[name].init})


# --- commands: what each takes beside the above ---


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
    saturation: float | None = option(None, "factor of the colours, instead of the model's own; 0 = grey", minimum=0)
    semantic: bool = option(False, "also ask a classifier what the true, the grey and the recoloured pictures show")
    recogniser: str = option(
        "",
        "weights file of a Keras Applications network with ImageNet's classes that --semantic asks; empty = a "
        "classifier trained on the data set's own labels",
        exists=True,
    )


@dataclass(frozen=True)
class ExportOptions:
    """Turn a run into a SavedModel that needs none of this code."""

    path: str = option("", "run folder", positional="one", exists=True)
    output: str = option("", "folder to write; empty = saved_models/<run>")
    overwrite: bool = option(False, "replace what lies there")
    temperature: float | None = option(
        None, "of a model that has one: the export's own, instead of the run's", minimum=0
    )
    look: tuple = option(
        (),
        "a look of the export, name=temperature:X,saturation:X; may be given several times; the first is its default",
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
    model: str = option("", "exported model, such as saved_models/<run>", exists=True)
    output: str = option("colorized", "folder to write into")
    overwrite: bool = option(False, "replace outputs that exist")
    look: str = option("", "named look of an exported model, such as vivid; empty = its default")
    temperature: float | None = option(
        None,
        "of a model that has one: 1 = cautious, the mean of its colours, 0 = bold; left out = the model's own",
        minimum=0,
    )
    saturation: float | None = option(None, "factor of the colours, instead of the model's own; 0 = grey", minimum=0)
    samples: int = option(
        0,
        "also write so many versions, drawn from what the model holds for likely",
        unit="versions",
        minimum=0,
        maximum=100,
    )
    confidence: bool = option(False, "also write a map of where the model is sure of its colours (white) or not")
    hint: tuple = option(
        (), "colour of a place of one photograph, x,y,#rrggbb in its pixels; may be given several times"
    )
    hint_radius: int = option(
        0, "half the side of a hint's square; 0 = a hundredth of the photograph's shorter side", unit="px", minimum=0
    )
    max_pixels: int = option(200_000_000, "refuse pictures larger than this", unit="pixels", minimum=1)


@dataclass(frozen=True)
class PrepareOptions:
    """Download, check, unpack and cache a data set; trains nothing."""

    cache_dir: str = option("", "where decoded pictures and downloads lie; empty = the system's cache folder")
