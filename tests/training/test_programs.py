"""The training programs of their own (`python -m ecgclip.training.…`): what is wrong is one line."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "arguments", "words"),
    [
        ("signal", ["--config", "train/no.toml", "--data", "synthetic:3"], "no such file"),
        ("sheet", ["--data", "nowhere"], "nowhere"),
        ("text", ["--model", "none", "--data", "synthetic:3", "--steps", "0"], "steps is 0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(module, arguments, words):
    command = [sys.executable, "-m", f"ecgclip.training.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
