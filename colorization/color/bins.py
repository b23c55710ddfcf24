"""The 313 colours that classification chooses from.

Zhang, Isola, Efros 2016, arXiv 1603.08511, section 2: the ab plane in steps of 10, without what no sRGB colour comes
near. A colour is encoded as shares of the bins around it (`soft_encode`), a distribution over the bins is decoded into
one colour (`annealed(logits, temperature) @ BINS`).
"""

import functools

import numpy as np

from colorization.color.namespace import namespace, tensor_namespace

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
_BIN_OF_CELL = np.full((LATTICE_SIDE, LATTICE_SIDE), -1, np.int64)  # -1: no bin
_BIN_OF_CELL[tuple((BINS / BIN_STEP + LATTICE_MIDDLE).astype(int).T)] = np.arange(len(BINS))
FAR_AWAY = np.float32([[1e4, 1e4]])

NEIGHBOURS = 10  # as in the authors' code; their paper has 5
SIGMA = 5.0  # Lab units


def soft_encode(ab, neighbours: int = NEIGHBOURS, sigma: float = SIGMA):
    """Return the shares that the bins have in colours ab (..., 2), Lab units: (..., 313), each 0..1, together 1.

    The nearest bins share a colour by exp(-d^2 / (2 sigma^2)), d in Lab units; the largest share is the nearest bin's.
    Colours out of gamut go to the bins at its edge; a and b beyond 125 count as 125. Zhang 2016, section 2.1.
    A tensor, because only training needs it.
    """
    ops = tensor_namespace()
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
    """Return the index of the bin nearest to ab (..., 2), Lab units: int64 (...), 0..312."""
    flat = np.asarray(ab, np.float32).reshape(-1, 2)
    cell = np.rint(np.clip(flat, -LATTICE_END, LATTICE_END) / BIN_STEP).astype(np.int64) + LATTICE_MIDDLE
    chosen = _BIN_OF_CELL[cell[:, 0], cell[:, 1]]
    [outside] = np.nonzero(chosen < 0)  # the nearest point of the lattice is no bin: look at all of them
    for part in np.array_split(outside, len(outside) // 10_000 + 1):
        chosen[part] = np.square(flat[part, None] - BINS).sum(axis=-1).argmin(axis=-1)
    return chosen.reshape(np.shape(ab)[:-1])


def annealed(logits, temperature):
    """Return probabilities softmax(logits / temperature), float32 (..., Q), of logits of the bins (..., Q).

    temperature: a number or scalar tensor. 1 leaves the distribution as it is, less sharpens it, 0 (and less) puts
    everything on the most likely bin. Equation 5 of Zhang 2016. `annealed(...) @ BINS` is the mean colour ab (..., 2),
    Lab units: at 1 the plain expectation, at 0 the centre of the most likely bin.
    """
    xp = namespace(logits, temperature)
    logits = xp.array(logits, "float32")
    if isinstance(temperature, int | float):  # known beforehand: only one of the two is calculated
        return _softmax(logits / temperature) if temperature > 0 else _mode(logits)
    temperature = xp.array(temperature, "float32")
    soft = _softmax(logits / xp.where(temperature > 0, temperature, 1.0))
    return xp.where(temperature > 0, soft, _mode(logits))


def _softmax(logits):
    xp = namespace(logits)
    shares = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return shares / xp.sum(shares, axis=-1, keepdims=True)


def _mode(logits):
    xp = namespace(logits)
    likeliest = xp.expand_dims(xp.argmax(logits, axis=-1), -1)
    return xp.array(likeliest == xp.arange(logits.shape[-1]), "float32")


def rebalancing_weights(prior: np.ndarray, lam: float) -> np.ndarray:
    """Return the weight of each bin in the loss, float64 (Q,).

    w ~ 1 / ((1 - lam) prior + lam / Q), scaled to sum(prior w) = 1.
    lam: 1 weighs all colours alike, 0.5 is the paper's, 0 makes every colour count the same in all. Q counts the bins
    that the prior holds. One that it does not hold gets the weight of the rarest, not an infinite one.
    Equation 4 of Zhang 2016 (section 2.2).
    """
    prior = np.asarray(prior, np.float64)
    held = prior > 0
    mixed = (1 - lam) * prior + lam * held / held.sum()
    weights = 1 / np.where(held, mixed, mixed[held].min())
    return weights / (prior * weights).sum()
