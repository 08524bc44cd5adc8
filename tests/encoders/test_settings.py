import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import ecgclip
from ecgclip.encoders.model_files import default_folder, model_files
from ecgclip.encoders.settings import ImageTower, ModelConfig
from ecgclip.errors import ModelError


def test_a_saved_configuration_reads_back_equal(tmp_path):
    config = replace(ModelConfig(), dim=32, statements=("NORM", "AFIB"))
    config.save(tmp_path)
    assert ModelConfig.load(tmp_path) == config


def test_tokens_are_one_row_of_leads_high_and_eight_millimetres_wide():
    assert ModelConfig().image.token_px == (64, 16)


def test_a_folder_without_configuration_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no config\.json"):
        ModelConfig.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "dimm": 3}', '{"format": 1, "dim": "x"}'])
def test_a_damaged_configuration_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError) as caught:
        ModelConfig.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_newer_format_says_update(tmp_path):
    ModelConfig().save(tmp_path)
    raw = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**raw, "format": 99}))
    with pytest.raises(ModelError, match="update ecgclip"):
        ModelConfig.load(tmp_path)


def test_settings_that_are_gone_are_taken_where_they_say_paper_alone(tmp_path):
    ModelConfig().save(tmp_path)
    raw = json.loads((tmp_path / "config.json").read_text())
    assert not {"fusion_depth", "input"} & {*raw, *raw["image"]}
    before = {**raw, "fusion_depth": 0, "image": {"input": "paper", "patch_px": 16, **raw["image"]}}
    (tmp_path / "config.json").write_text(json.dumps(before))
    assert ModelConfig.load(tmp_path) == ModelConfig()
    for other in ({"fusion_depth": 2}, {"image": {**before["image"], "input": "grid"}}):
        (tmp_path / "config.json").write_text(json.dumps({**before, **other}))
        with pytest.raises(ModelError, match="unknown key"):
            ModelConfig.load(tmp_path)


def test_the_shipped_weights_have_the_hash_of_their_card():
    files = model_files(default_folder())
    card = Path(__file__).parents[2] / "data_cards" / "model_card.md"
    assert f"\nhash: {files.hash} " in card.read_text("utf-8")
    assert files.config.image.token_px == (64, 16)


def test_residual_stems_have_three_strided_convolutions():
    with pytest.raises(ValueError, match="three stem_channels"):
        ImageTower(stem_channels=(), stem_blocks=(1, 1))
    with pytest.raises(ValueError, match="odd stem_kernel"):
        ImageTower(stem_blocks=(1, 1), stem_kernel=4)
    with pytest.raises(ValueError, match="two numbers"):
        ImageTower(stem_blocks=(1,))


def test_package_and_shipped_weights_have_one_version():
    assert model_files(default_folder()).config.version == ecgclip.__version__


def test_a_version_changes_no_hash_and_any_other_setting_does(tmp_path):
    folder = shutil.copytree(
        default_folder(), tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors")
    )
    before, config = model_files(folder).hash, ModelConfig.load(folder)
    raw = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**raw, "version": "9"}, indent=2) + "\n")
    assert model_files(folder).hash == before
    replace(config, name="other").save(folder)
    assert model_files(folder).hash != before
