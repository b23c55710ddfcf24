"""The published networks at a width of 4 channels, with random weights."""

import numpy as np

from colorization.config import ClassificationConfig, Siggraph17Config, model_name
from colorization.export.published import assign
from colorization.models import build
from colorization.models.colorizer import DatasetStats
from tests.colorization.models.zhang_in_numpy import random_state_dict

# of the largest absolute value; rounding is 3e-6 of it against numpy and 3e-5 against the authors' networks, on one
# processor; a picture shifted by a pixel, or hints of which one is left out, are a tenth of it
LIMIT = 1e-3
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
