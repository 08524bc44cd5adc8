"""The published comparison's command: which rows it knows, and the table that it prints."""

import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

from ecgclip.config import load_config
from research.qiu import compare
from research.qiu.scores import pair_figures
from research.qiu.settings import RowConfig


def test_every_row_is_trained_on_its_side_of_the_split_alone():
    for row in compare.ROWS:
        config = load_config(compare.CONFIGS / f"{row}.toml", RowConfig)
        assert config.folds == compare.TRAIN_FOLDS
    assert not set(compare.TRAIN_FOLDS) & set(compare.TEST_FOLDS)


def test_rows_of_one_budget_differ_in_nothing_but_what_their_names_say():
    def budget(config):
        return config.epochs, config.batch_size, config.learning_rate, config.model.image.depth, config.seed

    configs = {row: load_config(compare.CONFIGS / f"{row}.toml", RowConfig) for row in compare.ROWS}
    inputs = [row for row in compare.ROWS if row.removesuffix("-ours") in compare.INPUTS]
    assert len(inputs) == 12
    assert len({budget(configs[row]) for row in inputs}) == 1
    for row in inputs:
        assert configs[row].model.image.input == row.removesuffix("-ours")
        assert bool(configs[row].pairing.matching) is not row.endswith("-ours")
    assert len({str(configs[row].losses) for row in compare.INPUTS}) == 1


def test_the_table_shows_what_is_done_beside_what_was_published(tmp_path):
    scores = np.eye(300)  # every pair is found
    figures = pair_figures(scores, scores.T, [f"report {i}" for i in range(300)], np.ones((4, 300)))
    (tmp_path / "grid-ours").mkdir()
    (tmp_path / "grid-ours" / "pairs.json").write_text(json.dumps({"cosine": asdict(figures)}))
    first, *lines = compare.table(tmp_path).splitlines()
    assert first == "300 pairs, chance RSUM 10.67"
    told = [line for line in lines if line.startswith("grid-ours")]
    assert len(told) == 1
    assert "600.0 [600.0 600.0]" in told[0]
    assert told[0].endswith("133.57")
    assert not any(line.startswith("paper") for line in lines)


def test_nothing_done_is_said(tmp_path):
    assert compare.table(tmp_path).startswith("no row is done")


@pytest.mark.parametrize("module", ["research.qiu", "research.qiu.compare"])
def test_both_commands_explain_themselves(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0
    assert "--out" in done.stdout


def test_bad_input_is_one_line_and_exit_code_2(tmp_path):
    (tmp_path / "row.toml").write_text("[pairing]\nmomentum = 1.0\nqueue = 3")
    command = [sys.executable, "-m", "research.qiu", "--config", str(tmp_path / "row.toml")]
    done = subprocess.run(
        [*command, "--data", "synthetic:3", "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "a queue of 3 holds no batch" in done.stderr
    assert done.stderr.count("\n") == 1
