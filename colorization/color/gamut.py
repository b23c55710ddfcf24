"""What colours there are: the gamut's edge, and the 313 bins that classification chooses from.

Out of gamut. Predicted ab may lie outside what a screen can show. Clipping R, G and B (what `lab_to_rgb` does) would
change L there, and with it the photograph's own light and shade. So ab is shrunk towards grey instead, each pixel by
its own factor.

Bins (Zhang, Isola, Efros 2016, arXiv 1603.08511, section 2). The ab plane in steps of 10, without what no sRGB colour
comes near: 313 points. A colour is encoded as shares of the bins around it (`soft_encode`), a distribution over the
bins is decoded into one colour (`annealed_mean`).
"""

import functools

import numpy as np
from keras import ops

from colorization.color.lab import f_to_linear_rgb

STEPS = 10  # halvings: the factor is found to within 1/1024, always on the side that lies in the gamut
TOLERANCE = 1e-4  # of linear light; less than half a level of 8 bits, and more than the rounding of float32

BIN_STEP = 10  # Lab units between neighbouring bins
BIN_ROWS = (  # (a, lowest b, highest b): the authors' list, in their order
    (-90, 50, 90), (-80, 20, 90), (-70, 0, 90), (-60, -20, 90), (-50, -30, 100),
    (-40, -40, 100), (-30, -50, 100), (-20, -50, 100), (-10, -60, 100), (0, -70, 100),
    (10, -80, 90), (20, -80, 90), (30, -90, 90), (40, -100, 90), (50, -100, 80),
    (60, -110, 80), (70, -110, 80), (80, -110, 70), (90, -110, 70), (100, -90, 0),
)  # fmt: skip
BINS = np.array([(a, b) for a, low, high in BIN_ROWS for b in range(low, high + 1, BIN_STEP)], np.float32)

LATTICE_MIDDLE = 12  # cells of 10 x 10 around the points -120, -110 .. 120 of a and b, some of which are bins
LATTICE_SIDE = 2 * LATTICE_MIDDLE + 1
LATTICE_END = 124.9  # Lab units; beyond the gamut, and rounded to the outermost cell
FAR_AWAY = np.float32([[1e4, 1e4]])

NEIGHBOURS = 10  # as in the authors' code; their paper has 5
SIGMA = 5.0  # Lab units


def fit_to_gamut(L, ab):
    """L (..., 1) and ab (..., 2) -> float32 ab (..., 2), multiplied by the largest factor 0..1 that fits sRGB.

    What fits already is returned unchanged. The factor counts as a constant for gradients.
    """
    L, ab = ops.cast(L, "float32"), ops.cast(ab, "float32")
    fy = (L + 16) / 116
    to_fx, to_fz = ab[..., :1] / 500, ab[..., 1:] / -200

    def fits(factor):
        rgb = f_to_linear_rgb(fy + factor * to_fx, fy, fy + factor * to_fz)
        lowest, highest = ops.minimum(ops.minimum(*rgb[:2]), rgb[2]), ops.maximum(ops.maximum(*rgb[:2]), rgb[2])
        return ops.logical_and(lowest >= -TOLERANCE, highest <= 1 + TOLERANCE)

    whole = ops.ones_like(L)
    factor = ops.zeros_like(L)
    for step in range(1, STEPS + 1):
        longer = factor + 0.5**step
        factor = ops.where(fits(longer), longer, factor)
    return ab * ops.where(fits(whole), whole, factor)


def soft_encode(ab, neighbours: int = NEIGHBOURS, sigma: float = SIGMA):
    """ab (..., 2), Lab units -> shares of the bins, float32 (..., 313), each 0..1, together 1.

    The nearest bins share a colour by exp(-d^2 / (2 sigma^2)), d in Lab units; the largest share is the nearest bin's.
    Colours out of gamut go to the bins at its edge; a and b beyond 125 count as 125. Zhang 2016, section 2.1.
    """
    flat = ops.clip(ops.reshape(ops.cast(ab, "float32"), (-1, 2)), -LATTICE_END, LATTICE_END)
    cell = ops.cast(ops.round(flat / BIN_STEP), "int32") + LATTICE_MIDDLE
    # to sort the few bins of a cell's neighbourhood instead of 313 makes this twice as fast
    bins = ops.take(_bins_near_cells(neighbours), cell[:, 0] * LATTICE_SIDE + cell[:, 1], axis=0)
    centres = ops.take(np.vstack([BINS, FAR_AWAY]), bins, axis=0)
    squared = ops.sum(ops.square(flat[:, None] - centres), axis=-1)
    nearest, places = ops.top_k(-squared, neighbours)
    shares = ops.exp((nearest - nearest[:, :1]) / (2 * sigma**2))  # relative to the nearest: far out, exp gives 0
    shares /= ops.sum(shares, axis=-1, keepdims=True)
    chosen = ops.take_along_axis(bins, ops.cast(places, "int32"), axis=-1)
    rows = ops.broadcast_to(ops.arange(ops.shape(flat)[0], dtype="int32")[:, None], ops.shape(chosen))
    where = ops.stack([ops.reshape(rows, (-1,)), ops.reshape(chosen, (-1,))], axis=-1)
    encoded = ops.scatter(where, ops.reshape(shares, (-1,)), (ops.shape(flat)[0], len(BINS)))
    return ops.reshape(encoded, (*ops.shape(ab)[:-1], len(BINS)))


