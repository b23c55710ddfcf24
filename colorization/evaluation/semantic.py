"""Does a recoloured picture still show what it showed? A classifier is asked about it, the true and the grey one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from colorization.evaluation.evaluate import GREY, MEAN, MODEL, TRUE, Answers, painted_pictures
from colorization.models.classifiers import Classifier
from colorization.progress import Progress, silent
from data_pipelines import Split
from data_pipelines.batches import evaluation_batches
from data_pipelines.crops import grid_crops

BATCH = 16


@dataclass(frozen=True)
class Seen:
    """What a classifier told of some pictures: chances (N, K), features (N, F)."""

    chances: np.ndarray
    features: np.ndarray


def evaluate_semantics(
    answers: Answers,
    split: Split,
    size: int,
    mean_ab,
    judge: Classifier,
    knows_labels: bool,
    limit: int = 0,
    progress: Progress = silent,
) -> dict[str, dict[str, float]]:
    """Return {who: {metric: value}} of the pictures in true colours, the model's, and those of the baselines.

    agreement: share of pictures whose likeliest class is the same as in true colours. kl: mean Kullback-Leibler
    divergence of the chances from those in true colours, nats. frechet: `frechet_distance` of the judge's features from
    those in true colours. accuracy: share of pictures named rightly, where the judge knows the data set's labels.
    """
    seen = ask(answers, split, size, mean_ab, judge, limit, progress)
    labels = split.labels[[row for row, _ in grid_crops(split, limit)]] if knows_labels else None
    true, table = seen[TRUE], {}
    for who, each in seen.items():
        named = each.chances.argmax(axis=-1)
        row = {} if labels is None else {"accuracy": float((named == labels).mean())}
        table[who] = row | {
            "agreement": float((named == true.chances.argmax(axis=-1)).mean()),
            "kl": float(divergence(true.chances, each.chances).mean()),
            "frechet": frechet_distance(true.features, each.features),
        }
    return table


def ask(answers: Answers, split: Split, size: int, mean_ab, judge: Classifier, limit: int, progress: Progress) -> dict:
    """Return {who: Seen}, `TRUE` among them, of every picture of the split."""
    told: dict[str, list] = {}
    with progress("judging", len(grid_crops(split, limit)), "picture") as advance:
        for batch in evaluation_batches(split, size, BATCH, limit).as_numpy_iterator():
            L, true_ab = batch["L"], batch["ab"]
            pictures = painted_pictures(answers.predict_ab, L, true_ab, mean_ab)
            for who, (rgb, _) in pictures.items():
                told.setdefault(who, []).append([np.asarray(each) for each in judge.classify(rgb)])
            advance(len(L))
    return {
        who: Seen(*(np.concatenate(parts) for parts in zip(*batches, strict=True))) for who, batches in told.items()
    }


def divergence(true: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the Kullback-Leibler divergence of each row, nats; chances below 1e-7 count as that much."""
    true, other = (np.maximum(np.float64(chances), 1e-7) for chances in (true, other))
    return (true * np.log(true / other)).sum(axis=-1)


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the squared Frechet distance of the normal distributions that fit two sets of features (N, F).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), Dowson and Landau 1982. With the features of Inception it is FID
    (Heusel 2017, arXiv 1706.08500). It is too high for few pictures: compare it among sets of one size only.
    """
    means = [features.mean(axis=0, dtype=np.float64) for features in (first, second)]
    covariances = [np.atleast_2d(np.cov(np.float64(features), rowvar=False)) for features in (first, second)]
    root = _square_root(covariances[0])
    middle = np.linalg.eigvalsh(root @ covariances[1] @ root)
    distance = np.square(means[0] - means[1]).sum() + sum(np.trace(c) for c in covariances)
    return float(max(distance - 2 * np.sqrt(np.maximum(middle, 0)).sum(), 0.0))


def _square_root(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


COLUMNS = {"accuracy": 3, "agreement": 3, "kl": 3, "frechet": 2, "fid": 2}  # metric: digits


def semantic_lines(table: dict[str, dict[str, float]]) -> list[str]:
    """Return the table as lines of text, one for each kind of picture."""
    columns = [name for name in COLUMNS if name in next(iter(table.values()))]
    lines = [f"{'':<24}" + "".join(f"{name:>11}" for name in columns)]
    for who in [who for who in (TRUE, MODEL, GREY, MEAN) if who in table]:
        lines.append(f"{who:<24}" + "".join(f"{table[who][name]:>11.{COLUMNS[name]}f}" for name in columns))
    return lines
