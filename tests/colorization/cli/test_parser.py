"""The command line: dataclasses in, dataclasses out, and one line for every wrong word."""

import json
import tomllib
from pathlib import Path

import pytest

import colorization
from colorization.cli.main import main
from colorization.cli.options import dashed, option_fields
from colorization.cli.parser import COMMANDS, parse
from colorization.config import (
    MODEL_CONFIGS,
    Cifar10Config,
    ClassificationConfig,
    ColorizeOptions,
    Div2kConfig,
    EvaluateOptions,
    GuidedConfig,
    ImportOptions,
    RunConfig,
    SamplesConfig,
    Siggraph17Config,
    TrainingConfig,
    UNetConfig,
    model_to_json,
)
from colorization.errors import InputError
from colorization.inference.bundled import bundled_model

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def test_a_bundled_model_is_taken_by_its_name_wherever_a_model_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = str(bundled_model("cifar10"))
    assert parse(["colorize", "a.png", "--model", "cifar10"]).options.model == folder
    assert parse(["serve", "--model", "cifar10", "--model", "photo"]).options.model == (folder, str(bundled_model()))
    assert parse(["evaluate", "cifar10"]).options.path == folder
    assert parse(["compare", "cifar10"]).options.paths == (folder,)
    request = parse(["--init", "photo"])
    assert (type(request.model), request.training.init) == (GuidedConfig, str(bundled_model()))


def test_train_is_meant_when_the_first_word_is_an_option():
    request = parse(["--model", "unet", "--dataset", "div2k", "--mode", "patches", "--width", "8", "--epochs", "3"])
    assert request.command == "train"
    assert request.model == UNetConfig(width=8)
    assert request.data == Div2kConfig(mode="patches")
    assert request.training == TrainingConfig(epochs=3)


def test_defaults_are_the_dataclasses_own():
    request = parse(["train"])
    assert (request.model, request.data, request.training) == (UNetConfig(), SamplesConfig(), TrainingConfig())


def test_evaluate_takes_the_runs_own_data_or_another_by_name(tmp_path):
    assert parse(["evaluate", str(tmp_path), "--data-dir", str(tmp_path)]).changes == {"data_dir": str(tmp_path)}
    other = parse(["evaluate", str(tmp_path), "--dataset", "cifar10", "--limit", "5"])
    assert (other.data, other.options) == (Cifar10Config(), EvaluateOptions(path=str(tmp_path), limit=5))


def test_resume_may_extend_but_change_nothing_else(tmp_path):
    request = parse(["train", "--resume", str(tmp_path), "--epochs", "9"])
    assert request.changes == {"epochs": 9}
    assert request.model is None
    for words in (["--width", "3"], ["--learning-rate", "1"], ["--model", "unet"], ["--dataset", "cifar10"]):
        with pytest.raises(InputError, match="fixed by the run"):
            parse(["train", "--resume", str(tmp_path), *words])


def test_import_takes_a_name_and_perhaps_a_file(tmp_path):
    assert parse(["import", "eccv16"]).options == ImportOptions(name="eccv16", file="")
    file = tmp_path / "weights.pth"
    file.write_bytes(b"")
    request = parse(["import", "eccv16", str(file), "--output", "here", "--overwrite", "--cache-dir", "cache"])
    assert request.options == ImportOptions("eccv16", str(file), output="here", overwrite=True, cache_dir="cache")
    assert (request.command, request.model, request.training, request.data) == ("import", None, None, None)


def test_files_may_stand_anywhere_and_after_two_dashes_begin_with_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("weights.pth", "a.png", "-b.png"):
        Path(name).write_bytes(b"")
    options = parse(["import", "ddcolor", "--variant", "tiny", "weights.pth"]).options
    assert (options.name, options.variant, options.file) == ("ddcolor", "tiny", "weights.pth")
    assert parse(["colorize", "a.png", "--flips", "a.png"]).options.pictures == ("a.png", "a.png")
    assert parse(["colorize", "--flips", "--", "-b.png", "a.png"]).options.pictures == ("-b.png", "a.png")


def test_colorize_asks_for_nothing_of_its_own():
    options = parse(["colorize", "a.png"]).options
    assert options == ColorizeOptions(pictures=("a.png",))
    assert options.temperature is None
    assert (options.samples, options.confidence, options.hint, options.hint_radius) == (0, False, (), 0)


