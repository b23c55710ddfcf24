"""Published weights -> an exported model. The networks are theirs, but four channels wide, with random weights."""

import dataclasses
import io
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

import colorization
from colorization.cli import import_published
from colorization.cli.main import main
from colorization.cli.parser import Request
from colorization.config import PUBLISHED_NAMES, ImportOptions
from colorization.errors import InputError
from colorization.export import published
from colorization.export.published import PUBLISHED
from colorization.inference.hints import Hint
from colorization.models.weights import keyed, read_weights
from tests.colorization.cli.notebook import Notebook
from tests.colorization.cli.tiny_published import TINY, file_weights, publish_tiny, state_dict
from tests.colorization.serving.server_process import picture, serving

GREY = np.linspace(40, 210, 37 * 51).astype(np.uint8).reshape(37, 51)


@pytest.fixture(scope="module", autouse=True)
def tiny_networks():
    """PUBLISHED is tiny, and reading a file gives random weights for the network that the file is named after."""
    with pytest.MonkeyPatch.context() as patch:
        publish_tiny(patch)
        patch.setattr(import_published, "read_state_dict", lambda file: state_dict(file.stem))
        patch.setattr(import_published, "check_pytorch", lambda file: None)  # nothing of it is needed here
        yield


def imported(console=None, **options) -> int:
    return import_published.run(Request("import", ImportOptions(**options)), console or Notebook())


@pytest.fixture(scope="module", params=TINY)
def name(request):
    return request.param


@dataclass(frozen=True)
class Done:
    """An import that was made: into a folder that held something else, and with the file given."""

    folder: Path
    refusal: str
    said: list[str]


@pytest.fixture(scope="module")
def done(name, tmp_path_factory):
    folder, file = tmp_path_factory.mktemp("import") / "model", tmp_path_factory.mktemp("file") / f"{name}.pth"
    file.write_bytes(b"")
    folder.mkdir()
    (folder / "notes.txt").write_text("precious")
    asked = {
        "name": name.partition("_")[0],
        "variant": name.partition("_")[2],
        "file": str(file),
        "output": str(folder),
    }
    with pytest.raises(InputError) as refused:
        imported(**asked)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    console = Notebook()
    assert imported(console, overwrite=True, **asked) == 0
    return Done(folder, str(refused.value), console.said)


@pytest.fixture(scope="module")
def model(done):
    return colorization.load(done.folder)


def test_a_folder_that_holds_something_else_is_written_into_only_when_asked_and_keeps_it(name, done):
    assert done.refusal == (
        f"{done.folder} exists and is no export of the published {name}; "
        "give --overwrite to replace it, or move it away"
    )
    assert sorted(path.name for path in done.folder.iterdir()) == ["model.json", "model.onnx", "notes.txt"]
    assert [path.name for path in done.folder.parent.iterdir()] == ["model"]


def test_card_says_what_it_is_and_where_it_comes_from(name, done):
    card = json.loads((done.folder / "model.json").read_text())
    assert card["input_size"] == TINY[name].working_size
    assert card["run"] == f"published {name}"
    assert card["data"] is None
    assert card["licence"] == TINY[name].licence
    known_file = None if name == "ddcolor_tiny" else False
    assert (card["published"]["file"], card["published"]["is_the_released_file"]) == (f"{name}.pth", known_file)
    if name == "eccv16":
        assert card["conditions"]["temperature"] == {"kind": "number", "default": 1.0}
        assert (card["outputs"], card["stride"]) == (["logits"], 4)
        assert (card["model"]["name"], card["model"]["width"]) == ("classification", 4)
    elif name == "ddcolor_tiny":
        assert (card["outputs"], card["stride"]) == (["ab"], 0)
        assert (card["model"]["encoder"], card["model"]["queries"]) == ("convnext_tiny", 3)
    elif name == "deoldify":
        assert card["outputs"] == ["ab"]
        assert card["model"] == {"name": "deoldify", "generator": "artistic", "width": 4}
    else:
        assert card["conditions"]["hint_ab"] == {"kind": "plane", "channels": 2}
        assert card["outputs"] == ["ab"]
        assert card["model"] == {"name": "siggraph17", "width": 4}


def test_what_is_said_names_size_licence_and_what_to_do_next(name, done):
    weights = sum(array.size for key, array in file_weights(name).items())
    assert f"{name}: {weights:,} weights of " in done.said[-3]
    ending = "not known beforehand" if name == "ddcolor_tiny" else "not the released file (its SHA-256)"
    assert done.said[-3].endswith(ending)
    assert TINY[name].licence in done.said[-2]
    assert done.said[-1].endswith(f" colorize PICTURE --model {done.folder}")
    about_bins = [line for line in done.said if "model_out" in line]
    assert len(about_bins) == (name == "eccv16")
    assert all(line.startswith("model_out is not the centres of the 313 colours / 110") for line in about_bins)


