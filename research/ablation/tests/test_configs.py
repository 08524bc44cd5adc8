"""The configurations are read, and each differs from the one before in what its name says."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecgclip.config import load_config
from ecgclip.training.contrastive.settings import Contrast, ContrastiveTraining
from research.qiu.settings import RowConfig

FOLDER = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def config(name: str) -> ContrastiveTraining:
    return load_config(FOLDER / f"{name}.toml", RowConfig if name == "5-queue" else ContrastiveTraining)


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_validates_on_fold_9_and_trains_on_folds_1_to_8(name):
    assert config(name).folds == tuple(range(1, 9))
    assert config(name).valid_fold == 9


def test_each_step_adds_one_part():
    reports, synthetic, soft = config("1-reports"), config("2-synthetic"), config("3-soft")
    assert replace(reports, init_image_from=synthetic.init_image_from) == synthetic
    assert replace(synthetic, losses=replace(synthetic.losses, contrast=Contrast.SOFT)) == soft
    compared = replace(soft, losses=replace(soft.losses, supervised_contrastive=1.0))
    assert compared == config("4-supervised-contrastive")
    statements = config("5-statements")
    assert replace(statements, text_batch_size=0, losses=compared.losses) == compared
    distilled, mixup = config("6-distillation"), config("7-mixup")
    assert replace(statements, losses=distilled.losses, distillation=distilled.distillation) == distilled
    assert replace(distilled, distillation=mixup.distillation) == mixup
    last = config("8-photo-views")
    assert replace(mixup, photo_views=last.photo_views) == last


def test_the_last_step_is_the_shipped_recipe_in_short():
    shipped = load_config("train/ecgclip-tiny/05-ptbxl.toml", ContrastiveTraining)
    last = config("8-photo-views")
    shorter = replace(shipped, epochs=8, warmup_epochs=1.0, ema_decay=0.99)
    assert shorter == last


def test_masked_pre_training_stands_in_the_place_of_synthetic_ecgs():
    synthetic = config("2-synthetic")
    assert replace(synthetic, init_image_from="runs/masked-shipped/start") == config("2-masked")
