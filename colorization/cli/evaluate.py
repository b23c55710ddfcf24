"""`evaluate`: a run or an exported model, beside grey and the training set's mean colour."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from colorization.cli.console import Console
from colorization.cli.data import cache_folder, prepare_pictures
from colorization.cli.output_paths import check_can_be_written
from colorization.config import EvaluateOptions, source_from_json, with_data_dir
from colorization.errors import InputError
from colorization.evaluation.evaluate import TRUE, Answers, balancing_weights, draw_cases, evaluate, table_lines, whole
from colorization.evaluation.label_classifier import labels_classifier
from colorization.evaluation.semantic import ask, evaluate_semantics, frechet_distance, semantic_lines
from colorization.inference.colorize import load_colorizer
from colorization.inference.model import MODEL_FILE, NETWORK_FILE
from colorization.inference.presets import NUMBERS, asked_conditions
from colorization.models.classifiers import Classifier, find_classifier, inception_features
from colorization.models.imagenet import NETWORKS, fetch_weights, unreachable
from colorization.training.compiled import compiled
from colorization.training.run_folder import open_run, write_json
from data_pipelines import Pictures, Split
from data_pipelines.crops import grid_crops

EVALUATED = Path("evaluated")  # figures of exported models: their own folders may be read-only, as an installed one's


@dataclass(frozen=True)
class Subject:
    """What is evaluated: the folder for its results, what it was trained on (None: unknown), and its answers.

    answers: what evaluation.evaluate asks. conditions: with what they are given, such as the temperature.
    weights: what tells its weights from those of another epoch or run.
    """

    output: Path
    data: object
    mean_ab: tuple[float, float] | None
    answers: Answers
    conditions: dict
    weights: str
    training_pictures: int = 0  # how many of the data a run was trained on; 0: all


def run(request, console: Console) -> int:
    options = request.options
    subject = open_subject(Path(options.path), options)
    check_can_be_written(subject.output)
    if request.data is None and subject.data is None:
        raise InputError(f"{options.path} brings no data set of its own; say which pictures with --dataset")
    if options.classifier and not options.semantic:
        raise InputError("--classifier says whom --semantic asks: give both")
    if options.semantic and options.all and not options.classifier:
        raise InputError("--all would ask a classifier about the pictures that it learnt from; give a --classifier")
    data = request.data or with_data_dir(subject.data, request.changes)
    if options.all and data == subject.data:
        raise InputError(
            "--all takes every picture as one that the model never saw, and these it was trained on: "
            "give other data with --data-dir or --dataset"
        )
    count = subject.training_pictures if data == subject.data else 0
    pictures = prepare_pictures(data, options.cache_dir, console, split=not options.all, count=count)
    write_evaluation(subject, data, pictures, options, file_suffix(subject, data, options), console)
    return 0


def file_suffix(subject: Subject, data, options: EvaluateOptions) -> str:
    """Return what tells this evaluation's files from those of the subject's own, whole data: "-folder-holiday-100"."""
    parts = []
    if data != subject.data or options.limit or options.all:
        place = Path(data.data_dir).resolve().name if getattr(data, "data_dir", "") else ""
        parts = [data.dataset, getattr(data, "mode", ""), place, str(data.size)]
    parts += [
        f"first-{options.limit}" if options.limit else "",
        "all" if options.all else "",
        options.look,
        *(f"{name}-{getattr(options, name):g}" for name in NUMBERS if getattr(options, name) is not None),
        ("seen-by-" + Path(options.classifier).name.partition(".")[0] if options.classifier else "seen")
        if options.semantic
        else "",
    ]
    return "".join(f"-{part}" for part in parts if part)


def open_subject(path: Path, options: EvaluateOptions) -> Subject:
    """Open the run or exported model in `path`; InputError if it is neither, or cannot be asked what `options` ask."""
    output = Path(options.output) if options.output else None
    if (path / "config.json").is_file():
        run = open_run(path)
        colorizer = run.load_colorizer().with_defaults(asked_conditions(options, {}, path))
        answers = Answers(
            compiled(colorizer.predict_ab),
            compiled(colorizer.grid_distribution) if colorizer.gives("logits") else None,
        )
        numbers, weights = dict(colorizer.conditions), digest(run.best)
        count = run.config.training.pictures
        return Subject(output or path, run.config.data, run.stats.mean_ab, answers, numbers, weights, count)
    if (path / MODEL_FILE).is_file():
        exported = load_colorizer(path)
        conditions = asked_conditions(options, exported.presets, path)
        exported.check_conditions(conditions)
        card, gives_logits = exported.model.card.about, "logits" in exported.model.card.outputs
        data = source_from_json(card, str(path / MODEL_FILE)) if card.get("data") else None
        answers = Answers(partial(exported.predict_ab, **conditions), exported.distribution if gives_logits else None)
        output, conditions = output or EVALUATED / path.resolve().name, exported.model.card.numbers | conditions
        return Subject(output, data, card["stats"]["mean_ab"], answers, conditions, digest(path / NETWORK_FILE))
    raise InputError(f"{path} is neither a run (config.json) nor an exported model ({MODEL_FILE})")


def digest(file: Path) -> str:
    """Return what tells the content of a file from any other."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:16]