def test_weights_are_those_of_the_file(name, done):
    """Each has the place that `convert` gives it, which test_published.py proves; all of the file's are there."""
    converted = keyed(published.convert(name, state_dict(name)).network.variables)
    weights = read_weights(done.folder / "model.onnx")
    assert set(weights) == set(converted)
    for key, weight in weights.items():
        np.testing.assert_array_equal(weight, converted[key], err_msg=key)
    assert len(weights) == len(file_weights(name))


def test_grey_picture_gets_colour_and_keeps_its_size(model):
    picture = model(GREY)
    assert (picture.shape, picture.dtype) == ((37, 51, 3), np.uint8)
    assert np.ptp(picture.astype(int), axis=-1).mean() > 1
    assert model(np.stack([GREY, GREY])[..., None]).shape == (2, 37, 51, 3)


@pytest.mark.parametrize("name", ["siggraph17"], indirect=True)
def test_hints_reach_the_network(model):
    L = np.random.default_rng(0).random((1, 24, 32, 1), np.float32) * 100
    ab, mask = np.zeros((1, 24, 32, 2), np.float32), np.zeros((1, 24, 32, 1), np.float32)
    plain = model.predict_ab(L)
    np.testing.assert_allclose(model.predict_ab(L, hint_ab=ab, hint_mask=mask), plain, atol=1e-3)
    mask[:, 10:14, 10:14] = 1
    grey_hint = model.predict_ab(L, hint_ab=ab, hint_mask=mask)
    ab[:, 10:14, 10:14] = [60, -40]
    hint = model.predict_ab(L, hint_ab=ab, hint_mask=mask)
    assert np.abs(grey_hint - plain).max() > 0.1  # the mask counts
    assert np.abs(hint - grey_hint).max() > 0.1  # and so does the colour
    assert hint.shape == plain.shape == (1, 24, 32, 2)


@pytest.mark.parametrize("name", ["siggraph17"], indirect=True)
def test_hint_changes_the_picture(model):
    plain, hinted = model(GREY), model(GREY, hints=[Hint(20, 10, (230, 20, 20))], hint_radius=3)
    assert hinted.shape == plain.shape
    assert np.abs(hinted.astype(int) - plain).max() > 1
    both = model(np.stack([GREY, GREY])[..., None], hints=[Hint(20, 10, (230, 20, 20))], hint_radius=3)
    np.testing.assert_array_equal(both, np.stack([hinted, hinted]))  # a hint is for every picture of a batch


@pytest.mark.parametrize("name", ["eccv16"], indirect=True)
def test_samples_and_confidence_come_from_the_imported_distribution(model):
    variants = model.variants(GREY)
    samples = [variants.sample(1.0, seed) for seed in range(3)]
    assert [sample.shape for sample in samples] == [(37, 51, 3)] * 3
    assert all(np.abs(sample.astype(int) - samples[0]).max() > 10 for sample in samples[1:])
    assert variants.confidence().shape == (37, 51)


@pytest.mark.parametrize("name", ["ddcolor_tiny", "deoldify"], indirect=True)
def test_it_is_served(name, done, tmp_path):
    with serving(tmp_path, "--model", done.folder) as server:
        [told] = json.loads(server.ask("/models")[2])
        status, headers, body = server.ask("/colorize?model=model&input_size=32", picture("JPEG", size=(90, 70)))
    assert told == {
        "name": "model",
        "presets": {},
        "numbers": {"saturation": 1.0, "vibrance": 0.0},
        "input_size": 64,
        "input_sizes": [32, 48, 64, 80, 96, 128],
    }
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as coloured:
        assert coloured.size == (90, 70)
        assert np.ptp(np.asarray(coloured).astype(int), axis=-1).mean() > 1


# --- what is settled before anything is read ---


def test_every_published_network_can_be_named():
    assert tuple(name for name in PUBLISHED if "_" not in name) == PUBLISHED_NAMES


WORDS = {  # that import the file of a network
    "eccv16": "import eccv16 FILE",
    "siggraph17": "import siggraph17 FILE",
    "ddcolor_tiny": "import ddcolor FILE --variant tiny",
    "deoldify": "import deoldify FILE --variant artistic",
}
VARIANTS = {"ddcolor": ("modelscope", "artistic", "paper", "tiny"), "deoldify": ("artistic", "stable", "video")}


def test_every_variant_can_be_named():
    [choices] = [f.metadata["choices"] for f in dataclasses.fields(ImportOptions) if f.name == "variant"]
    assert set(choices) == {variant for variants in VARIANTS.values() for variant in variants}
    named = {published.full_name(name, variant) for name, variants in VARIANTS.items() for variant in variants}
    assert named == {name for name in PUBLISHED if name.startswith(tuple(VARIANTS))}
    assert {published.full_name(name) for name in VARIANTS} == set(VARIANTS)