@functools.cache
def _bins_near_cells(neighbours: int) -> np.ndarray:
    """For each cell of the lattice the bins that are among the `neighbours` nearest of any of its points.

    int32 (LATTICE_SIDE^2, C), filled up with the index of FAR_AWAY. No point of a cell is further from its middle than
    half a diagonal h. So if the n-th nearest bin of the middle is at d, a point's n nearest are within d + h of that
    point, and within d + 2 h of the middle.
    """
    middles = BIN_STEP * (np.indices((LATTICE_SIDE, LATTICE_SIDE)).reshape(2, -1).T - LATTICE_MIDDLE)
    distances = np.linalg.norm(middles[:, None] - BINS, axis=-1)
    reach = np.sort(distances, axis=1)[:, neighbours - 1 : neighbours] + 1.001 * np.sqrt(2) * BIN_STEP
    near = distances <= reach
    order = np.argsort(~near, axis=1, kind="stable")[:, : near.sum(axis=1).max()]
    return np.where(np.take_along_axis(near, order, axis=1), order, len(BINS)).astype(np.int32)


def nearest_bin(ab: np.ndarray) -> np.ndarray:
    """ab (..., 2), Lab units -> index of the nearest bin, int64 (...), 0..312. numpy, for whole data sets."""
    flat = np.asarray(ab, np.float32).reshape(-1, 2)
    cell = np.rint(np.clip(flat, -LATTICE_END, LATTICE_END) / BIN_STEP).astype(np.int64) + LATTICE_MIDDLE
    chosen = _BIN_OF_CELL[cell[:, 0], cell[:, 1]]
    [outside] = np.nonzero(chosen < 0)  # the nearest point of the lattice is no bin: look at all of them
    for part in np.array_split(outside, len(outside) // 10_000 + 1):
        chosen[part] = np.square(flat[part, None] - BINS).sum(axis=-1).argmin(axis=-1)
    return chosen.reshape(np.shape(ab)[:-1])


def annealed(logits, temperature):
    """Logits of the bins (..., Q) -> probabilities softmax(logits / temperature), float32 (..., Q).

    temperature: a number or scalar tensor. 1 leaves the distribution as it is, less sharpens it, 0 (and less) puts
    everything on the most likely bin. Equation 5 of Zhang 2016.
    """
    logits = ops.cast(logits, "float32")
    if isinstance(temperature, int | float):  # known beforehand: only one of the two is calculated
        return ops.softmax(logits / temperature, axis=-1) if temperature > 0 else _mode(logits)
    temperature = ops.cast(temperature, "float32")
    soft = ops.softmax(logits / ops.where(temperature > 0, temperature, 1.0), axis=-1)
    return ops.where(temperature > 0, soft, _mode(logits))


def _mode(logits):
    return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1], dtype="float32")


def annealed_mean(logits, temperature):
    """Logits (..., 313) -> ab (..., 2), Lab units: the mean of the bins under `annealed`.

    At temperature 1 it is the plain expectation, at 0 the centre of the most likely bin.
    """
    return ops.matmul(annealed(logits, temperature), BINS)


def rebalancing_weights(prior: np.ndarray, lam: float) -> np.ndarray:
    """Weight of each bin in the loss, float64 (Q,): w ~ 1 / ((1 - lam) prior + lam / Q), scaled to sum(prior w) = 1.

    lam: 1 weighs all colours alike, 0.5 is the paper's, 0 makes every colour count the same in all. Q counts the bins
    that the prior holds. One that it does not hold gets the weight of the rarest, not an infinite one.
    Equation 4 of Zhang 2016 (section 2.2).
    """
    prior = np.asarray(prior, np.float64)
    held = prior > 0
    mixed = (1 - lam) * prior + lam * held / held.sum()
    weights = 1 / np.where(held, mixed, mixed[held].min())
    return weights / (prior * weights).sum()


_BIN_OF_CELL = np.full((LATTICE_SIDE, LATTICE_SIDE), -1, np.int64)  # -1: no bin
_BIN_OF_CELL[tuple((BINS / BIN_STEP + LATTICE_MIDDLE).astype(int).T)] = np.arange(len(BINS))
