"""The published networks at a width of 4 channels, with random weights."""

import numpy as np

from colorization.config import ClassificationConfig, Siggraph17Config, model_name
from colorization.export.pytorch_weights import assign
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from tests.colorization.models.zhang_in_numpy import random_state_dict

# Of the largest absolute value. A sum of n products rounds by about sqrt(n) 2^-24 of its size in float32, in whatever
# order it is taken (Higham and Mary 2019); at worst that of every layer adds up. Ten times as much, for layers that
# magnify what the earlier ones rounded. A picture shifted by a pixel, or hints of which one is left out, are a tenth.
LAYERS, LONGEST_SUM = 24, 3 * 3 * 512
LIMIT = 10 * LAYERS * np.sqrt(LONGEST_SUM) * 2.0**-24
WIDTH = 4
SMALL = {"eccv16": ClassificationConfig(width=WIDTH, temperature=1.0), "siggraph17": Siggraph17Config(width=WIDTH)}


def small_network(name, seed=0):
    config = SMALL[name]
    colorizer = build(model_name(config), config, DatasetStats(size=256))
    assign(colorizer.network, random_state_dict(name, WIDTH, seed), name)
    return colorizer


def lightness(height, width, batch=1):
    return np.random.default_rng(1).uniform(0, 100, (batch, height, width, 1)).astype(np.float32)


def assert_agrees(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= LIMIT * np.abs(theirs).max()