def test_a_variant_that_does_not_exist_is_wrong_usage(capsys):
    assert main(["import", "ddcolor", "--variant", "huge"]) == 2
    told = capsys.readouterr().err
    assert "invalid choice: 'huge'" in told
    assert "tiny" in told
    with pytest.raises(InputError, match="eccv16 has no variant 'tiny'; leave --variant out"):
        imported(name="eccv16", variant="tiny")
    with pytest.raises(InputError, match="deoldify has no variant 'tiny'; known: artistic, stable, video"):
        imported(name="deoldify", variant="tiny")


@pytest.mark.parametrize("name", ["ddcolor_tiny"], indirect=True)
def test_weights_of_16_bits_are_half_as_large_and_their_loss_is_told(done, tmp_path):
    (tmp_path / "ddcolor_tiny.pth").write_bytes(b"")
    console, asked = Notebook(), {"name": "ddcolor", "variant": "tiny", "file": str(tmp_path / "ddcolor_tiny.pth")}
    assert imported(console, output=str(tmp_path / "half"), half=True, **asked) == 0
    half, whole = (bytes_of_constants(folder / "model.onnx") for folder in (tmp_path / "half", done.folder))
    assert half < 0.6 * whole
    [told] = [line for line in console.said if line.startswith("16-bit weights: ")]
    assert abs(float(told.split()[2])) < 0.1


def bytes_of_constants(path):
    """Bytes of a model.onnx's constants; the graph itself is larger than this network's weights."""
    return sum(onnx.numpy_helper.to_array(each).nbytes for each in onnx.load(path).graph.initializer)


@pytest.mark.parametrize(("given", "asked"), list(itertools.permutations(WORDS, 2)))
def test_another_networks_file_is_told_with_what_to_type(tmp_path, given, asked):
    (tmp_path / f"{given}.pth").write_bytes(b"")
    name, _, variant = asked.partition("_")
    with pytest.raises(InputError, match=f"^these are no weights of {asked}, but of {given}: {WORDS[given]}$"):
        imported(name=name, variant=variant, file=str(tmp_path / f"{given}.pth"), output=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_another_variants_file_is_told_by_its_name(tmp_path):
    (tmp_path / "ddcolor_tiny.pth").write_bytes(b"")
    asked = {"name": "ddcolor", "file": str(tmp_path / "ddcolor_tiny.pth"), "output": str(tmp_path / "out")}
    for variant, name in (("", "ddcolor"), ("artistic", "ddcolor_artistic")):
        with pytest.raises(InputError, match=f"no weights of {name}, but of ddcolor_tiny: .* --variant tiny$"):
            imported(variant=variant, **asked)
    large = {published.STEM: np.zeros((192, 3, 4, 4), np.float32)}
    with pytest.raises(InputError, match="import ddcolor FILE --variant modelscope or paper or artistic$"):
        published.convert("ddcolor_tiny", large)
    with pytest.raises(InputError, match="no weights of deoldify, but .*: .* FILE --variant stable or video$"):
        published.convert("deoldify", {published.TOP: np.zeros(2048, np.float32)})
    assert not (tmp_path / "out").exists()


def test_without_a_file_it_is_downloaded_into_the_cache(tmp_path, monkeypatch):
    fetched = []

    def fetch(remote, folder, progress):
        fetched.append((remote, folder, progress))
        raise InputError("no network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(import_published, "fetch", fetch)
    console = Notebook()
    with pytest.raises(InputError, match="no network"):
        imported(console, name="eccv16", cache_dir="cache")
    assert fetched == [(TINY["eccv16"].remote, Path("cache/published"), console.progress)]
    assert list(tmp_path.iterdir()) == []


def test_downloaded_file_is_the_one_that_is_read(tmp_path, monkeypatch):
    class ReadError(Exception):
        pass

    def read(file):
        raise ReadError(file)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(import_published, "fetch", lambda remote, folder, progress: folder / remote.name)
    monkeypatch.setattr(import_published, "read_state_dict", read)
    with pytest.raises(ReadError) as told:
        imported(name="siggraph17", cache_dir="cache")
    assert told.value.args == (Path("cache/published/siggraph17-df00044c.pth"),)


def test_place_that_is_taken_is_told_before_the_download(tmp_path, monkeypatch):
    def fetch(remote, folder, progress):
        raise AssertionError("downloaded for nothing")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(import_published, "fetch", fetch)
    Path("saved_models/eccv16").mkdir(parents=True)
    with pytest.raises(
        InputError, match="saved_models/eccv16 exists and is no export of the published eccv16; give --overwrite"
    ):
        imported(name="eccv16")


def test_weights_of_another_network_are_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("siggraph17.pth").write_bytes(b"")
    with pytest.raises(InputError, match="these are no weights of eccv16"):
        imported(name="eccv16", file="siggraph17.pth")
    assert [path.name for path in tmp_path.iterdir()] == ["siggraph17.pth"]


def test_file_that_is_not_there_is_wrong_usage(capsys):
    assert main(["import", "eccv16", "not/there.pth"]) == 2
    assert "not/there.pth does not exist" in capsys.readouterr().err
