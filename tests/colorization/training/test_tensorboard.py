"""What TensorBoard gets: read back from the event files, as TensorBoard reads them."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from colorization.color.lab import rgb_to_lab
from colorization.config import RunConfig, SamplesConfig, TrainingConfig, UNetConfig
from colorization.models.colorizer import DatasetStats
from colorization.training.callbacks import grey_psnr
from colorization.training.fit import fit
from colorization.training.run_folder import create_run
from tests.colorization.training.noise import noise


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = RunConfig(UNetConfig(4, 1), SamplesConfig(size=16), TrainingConfig(epochs=2, batch_size=4, log_every=1))
    run = create_run(tmp_path_factory.mktemp("logs"), "run", config, DatasetStats())
    fit(run, noise(8, 4, size=(16, 16)))
    return run


def events(folder: Path):
    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def test_every_step_has_its_points(run):
    train = events(run.events / "train")
    assert set(train.Tags()["tensors"]) == {"loss", "ab_mae", "learning_rate", "images_per_second"}
    for tag in train.Tags()["tensors"]:
        assert [e.step for e in train.Tensors(tag)] == [1, 2, 3, 4]


def test_every_epoch_has_its_numbers_and_pictures(run):
    validation = events(run.events / "validation")
    assert set(validation.Tags()["tensors"]) == {
        "loss",
        "ab_mae",
        "psnr",
        "ssim",
        "auc",
        "bleeding",
        "colourfulness_ratio",
        "grey_psnr",
        "grey, predicted, true",
        "ab plane: predicted, true",
    }
    grids = validation.Tensors("grey, predicted, true")
    assert [e.step for e in grids] == [2, 4]
    grid = np.asarray(Image.open(io.BytesIO(grids[-1].tensor_proto.string_val[2])))
    assert grid.shape == (4 * 16, 3 * 16, 3)
    assert np.ptp(grid[:, :16], axis=-1).max() <= 2  # the first column is grey
    assert np.ptp(grid[:, 32:], axis=-1).max() > 50  # the last one is not


def test_greys_psnr_is_that_of_the_lightness_alone():
    """Of one colour: by scikit-image, against the grey of its L."""
    red, grey = (np.full((1, 12, 12, 3), level, np.uint8) for level in ((200, 30, 40), (102, 102, 102)))
    L, ab = np.split(np.asarray(rgb_to_lab(red / np.float32(255))), [1], axis=-1)
    assert grey_psnr(L, ab) == pytest.approx(peak_signal_noise_ratio(red, grey), abs=0.1)  # a level is 0.07 dB
    assert grey_psnr(L, 0 * ab) == 100


def test_config_graph_and_hparams_are_there(run):
    about = events(run.events)
    text = tf.make_ndarray(about.Tensors("config")[0].tensor_proto).item().decode()
    assert json.loads(text.removeprefix("```").removesuffix("```")) == run.config.to_json()
    assert "down0_conv1" in str(about.Graph())
    content = about.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    settings = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert settings["training.batch_size"].number_value == 4
    assert settings["model.target"].string_value == "ab"
