"""The command line: dataclasses in, dataclasses out, and one line for every wrong word."""

import pytest

from colorization.cli import COMMANDS, main, parse
from colorization.config import (
    Cifar10Config,
    Div2kConfig,
    EvaluateOptions,
    RunConfig,
    SamplesConfig,
    TrainingConfig,
    UNetConfig,
)
from colorization.errors import InputError


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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trian"], "unknown command 'trian'; known: train, evaluate"),
        (["--model", "unt"], "unknown model 'unt'; known: unet"),
        (["--dataset", "cifar"], "unknown data set 'cifar'; known: samples, cifar10"),
        (["--mode", "patches"], "--mode is an option of --dataset div2k, not of samples, whose options are: --size"),
        (["--dataset", "cifar10", "--size", "64"], "--size is an option of --dataset samples"),
        (["--wdth", "3"], "unknown option --wdth; did you mean --width?"),
        (["--epochs", "0"], "--epochs: 0 is less than 1"),
        (["--epochs", "many"], "--epochs: invalid whole number value: 'many'"),
        (["--target", "hsv"], "invalid choice: 'hsv'"),
        (["--dataset", "folder", "--data-dir", "no/where"], "no/where does not exist"),
        (["export"], "required: PATH"),
        (["train", "twice"], "'twice' is one word too many"),
    ],
)
def test_wrong_words_get_one_line_that_lists_what_exists(words, told, capsys):
    assert main(words) == 2
    message = capsys.readouterr().err
    assert told in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_defaults_and_units(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert "(default: " in capsys.readouterr().out


def test_config_goes_to_json_and_back():
    config = RunConfig(UNetConfig(width=7, target="rgb"), Div2kConfig(size=64), TrainingConfig(seed=5))
    assert RunConfig.from_json(config.to_json(), "config.json") == config


@pytest.mark.parametrize("damage", [{"model": {"name": "gone"}}, {"training": {}}, {"data": {"dataset": "folder"}}])
def test_config_of_another_version_is_refused(damage):
    tree = RunConfig(UNetConfig(), SamplesConfig(), TrainingConfig()).to_json() | damage
    with pytest.raises(InputError, match="logs/a/config.json was written by another version"):
        RunConfig.from_json(tree, "logs/a/config.json")
