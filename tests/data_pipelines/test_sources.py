"""What holds for every source: a new row of SOURCES is tested here once it has its tiny data below."""

import dataclasses

import numpy as np
import pytest

from colorization.config import SOURCE_CONFIGS, FolderConfig
from data_pipelines import SOURCES, prepare, shards


@pytest.fixture(scope="module")
def tiny_options(tmp_path_factory, save_photo, write_cifar):
    """Options of each source over a few files of its own."""
    root = tmp_path_factory.mktemp("sources")
    write_cifar(root, "cifar10")
    write_cifar(root, "cifar100")
    for scene in (1, 2, 801):
        save_photo(root / "div2k" / f"DIV2K_{'train' if scene < 801 else 'valid'}_HR" / f"{scene:04}.png", seed=scene)
    for i in range(12):
        save_photo(root / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", 40 + i, 60 - i, seed=i)
    given = {
        "samples": {"size": 32},
        "cifar10": {"data_dir": str(root)},
        "cifar100": {"data_dir": str(root)},
        "div2k": {"data_dir": str(root / "div2k"), "size": 32},
        "folder": {"data_dir": str(root / "photos"), "size": 32},
        "shards": {"data_dir": str(root / "shards"), "size": 32},
    }
    shards.write(FolderConfig(**given["folder"]), 2, given["shards"]["data_dir"])
    assert set(given) == set(SOURCES), "a new source needs a few files of its own here"
    return {name: SOURCE_CONFIGS[name](**options) for name, options in given.items()}


@pytest.fixture(scope="module", params=SOURCES)
def prepared(request, tiny_options, tmp_path_factory):
    """(options, pictures prepared twice: the second time from a cache, where there is one)."""
    options, cache_dir = tiny_options[request.param], tmp_path_factory.mktemp("cache")
    return options, prepare(options, cache_dir), prepare(options, cache_dir)


def splits(pictures):
    return pictures.train, pictures.validation


def test_rows_are_uint8_pictures_of_at_least_the_size(prepared):
    options, pictures, _ = prepared
    for split in splits(pictures):
        assert len(split.rows) >= 1
        for row in split.rows:
            assert row.dtype == np.uint8
            assert row.ndim == 3 and row.shape[2] == 3
            assert min(row.shape[:2]) >= options.size


def test_pictures_have_colour(prepared):
    _, pictures, _ = prepared
    for split in splits(pictures):
        assert any(np.ptp(row.astype(int), axis=-1).mean() > 5 for row in split.rows)


def test_no_picture_is_in_both_splits(prepared):
    _, pictures, _ = prepared
    assert not set(pictures.train.names) & set(pictures.validation.names)
    train = {row.tobytes() for row in pictures.train.rows}
    assert not any(row.tobytes() in train for row in pictures.validation.rows)


def test_every_row_has_one_name(prepared):
    _, pictures, _ = prepared
    for split in splits(pictures):
        assert len(split.names) == len(split.rows) == len(set(split.names))


def test_labels_point_into_the_classes(prepared):
    _, pictures, _ = prepared
    for split in splits(pictures):
        assert (split.labels is None) == (not pictures.classes)
        if split.labels is not None:
            assert split.labels.dtype == np.int64
            assert split.labels.shape == (len(split.rows),)
            assert split.labels.min() >= 0 and split.labels.max() < len(pictures.classes)


def test_an_epoch_counts_patches(prepared):
    _, pictures, _ = prepared
    for split in splits(pictures):
        assert len(split) == len(split.rows) * split.patches


def test_the_same_again(prepared):
    _, first, second = prepared
    assert (first.description, first.classes, first.skipped) == (second.description, second.classes, second.skipped)
    for one, other in zip(splits(first), splits(second), strict=True):
        assert list(one.names) == list(other.names)
        np.testing.assert_array_equal(one.labels, other.labels)
        for row, again in zip(one.rows, other.rows, strict=True):
            np.testing.assert_array_equal(row, again)


def test_described_in_one_line(prepared):
    _, pictures, _ = prepared
    assert pictures.description and "\n" not in pictures.description


def test_a_source_has_options_that_say_its_name():
    assert list(SOURCES) == list(SOURCE_CONFIGS)
    for name, config in SOURCE_CONFIGS.items():
        assert config().dataset == name
        assert {"dataset", "size"} <= {field.name for field in dataclasses.fields(config)}
