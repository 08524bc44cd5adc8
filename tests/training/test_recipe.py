"""The configurations of the shipped weights: they are the settings that the weights were trained with."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ecgclip.config import PACKAGED, load_config
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.curves.settings import CurveTraining
from ecgclip.training.sheet.settings import SheetTraining
from ecgclip.training.signal.settings import SignalTraining
from ecgclip.training.text.settings import TextTraining

RECIPE = PACKAGED / "train" / "ecgclip-tiny"
TRAINED = Path(__file__).parents[2] / "ecgclip" / "weights" / "ecgclip-tiny" / "training"
SCRIPT = (RECIPE / "train.sh").read_text()


@pytest.mark.parametrize(("name", "seed"), [("04-synthetic", 0), ("05-ptbxl", 1)])
def test_the_towers_were_trained_with_these_settings(name, seed):
    recipe = load_config(RECIPE / f"{name}.toml", ContrastiveTraining, seed=seed)
    trained = load_config(TRAINED / f"{name}.toml", ContrastiveTraining)
    # What the data adds is known only then; and the teacher of step 4 lay in another folder.
    text = replace(recipe.model.text, vocabulary=trained.model.text.vocabulary)
    model = replace(recipe.model, statements=trained.model.statements, text=text)
    teachers = tuple(path.replace("runs/qiu/", "runs/") for path in trained.distillation.teachers)
    distillation = replace(trained.distillation, teachers=teachers)
    assert replace(recipe, model=model) == replace(trained, distillation=distillation)


def test_the_text_tower_was_trained_with_these_settings():
    assert load_config(RECIPE / "06-text.toml", TextTraining) == load_config(
        TRAINED / "06-text.toml", TextTraining
    )


def test_the_script_runs_every_configuration_in_order():
    numbered = sorted(path.name for path in RECIPE.glob("0*.toml"))
    assert [*dict.fromkeys(re.findall(r"\d\d-[a-z-]+\.toml", SCRIPT))] == numbered
    assert subprocess.run(["sh", "-n", RECIPE / "train.sh"], check=False).returncode == 0


def test_what_a_step_starts_from_is_the_result_of_a_step_before():
    kinds = {
        "signal": SignalTraining,
        "contrastive": ContrastiveTraining,
        "text": TextTraining,
        "curves": CurveTraining,
    }
    made: set[str] = set()
    steps = re.findall(r"train (\w+) --config \S+/(\S+) .*?--out (runs/\S+)", SCRIPT.replace("\\\n", " "))
    assert len(steps) == 9
    for stage, name, out in steps:
        config = load_config(RECIPE / name, kinds.get(stage, SheetTraining))
        distillation = getattr(config, "distillation", None)
        needed = [getattr(config, key, None) for key in ("init_from", "init_image_from")]
        for folder in [*filter(None, needed), *(distillation.teachers if distillation else ())]:
            assert "/".join(folder.split("/")[:2]) in made
        made |= {out.replace("$seed", seed) for seed in "01"}