def write_evaluation(
    subject: Subject, data, pictures: Pictures, options: EvaluateOptions, suffix: str, console: Console
) -> dict:
    """Print the table; write metrics<suffix>.json and pictures/cases<suffix>.png into subject.output.

    Returns what stands in the JSON file.
    """
    everything = whole(pictures) if options.all else None
    splits = {"all": everything} if everything else {"validation": pictures.validation, "training": pictures.train}
    cache = cache_folder(options.cache_dir)
    judges = _judges(data, pictures, splits, options, console) if options.semantic else None  # may not be had
    weights = balancing_weights(everything or pictures.train, data.size, cache, console.progress)
    table, cases = evaluate(
        subject.answers, splits, data.size, subject.mean_ab, weights, options.limit, console.progress
    )
    for line in table_lines(table):
        console.say(line)
    metrics, drawing = subject.output / f"metrics{suffix}.json", subject.output / "pictures" / f"cases{suffix}.png"
    about = {"data": dataclasses.asdict(data), "description": pictures.description, "limit": options.limit}
    if judges:
        split = next(iter(splits.values()))
        table["semantic"] = _judged(*judges, subject, data, split, options, console)
    subject.output.mkdir(parents=True, exist_ok=True)
    tree = about | {"conditions": subject.conditions, "weights": subject.weights} | table
    write_json(metrics, tree)
    draw_cases(cases, drawing)
    console.say(f"written: {metrics} and, with the best, median and worst case, {drawing}")
    return tree


def _judges(
    data, pictures: Pictures, splits: dict[str, Split], options: EvaluateOptions, console: Console
) -> tuple[Classifier, Classifier | None]:
    """Who names the pictures, and Inception for FID where its weights can be had; prints why not."""
    seen = len(grid_crops(next(iter(splits.values())), options.limit))
    if seen < 2:
        raise InputError(f"--semantic compares what many pictures show, and there is {seen}; evaluate more")
    if options.classifier:
        judge = find_classifier(options.classifier)
    else:
        judge = labels_classifier(pictures, data.size, cache_folder(options.cache_dir), console.progress)
    return judge, _inception(console)


def _inception(console: Console) -> Classifier | None:
    """Inception's features, for FID; None, and a line that says why, where its weights cannot be had."""
    inception = NETWORKS["inception_v3"].headless
    missing = unreachable(inception)
    if missing:
        console.say(f"FID left out: Inception's weights are not at {inception.place} and cannot be had ({missing})")
        return None
    try:
        return inception_features(fetch_weights(inception))
    except InputError as error:
        console.say(f"FID left out: {error}")
        return None


def _judged(
    judge: Classifier,
    inception: Classifier | None,
    subject: Subject,
    data,
    split: Split,
    options: EvaluateOptions,
    console,
) -> dict:
    """What a classifier says of the pictures of a split; prints its table."""
    settings = (subject.answers, split, data.size, subject.mean_ab)
    table = evaluate_semantics(*settings, judge, not options.classifier, options.limit, console.progress)
    if inception:
        seen = ask(*settings, inception, options.limit, console.progress)
        for who, row in table.items():
            row["fid"] = frechet_distance(seen[TRUE].features, seen[who].features)
    console.say(f"as seen by {judge.name}:")
    for line in semantic_lines(table):
        console.say(line)
    return table | {"judge": judge.name}
