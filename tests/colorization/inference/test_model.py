"""A model folder as it is read, and a picture's colours, which depend on that picture alone."""

import json
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from skimage import color

from colorization.color.bins import BINS
from colorization.errors import InputError
from colorization.inference.bundled import bundled_model
from colorization.inference.colorize import load_colorizer
from colorization.inference.model import Condition, Model, ModelCard, NonFiniteError
from tests.colorization.formula_model import save_formula_model


def test_what_a_card_does_not_say_is_filled_in():
    card = ModelCard.from_json({"future": "words"})
    assert card.numbers == {"saturation": 1.0, "vibrance": 0.0}
    assert (card.outputs, card.input_size, card.presets, card.inputs) == (("ab",), 256, {}, {})
    np.testing.assert_array_equal(card.bin_colours, BINS)


def test_conditions_are_told_apart_by_their_kind():
    conditions = {
        "saturation": {"kind": "number", "default": 1.25},
        "hint_ab": {"kind": "plane", "channels": 2},
        "reference": {"kind": "vector", "channels": 64},
    }
    card = ModelCard.from_json({"conditions": conditions})
    assert card.numbers == {"saturation": 1.25, "vibrance": 0.0}
    assert card.inputs == {"hint_ab": Condition("plane", channels=2), "reference": Condition("vector", channels=64)}


def test_a_kind_that_is_none_is_told(tmp_path):
    save_formula_model("unet", str(tmp_path))
    (tmp_path / "model.json").write_text(json.dumps({"conditions": {"x": {"kind": "tensor"}}}))
    with pytest.raises(InputError, match="a condition is of the kind 'tensor'; known: number, plane, vector"):
        Model(tmp_path)


def test_planes_that_are_left_out_are_zeros(tmp_path):
    save_formula_model("siggraph17", str(tmp_path))
    model, L = Model(tmp_path), np.full((2, 5, 7, 1), 50.0)
    np.testing.assert_array_equal(model.predict(L)["ab"], np.zeros((2, 5, 7, 2), np.float32))
    hints = {"hint_ab": np.full((2, 5, 7, 2), 9.0), "hint_mask": np.ones((2, 5, 7, 1))}
    np.testing.assert_array_equal(model.predict(L, **hints)["ab"], np.full((2, 5, 7, 2), 9, np.float32))


def test_an_answer_that_holds_no_numbers_is_an_error(tmp_path):
    save_formula_model("nan", str(tmp_path / "model"))
    with pytest.raises(NonFiniteError, match="model answers with NaN or infinity, not with colours: import or export"):
        load_colorizer(tmp_path / "model")(np.full((9, 9), 99, np.uint8))


@pytest.fixture(scope="module")
def photo():
    return load_colorizer(bundled_model())


def pictures(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [np.kron(random.integers(0, 256, (20, 30)), np.ones((8, 8))).astype(np.uint8) for _ in range(count)]


def test_a_pictures_colours_do_not_depend_on_its_neighbours(photo):
    album = pictures(3)
    together = photo(np.stack(album)[..., None])
    np.testing.assert_array_equal(together, np.stack([photo(each) for each in album]))
    np.testing.assert_array_equal(photo(np.repeat(album[0][..., None], 3, axis=-1)), together[0])


def test_a_pictures_colours_do_not_depend_on_threads(photo):
    album = pictures(8)
    expected = [photo(each) for each in album]
    with ThreadPoolExecutor(4) as pool:
        for one, other in zip(pool.map(photo, album * 2), expected * 2, strict=True):
            np.testing.assert_array_equal(one, other)


def test_lightness_is_kept_at_both_depths(photo):
    [grey] = pictures(1)
    for picture, white in ((grey, 255), (grey.astype(np.uint16) * 257, 65535)):
        before = color.rgb2lab(np.repeat(picture[..., None] / white, 3, axis=-1))[..., 0]
        result = photo(picture)
        assert result.dtype == picture.dtype
        after = color.rgb2lab(result / white)
        assert np.abs(after[..., 0] - before).mean() <= 0.5
        assert np.abs(after[..., 1:]).mean() > 2


def test_the_folder_may_be_given_as_a_word():
    assert load_colorizer(str(bundled_model())).path == Path(bundled_model())


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        (np.zeros((0, 4), np.uint8), r"at least one pixel, got \(0, 4\)"),
        ("a.jpg", "must be a numpy array, got str"),
        (np.zeros((4, 4)), "must be uint8, or uint16, got float64"),
        (np.zeros((4, 4, 2), np.uint8), r"got \(4, 4, 2\)"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_pass(pictures, told):
    with pytest.raises(ValueError, match=told):
        load_colorizer(bundled_model())(pictures)


def test_a_pickled_model_needs_no_file(tmp_path):
    save_formula_model("siggraph17", str(tmp_path / "model"))
    model = Model(tmp_path / "model")
    pickled = pickle.dumps(model)
    shutil.rmtree(tmp_path / "model")
    L = np.float32([[[[10.0], [60.0]]]])
    unpickled = pickle.loads(pickled)
    np.testing.assert_array_equal(unpickled.predict(L)["ab"], model.predict(L)["ab"])
    assert (unpickled.path, unpickled.card.presets) == (model.path, model.card.presets)