def test_colorize_takes_what_a_model_may_be_asked_for():
    hints = ["--hint", "1,2,#c03020", "--hint", "3,4,#2030c0"]
    words = ["--temperature", "0", "--samples", "3", "--confidence", *hints, "--hint-radius", "5"]
    options = parse(["colorize", "a.png", "b.png", *words]).options
    assert options.pictures == ("a.png", "b.png")
    assert options.hint == ("1,2,#c03020", "3,4,#2030c0")
    assert (options.temperature, options.samples, options.confidence, options.hint_radius) == (0.0, 3, True, 5)


# --- fine-tuning from an exported model ---


@pytest.fixture
def exported(tmp_path):
    """Make a folder with the model.json of an exported model: exported(UNetConfig()) -> its path."""

    def make(model) -> str:
        folder = tmp_path / "exported"
        folder.mkdir(exist_ok=True)
        card = {"model": model_to_json(model), "data": None, "input_size": 256}
        (folder / "model.json").write_text(json.dumps(card))
        return str(folder)

    return make


@pytest.mark.parametrize(
    "model",
    [UNetConfig(width=5, target="rgb"), ClassificationConfig(width=8, temperature=0.7), Siggraph17Config(width=6)],
)
def test_init_brings_model_and_settings(exported, model):
    path = exported(model)
    for words in (["train", "--init", path], ["--init", path], ["train", f"--init={path}"]):
        request = parse(words)
        assert request.model == model
        assert request.training == TrainingConfig(init=path)
        assert request.data == SamplesConfig()
    name = next(name for name, cls in MODEL_CONFIGS.items() if isinstance(model, cls))
    assert parse(["train", "--model", name, "--init", path]).model == model  # said twice, and the same


def test_options_win_over_those_of_init(exported):
    path = exported(ClassificationConfig(width=8, rebalance=0.9, temperature=0.7))
    request = parse(["train", "--init", path, "--temperature", "0.2", "--epochs", "3", "--dataset", "cifar10"])
    assert request.model == ClassificationConfig(width=8, rebalance=0.9, temperature=0.2)
    assert request.training == TrainingConfig(epochs=3, init=path)
    assert request.data == Cifar10Config()


def test_option_of_another_model_than_that_of_init_is_told(exported, capsys):
    path = exported(ClassificationConfig())
    assert main(["train", "--init", path, "--depth", "2"]) == 2
    assert "--depth is an option of --model unet, not of classification" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["unet", "siggraph17"])
def test_init_with_another_model_is_refused(exported, other):
    path = exported(ClassificationConfig())
    with pytest.raises(InputError, match=f"--init {path} is a classification network, no {other}; leave --model out"):
        parse(["train", "--init", path, "--model", other])


def test_siggraph17_is_not_trained_from_nothing(capsys):
    assert main(["train", "--model", "siggraph17"]) == 2
    message = capsys.readouterr().err
    assert " import siggraph17` fetches the published weights, then give --init saved_models/siggraph17" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("damage", [None, b"", b"\xff\xfe", b"{", b"{}", b"[]", b'{"model": {"name": "gone"}}'])
