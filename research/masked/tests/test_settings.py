"""Impossible settings and arguments without a file are reported in one line."""

import subprocess
import sys

import pytest

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from research.masked.settings import Comparison, MaskedTraining


@pytest.mark.parametrize(
    ("kind", "toml", "words"),
    [
        (MaskedTraining, "valid_every = 0", "valid_every is 0"),
        (Comparison, "batch_size = 0", "batch_size is 0"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, kind, toml, words):
    path = tmp_path / "run.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError) as refusal:
        load_config(path, kind)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_bad_input_is_one_line_and_exit_code_2():
    command = [sys.executable, "-m", "research.masked", "pretrain", "--data", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert done.stderr.count("\n") == 1
