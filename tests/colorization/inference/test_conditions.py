"""What is asked of a model in Python: a look, numbers, planes and vectors; one line for each that does not fit."""

import json
import re

import numpy as np
import pytest

import colorization
from colorization.errors import InputError
from colorization.inference.bundled import PLACES, bundled_model, called
from colorization.inference.hints import Hint
from colorization.inference.model import Model, ModelCard
from tests.colorization.formula_model import save_formula_model

GREY = np.full((40, 48), 128, np.uint8)


@pytest.fixture(scope="module")
def photo():
    return colorization.load()


@pytest.fixture
def model(tmp_path):
    """Make a model of a kind: model("unet")."""

    def make(kind: str):
        save_formula_model(kind, str(tmp_path))
        return colorization.load(tmp_path)

    return make


def test_a_look_is_what_its_numbers_are(model):
    unet = model("unet")
    np.testing.assert_array_equal(unet(GREY, look="vivid"), unet(GREY, saturation=1.5))
    assert (unet(GREY, look="vivid") != unet(GREY)).any()
    np.testing.assert_array_equal(unet(GREY, look="vivid", saturation=0.5), unet(GREY, saturation=0.5))


def test_every_look_of_the_bundled_model_can_be_asked_for(photo):
    picture = np.random.default_rng(0).integers(0, 256, (40, 48), np.uint8)
    answers = [photo(picture, look=look) for look in ("natural", "vivid", "cautious")]
    np.testing.assert_array_equal(answers[0], photo(picture))
    assert (answers[1] != answers[0]).any()
    assert (answers[2] != answers[0]).any()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"look": "sepia"}, "photo has no look 'sepia'; it has natural, vivid, cautious"),
        ({"saturatoin": 1.2}, "photo takes no saturatoin; did you mean saturation?"),
        ({"hint": [(1, 2, "red")]}, "photo takes no hint; did you mean hints?"),
        ({"temperature": 0.5}, "photo takes no temperature; leave --temperature out, or choose another model"),
        ({"saturation": 6}, "saturation 6: give 0 to 5"),
        ({"saturation": float("nan")}, "saturation nan: give 0 to 5"),
        ({"vibrance": "high"}, "vibrance must be a number, got str: give 0 to 1"),
        ({"reference": np.ones(5)}, "reference must be numbers of the shape (313,) for each picture, got (5,)"),
        ({"reference": "a.jpg"}, "reference must be numbers of the shape (313,) for each picture"),
        ({"white": (1, 2, np.inf)}, "white must be numbers of the shape (3,) for each picture, some are none"),
        (
            {"hint_mask": np.ones((4, 4, 1))},
            "hint_mask must be numbers of the shape (144, 173, 1) for each",
        ),
        ({"hints": [(1, 2, (3, 4, 5))]}, "a hint must be a Hint, such as Hint(120, 80, (192, 48, 32)), got tuple"),
        ({"hints": [Hint(48, 0, (3, 4, 5))]}, "the hint at 48,0 lies outside the photograph of 48 x 40 px"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(photo, asked, told):
    large = GREY.repeat(4, axis=0).repeat(4, axis=1)
    with pytest.raises(InputError, match=f"^{re.escape(told)}") as caught:
        photo(GREY if "hints" in asked else large, **asked)
    assert "\n" not in str(caught.value)


def test_a_bundled_model_is_called_by_its_name():
    assert called(bundled_model()) == called(PLACES[0] / "photo") == "photo"
    assert called(PLACES[0].parent / "mine") == str(PLACES[0].parent / "mine")


# --- an older model.json ---


def test_what_an_older_file_does_not_say_is_filled_in():
    card = ModelCard.from_json({"outputs": ["logits"], "model": {"temperature": 0.6}})
    assert card.numbers == {"saturation": 1.0, "vibrance": 0.0, "temperature": 0.6}
    assert card.about["stats"] == {"mean_ab": None}
    assert ModelCard.from_json({"outputs": ["logits"]}).numbers["temperature"] == 1.0
    assert ModelCard.from_json({"outputs": ["ab", "spread"]}).numbers["certainty"] == 0.0


def test_a_model_of_an_older_file_colorizes(model, tmp_path):
    new = model("sure")
    card = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({"outputs": card["outputs"], "input_size": card["input_size"]}))
    np.testing.assert_array_equal(colorization.load(tmp_path)(GREY), new(GREY))


def test_a_folder_that_is_not_there_is_said_to_be_none(tmp_path):
    with pytest.raises(InputError, match="nope is no folder; give that of an exported model, such as saved_models/"):
        colorization.load(tmp_path / "nope")


@pytest.mark.parametrize("tree", [[], {"conditions": {"x": 1}}, {"stats": 3}, {"outputs": 3}, {"presets": {"a": 1}}])
def test_what_is_no_card_is_refused_in_one_line(model, tmp_path, tree):
    model("unet")
    (tmp_path / "model.json").write_text(json.dumps(tree))
    with pytest.raises(InputError, match=r"is no exported model, or a broken one \(.*\); make one by") as caught:
        Model(tmp_path)
    assert "\n" not in str(caught.value)
