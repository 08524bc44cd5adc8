"""The configurations are read, and each differs from the one before in what its name says."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecgclip.config import load_config
from ecgclip.training.contrastive.settings import Contrast, TrainConfig
from research.qiu.settings import RowConfig

FOLDER = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def config(name: str) -> TrainConfig:
    return load_config(FOLDER / f"{name}.toml", RowConfig if name == "5-queue" else TrainConfig)


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_asks_fold_9_of_folds_1_to_8(name):
    assert config(name).folds == tuple(range(1, 9))
    assert config(name).valid_fold == 9


def test_each_step_adds_one_part():
    reports, synthetic, soft = config("1-reports"), config("2-synthetic"), config("3-soft")
    assert replace(reports, image_start=synthetic.image_start) == synthetic
    assert replace(synthetic, losses=replace(synthetic.losses, contrast=Contrast.SOFT)) == soft
    neighbours = replace(soft, losses=replace(soft.losses, neighbours=1.0))
    assert neighbours == config("4-neighbours")
    statements = config("5-statements")
    assert replace(statements, text_batch_size=0, losses=neighbours.losses) == neighbours
    taught, mixed = config("6-taught"), config("7-mixed")
    assert replace(taught, teaching=mixed.teaching) == mixed
    assert replace(mixed, photographs=config("8-photographed").photographs) == config("8-photographed")


def test_masked_pre_training_stands_in_the_place_of_synthetic_ecgs():
    synthetic = config("2-synthetic")
    assert replace(synthetic, image_start="runs/masked-shipped/start") == config("2-masked")
