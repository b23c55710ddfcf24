"""Prepared pictures -> shuffled, cropped, zoomed, flipped batches of Lab, for every source alike.

What an epoch holds is a function of (seed, epoch) and nothing else: no iterator has a state that a resumed run would
have to find again, and any epoch can be the first. Indices are shuffled, never pixels, so memory does not grow. Where
several processes share a batch, each reads its own pictures of it and no other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from colorization.images.resize import enlarge
from data_pipelines import Split
from data_pipelines.compiled_lab import rgb_to_lab
from data_pipelines.crops import central_crop, grid_crops


@dataclass(frozen=True)
class Share:
    """What one process reads of every batch, which is divided evenly among `replicas`, in their order.

    first, count: its own replicas. Their parts of a batch come one after another, as batches of their own.
    """

    first: int = 0
    count: int = 1
    replicas: int = 1

    def place(self, number: int) -> tuple[int, int]:
        """Return the step and the replica that the process's part `number` (0, 1 ..) belongs to."""
        step, own = divmod(number, self.count)
        return step, self.first + own


WHOLE = Share()


def batches_per_epoch(split: Split, batch_size: int) -> int:
    """Return the steps of one training epoch: the incomplete last batch is left to the next epoch's order."""
    return max(len(split) // batch_size, 1)


def training_batches(
    split: Split,
    size: int,
    batch_size: int,
    seed: int,
    start_epoch: int = 0,
    zoom: float = 1.0,
    no_flips: bool = False,
    share: Share = WHOLE,
) -> tf.data.Dataset:
    """Return endless batches {"L", "ab"}, `batches_per_epoch` an epoch, that begin with epoch `start_epoch`.

    L float32 (B, size, size, 1) in 0..100, ab float32 (B, size, size, 2); randomly cropped and, unless `no_flips`,
    flipped. Each crop is enlarged by a factor of its own, at random 1 to `zoom`, so that things are seen nearer and
    farther.
    A split smaller than a batch is repeated until it fills one. A split with weights shows each picture as often as
    they say, on average. Batches of a split with targets have "targets", float32 (B, K), too.
    share: B is then batch_size / share.replicas.
    """
    crops = _RandomCrops(split, size, batch_size, seed, zoom, no_flips, share)
    parts = _counting_from(start_epoch * crops.steps * share.count)
    return _lab_batches(parts, crops.read, batch_size // share.replicas, size, split.targets)


def evaluation_batches(
    split: Split, size: int, batch_size: int, limit: int | None = None, share: Share = WHOLE
) -> tf.data.Dataset:
    """Return every crop of the split once, never random, in batches {"L", "ab"}; the last one may be smaller.

    With one patch a picture it is the central crop; several stand on an even grid. `limit` takes that many pictures,
    evenly spread over the split. Targets and share as in `training_batches`; what cannot be shared evenly is left out.
    """
    crops = grid_crops(split, limit)

    def read(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        step, replica = share.place(int(number))
        batch = crops[step * batch_size : (step + 1) * batch_size]
        count = len(batch) // share.replicas
        chosen = batch[replica * count : (replica + 1) * count]
        pictures = np.stack([central_crop(split, size, row, patch) for row, patch in chosen])
        return pictures, np.array([row for row, _ in chosen])

    parts = tf.data.Dataset.range(math.ceil(len(crops) / batch_size) * share.count)
    return _lab_batches(parts, read, None, size, split.targets)


def numbered(batches: tf.data.Dataset, batch_size: int, start_step: int = 0, share: Share = WHOLE) -> tf.data.Dataset:
    """Add "number", int64 (B,), to batches {"L", ...}: how many pictures came before each one since step 0.

    What is drawn at random for a picture is a function of its number: a resumed run draws what it would have drawn,
    and several processes draw what one would.
    """

    def add(number, batch):
        step, replica = number // share.count, share.first + number % share.count
        count = tf.shape(batch["L"], tf.int64)[0]
        numbers = step * batch_size + replica * count + tf.range(count)
        numbers.set_shape(batch["L"].shape[:1])
        return batch | {"number": numbers}

    return tf.data.Dataset.zip(_counting_from(start_step * share.count), batches).map(add)


def _counting_from(start: int) -> tf.data.Dataset:
    """Numbers that TensorFlow knows to be endless: before each step of a finite set, processes would ask each other."""
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return tf.data.Dataset.range(start, np.iinfo(np.int64).max).apply(endless)


def generator(seed: int, number: int) -> np.random.Generator:
    """Return the source of chance for a picture of that number, or for an epoch."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int(number)])))


@dataclass
class _RandomCrops:
    """Reads the parts of a batch; its only memory is the draw of the epoch it is in."""

    split: Split
    size: int
    batch_size: int
    seed: int
    zoom: float
    no_flips: bool
    share: Share

    def __post_init__(self):
        self.steps = batches_per_epoch(self.split, self.batch_size)
        self._drawn = None

    def read(self, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pictures uint8 (B, size, size, 3), and the row of the split that each is from."""
        step, replica = self.share.place(int(number))
        epoch, step_in_epoch = divmod(step, self.steps)
        drawn = self._drawn  # read once: several threads read batches, and the epochs of two may differ
        if drawn is None or drawn[0] != epoch:
            drawn = self._drawn = (epoch, *self._draw(epoch))
        _, order, *how = drawn
        count = self.batch_size // self.share.replicas
        chosen = (step_in_epoch * self.batch_size + replica * count + np.arange(count)) % len(order)
        crops = order[chosen]
        # by the place in the order, not by picture: one that is shown twice is cropped in two ways
        pictures = [self._crop(i, *(each[k] for each in how)) for i, k in zip(crops, chosen, strict=True)]
        return np.stack(pictures), crops // self.split.patches

    def _draw(self, epoch: int):
        """The same for the same (seed, epoch): order, then for each place in it the crop's place (0..1), flip, zoom."""
        random = generator(self.seed, epoch)
        count = len(self.split)
        order, places, flips = random.permutation(count), random.random((count, 2)), random.random(count) < 0.5
        zooms = self.zoom ** random.random(count)
        return self._weighed(order, random), places, flips & (not self.no_flips), zooms

    def _weighed(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The order with each crop as often as its picture's weight says: whole times, and by chance once more."""
        if self.split.weights is None:
            return order
        weights = np.asarray(self.split.weights, np.float64)[order // self.split.patches]
        ends = np.cumsum(weights) / weights.sum() * len(order)
        return random.permutation(order[np.searchsorted(ends, np.arange(len(order)) + random.random())])

    def _crop(self, index: int, place: np.ndarray, flip: bool, zoom: float) -> np.ndarray:
        picture, side = self.split.rows[index // self.split.patches], max(round(self.size / zoom), 1)
        top, left = (place * (np.array(picture.shape[:2]) - side + 1)).astype(int)
        crop = picture[top : top + side, left : left + side]
        crop = crop[:, ::-1] if flip else crop
        return crop if side == self.size else np.rint(enlarge(crop, self.size, self.size)).astype(np.uint8)


def _lab_batches(parts: tf.data.Dataset, read, batch_size: int | None, size: int, targets) -> tf.data.Dataset:
    def load(number):
        rgb, rows = tf.numpy_function(read, [number], [tf.uint8, tf.int64], stateful=False)
        rgb.set_shape((batch_size, size, size, 3))
        lab = rgb_to_lab(rgb)
        batch = {"L": lab[..., :1], "ab": lab[..., 1:]}
        if targets is None:
            return batch
        taught = tf.numpy_function(lambda rows: np.float32(targets[rows]), [rows], tf.float32, stateful=False)
        taught.set_shape((batch_size, targets.shape[1]))
        return batch | {"targets": taught}

    options = tf.data.Options()
    # Nothing is left to tune, and whoever drops an iterator would wait until the tuner's thread wakes: up to a minute.
    options.autotune.enabled = False
    return parts.map(load, num_parallel_calls=2, deterministic=True).prefetch(2).with_options(options)
