"""How close and how colourful a picture is. numpy, one picture at a time; each with its formula and source."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity

from colorization.color.bins import nearest_bin

LAST_THRESHOLD = 150  # Lab units, of AuC
ROUNDING = 1e-3  # Lab units; what float32 makes of equal colours is within the threshold 0
NEARLY_GREY = 4.0  # Lab units; mean chroma under which a picture looks grey
STRONG_EDGE = 15.0  # Lab units of L between two pixels that have one between them
WEIGHT, WEIGHTED_AUC = "weight", "weighted_auc"  # of one picture; only their quotient over all pictures says something


def psnr(truth: np.ndarray, result: np.ndarray) -> float:
    """Return peak signal-to-noise ratio in dB of uint8 RGB (H, W, 3): 20 log10(255 / RMSE). Equal pictures give 100.

    The lightness is given, so even a grey picture reaches 20..25 dB: read it beside the grey baseline.
    """
    rmse = np.sqrt(np.mean(np.square(truth.astype(np.float64) - result)))
    return float(min(20 * np.log10(255 / max(rmse, 1e-9)), 100.0))


def ssim(truth: np.ndarray, result: np.ndarray) -> float:
    """Return structural similarity, -1..1 (Wang et al. 2004): Gaussian window of sigma 1.5, per channel, then the mean.

    uint8 RGB (H, W, 3); nan where a side is under 11 px, the window's.
    """
    if min(truth.shape[:2]) < 11:
        return float("nan")
    return float(
        structural_similarity(
            truth,
            result,
            channel_axis=-1,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def rgb_mae(truth: np.ndarray, result: np.ndarray) -> float:
    """Return the mean absolute difference of uint8 RGB, in levels 0..255."""
    return float(np.mean(np.abs(truth.astype(np.float64) - result)))


def ab_mae(truth: np.ndarray, result: np.ndarray) -> float:
    """Return the mean absolute difference of ab (H, W, 2), Lab units."""
    return float(np.mean(np.abs(truth - result)))


def ab_accuracy(truth: np.ndarray, result: np.ndarray, epsilon: float) -> float:
    """Return the share of the ab values (H, W, 2), a and b apart, that lie within `epsilon` Lab units of the truth.

    The measure of Nazeri et al. 2018 (arXiv 1803.05400), there on RGB, here on the channels that are predicted.
    """
    return float(np.mean(np.abs(truth - result) <= epsilon))


def auc_of_pixels(truth: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Return what each pixel brings to AuC, 0..1, (H, W), from ab (H, W, 2) in Lab units.

    AuC (Zhang 2016, section 3.1) is the area under the curve "share of the pixels whose ab is within t of the truth",
    t = 0, 1 .. 150, divided by 150; here by the trapezoid rule. The curve is a mean over pixels, so its area is, too:
    a pixel that is e away steps from 0 to 1 at the threshold ceil(e): area 150 - ceil(e) + 1/2 (all 150 if e = 0).
    """
    error = np.linalg.norm(truth.astype(np.float64) - result, axis=-1)
    step = np.ceil(error - ROUNDING)
    return np.where(step == 0, 1.0, np.clip((LAST_THRESHOLD - step + 0.5) / LAST_THRESHOLD, 0, None))


def top1_accuracy(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the share of the cells of a grid whose most likely bin is the one nearest to the truth.

    truth: ab (H, W, 2) of the picture, looked at in the middle of each cell. probabilities: (h, w, 313).
    """
    middles = _middles(_middles(truth, probabilities.shape[0], axis=0), probabilities.shape[1], axis=1)
    return float(np.mean(probabilities.argmax(axis=-1) == nearest_bin(middles)))


def _middles(values: np.ndarray, cells: int, axis: int) -> np.ndarray:
    """Values in the middle of each of so many cells along an axis: of the pixel there, or the mean of the two."""
    middle = (np.arange(cells) + 0.5) * values.shape[axis] / cells - 0.5
    before, behind = np.floor(middle + 1e-6).astype(int), np.ceil(middle - 1e-6).astype(int)
    return (np.take(values, before, axis) + np.take(values, behind, axis)) / 2


def colourfulness(picture: np.ndarray) -> float:
    """Measure uint8 RGB (H, W, 3) as Hasler and Süsstrunk 2003: 0 grey, 15 slightly, 33 moderately, 109 extremely.

    sqrt(var(rg) + var(yb)) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2), with rg = R - G and yb = (R + G) / 2 - B.
    """
    red, green, blue = np.moveaxis(picture.astype(np.float64), -1, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.sqrt(rg.var() + yb.var()) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2))


def faded(truth: np.ndarray, result: np.ndarray) -> bool:
    """Return whether a picture came out nearly grey that is not: its ab (H, W, 2) has a mean chroma under 4."""
    before, after = (float(np.linalg.norm(ab, axis=-1).mean()) for ab in (truth, result))
    return after < NEARLY_GREY <= before


def bleeding(L: np.ndarray, truth: np.ndarray, result: np.ndarray) -> float:
    """Return how far the change of colour over strong edges of L (H, W, 1) is from the true one, in Lab units.

    Colours that run over an edge change less there than they should, or beside it. Of all pairs of pixels two apart, in
    a row or a column, whose L differs by 15 or more: the mean length of the difference between the changes of ab
    (H, W, 2) of result and truth. 0 for a picture without such edges.
    """
    lengths = []
    for axis in (0, 1):
        turned = (np.moveaxis(each, axis, 0) for each in (L, truth, result))
        L_step, true_step, step = (each[2:] - each[:-2] for each in turned)
        lengths.append(np.linalg.norm(step - true_step, axis=-1)[np.abs(L_step[..., 0]) >= STRONG_EDGE])
    lengths = np.concatenate(lengths)
    return float(lengths.mean()) if lengths.size else 0.0


def picture_metrics(
    L: np.ndarray,
    true_rgb: np.ndarray,
    rgb: np.ndarray,
    true_ab: np.ndarray,
    ab: np.ndarray,
    weights: np.ndarray | None = None,
) -> dict[str, float]:
    """Return everything above for one picture: L float (H, W, 1), rgb uint8 (H, W, 3), ab float (H, W, 2).

    weights: of the 313 bins, for the class-balanced AuC, in which all colours count the same however rare they are.
    """
    auc = auc_of_pixels(true_ab, ab)
    metrics = {
        "psnr": psnr(true_rgb, rgb),
        "ssim": ssim(true_rgb, rgb),
        "rgb_mae": rgb_mae(true_rgb, rgb),
        "ab_mae": ab_mae(true_ab, ab),
        "accuracy_2": ab_accuracy(true_ab, ab, 2.0),
        "accuracy_5": ab_accuracy(true_ab, ab, 5.0),
        "colourfulness": colourfulness(rgb),
        "true_colourfulness": colourfulness(true_rgb),
        "auc": float(auc.mean()),
        "faded": float(faded(true_ab, ab)),
        "bleeding": bleeding(L, true_ab, ab),
    }
    if weights is None:
        return metrics
    weight = weights[nearest_bin(true_ab)]
    return metrics | {WEIGHT: float(weight.mean()), WEIGHTED_AUC: float((weight * auc).mean())}


def mean_metrics(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the averages over pictures, and what only a set has: `delta_colourfulness` and `auc_balanced`.

    delta_colourfulness: |mean of the results - mean of the truth|. auc_balanced: over all pixels of all pictures.
    """
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    means["delta_colourfulness"] = abs(means["colourfulness"] - means["true_colourfulness"])
    if WEIGHT in means:
        means["auc_balanced"] = means.pop(WEIGHTED_AUC) / means.pop(WEIGHT)
    return means
