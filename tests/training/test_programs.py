"""`ecgclip train`: the stages have options of their own, and what is wrong is one line."""

import re
import sys

import pytest

from ecgclip.cli import main
from ecgclip.cli.train import Stage, settings_of
from ecgclip.config import load_config

DATA = ["--data", "synthetic:3"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["signal", "--config", "train/no.toml", *DATA], "no such file"),
        (["sheet", "--config", "train/ecgclip-tiny/07-sheet.toml", "--data", "nowhere"], "nowhere"),
        (["curves", "--config", "train/ecgclip-tiny/08-curves.toml", "--data", "nowhere"], "nowhere"),
        (["text", "--config", "few.toml", "--model", "none", *DATA], "steps is 0"),
        (["text", "--config", "few.toml", *DATA], "required: --model"),
        (["signal", "--config", "train/signal.toml", *DATA, "--resume"], "--resume"),
        (["contrastive", "--config", "train/smoke.toml"], "required: --data"),
        (["--config", "train/smoke.toml"], "needs --config F and --data SOURCE"),
        (
            ["image", "--config", "train/smoke.toml", *DATA],
            "invalid choice: 'image' (choose from 'contrastive', 'text', 'signal', 'sheet', 'curves')",
        ),
        (["sheet", "--config", "train/smoke.toml", *DATA], "unknown key"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.toml").write_text("steps = 0")
    assert main(["train", *arguments]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Stage." not in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("stage", [*Stage, None])
def test_without_torch_a_line_says_what_to_install(stage, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "default.toml").write_text("seed = 0")
    for name in [name for name in sys.modules if name.startswith("ecgclip.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    command = ["train", *([stage] if stage else []), "--config", "default.toml", *DATA]
    assert main([*command, *(["--model", "none"] if stage is Stage.TEXT else [])]) == 2
    told = capsys.readouterr().err
    assert "pip install 'ecgclip[train]'" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("stage", Stage)
def test_the_help_names_every_stage_and_a_configuration_of_it(stage, capsys):
    assert main(["train", "--help"]) == 0
    assert f"    {stage} " in capsys.readouterr().out
    assert main(["train", stage, "--help"]) == 0
    (example,) = re.findall(r"such as (\S+)", capsys.readouterr().out)
    assert load_config(example, settings_of(stage))
