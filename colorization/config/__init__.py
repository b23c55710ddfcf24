"""Everything that can be set, as frozen dataclasses: a run, its training, each model, each source, each command.

A field made by `option` becomes a command line option (its help, unit and choices stand here and nowhere else) and
a key of config.json. These files are read before anything heavy is imported.
"""

from colorization.config.commands import (
    UPSAMPLINGS,
    ColorizeOptions,
    CompareOptions,
    EvaluateOptions,
    ExportOptions,
    ImportOptions,
    PrepareOptions,
    ServeOptions,
    TrainOptions,
)
from colorization.config.models import (
    MODEL_CONFIGS,
    ONLY_FINE_TUNED,
    PUBLISHED_NAMES,
    ChromaganConfig,
    ClassificationConfig,
    DdcolorConfig,
    DeoldifyConfig,
    GuidedConfig,
    Siggraph17Config,
    UNetConfig,
    model_from_json,
    model_name,
    model_to_json,
)
from colorization.config.option import option
from colorization.config.run import RunConfig, TrainingConfig
from colorization.config.sources import (
    SOURCE_CONFIGS,
    Cifar10Config,
    Cifar100Config,
    Div2kConfig,
    FolderConfig,
    SamplesConfig,
    ShardsConfig,
    source_from_json,
    with_data_dir,
)

__all__ = [
    "ChromaganConfig",
    "Cifar100Config",
    "Cifar10Config",
    "ClassificationConfig",
    "ColorizeOptions",
    "CompareOptions",
    "DdcolorConfig",
    "DeoldifyConfig",
    "Div2kConfig",
    "EvaluateOptions",
    "ExportOptions",
    "FolderConfig",
    "GuidedConfig",
    "ImportOptions",
    "MODEL_CONFIGS",
    "ONLY_FINE_TUNED",
    "PUBLISHED_NAMES",
    "PrepareOptions",
    "RunConfig",
    "SOURCE_CONFIGS",
    "SamplesConfig",
    "ServeOptions",
    "ShardsConfig",
    "Siggraph17Config",
    "TrainOptions",
    "TrainingConfig",
    "UNetConfig",
    "UPSAMPLINGS",
    "model_from_json",
    "model_name",
    "model_to_json",
    "option",
    "source_from_json",
    "with_data_dir",
]