def test_init_with_what_is_no_exported_model_is_refused(tmp_path, capsys, damage):
    if damage is not None:
        (tmp_path / "model.json").write_bytes(damage)
    assert main(["train", "--init", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert f"{tmp_path / 'model.json'}" in message
    assert message.count("\n") == 1


def test_init_with_a_folder_that_is_no_exported_model_says_so(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError, match="is no exported model: .*model.json cannot be read; give saved_models/"):
            parse(["train", "--init", str(folder)])


def test_init_cannot_be_changed_when_a_run_goes_on(exported, tmp_path):
    path = exported(UNetConfig())
    with pytest.raises(InputError, match="--init is fixed by the run"):
        parse(["train", "--resume", str(tmp_path), "--init", path])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trian"], "unknown command 'trian'; did you mean train? known: train, evaluate"),
        (["colourise", "old.jpg"], "unknown command 'colourise'; did you mean colorize? known: train"),
        (["paint"], "unknown command 'paint'; known: train, evaluate"),
        (["old photo.jpg"], "'old photo.jpg' is no command; to colorize it: "),
        (["old photo.jpg"], " colorize 'old photo.jpg'\n"),
        (["album/"], " colorize album/\n"),
        (["."], " colorize .\n"),
        (["--model", "unt"], "unknown model 'unt'; known: unet"),
        (["--dataset", "cifar"], "unknown data set 'cifar'; known: samples, cifar10"),
        (["--mode", "patches"], "--mode is an option of --dataset div2k, not of samples, whose options are: --size"),
        (["--dataset", "cifar10", "--size", "64"], "--size is an option of --dataset samples"),
        (["--palette", "#c03020", "old.jpg"], "--palette is an option of colorize, not of train; "),
        (["serve", "--vibrance", "1"], "--vibrance is an option of "),
        (["--wdth", "3"], "unknown option --wdth; did you mean --width?"),
        (["--model", "unet", "--datset", "cifar10"], "unknown option --datset; did you mean --dataset?"),
        (["--epochs", "0"], "--epochs: 0 is less than 1"),
        (["--epochs", "many"], "--epochs: invalid whole number value: 'many'"),
        (["--target", "xyz"], "invalid choice: 'xyz'"),
        (["--dataset", "folder", "--data-dir", "no/where"], "no/where does not exist"),
        (["export"], "required: PATH"),
        (
            ["colorize", "a.png", "--model", "photos"],
            "--model: photos does not exist; bundled models: cifar10, photo, photo-open",
        ),
        (["--init", "photos"], "--init photos is no exported model"),
        (["import", "eccv17"], "invalid choice: 'eccv17' (choose from 'eccv16', 'siggraph17', 'ddcolor', 'deoldify')"),
        (["train", "twice"], "'twice' is one word too many"),
        (["import"], "required: NAME"),
        (["import", "eccv16", "not/there.pth"], "not/there.pth does not exist"),
        (["colorize", "a.png", "--samples", "101"], "--samples: 101 is more than 100"),
        (["colorize", "a.png", "--samples", "-1"], "--samples: -1 is less than 0"),
        (["colorize", "a.png", "--temperature", "-0.5"], "--temperature: -0.5 is less than 0"),
        (["colorize", "a.png", "--temperature", "nan"], "--temperature: nan is no finite number"),
        (["colorize", "a.png", "--hint-radius", "-1"], "--hint-radius: -1 is less than 0"),
        (["colorize", "a.png", "--hint"], "--hint: expected one argument"),
    ],
)
def test_wrong_words_get_one_line_that_lists_what_exists(words, told, capsys):
    assert main(words) == 2
    message = capsys.readouterr().err
    assert told in message
    assert message.count("\n") == 1


def test_the_version_stands_in_one_place(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"colorization {colorization.__version__}\n"
    project = tomllib.loads(PYPROJECT.read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "colorization.__version__"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_defaults_and_units(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    told = {each.split()[0]: each for each in text.split("options of ")[1].split(" --")[1:]}  # name: its words
    for field in option_fields(COMMANDS[command].options):
        if field.default not in (None, "", ()) and not isinstance(field.default, bool):
            unit = field.metadata["unit"]
            shown = f"{field.default:,} {unit}" if unit else field.default
            assert f"(default: {shown})" in told[dashed(field.name)]
        elif field.default == "" and not field.metadata["positional"]:  # its help says what empty means
            assert "(default: " not in told[dashed(field.name)]


def test_config_goes_to_json_and_back():
    config = RunConfig(UNetConfig(width=7, target="rgb"), Div2kConfig(size=64), TrainingConfig(seed=5))
    assert RunConfig.from_json(config.to_json(), "config.json") == config


def test_what_an_older_config_does_not_say_gets_its_default():
    tree = RunConfig(UNetConfig(width=7), Div2kConfig(size=64), TrainingConfig(seed=5)).to_json()
    del tree["training"]["warmup"], tree["model"]["loss"], tree["data"]["mode"]
    expected = RunConfig(UNetConfig(width=7), Div2kConfig(size=64), TrainingConfig(seed=5))
    assert RunConfig.from_json(tree, "config.json") == expected


@pytest.mark.parametrize(
    "damage",
    [{"model": {"name": "gone"}}, {"training": {"gone": 1}}, {"data": {"dataset": "folder", "size": "large"}}],
)
def test_config_of_another_version_is_refused(damage):
    tree = RunConfig(UNetConfig(), SamplesConfig(), TrainingConfig()).to_json() | damage
    with pytest.raises(InputError, match="logs/a/config.json was written by another version"):
        RunConfig.from_json(tree, "logs/a/config.json")
