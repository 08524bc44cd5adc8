import json
from dataclasses import replace

import pytest

from ecgclip.encoders.settings import ImageInput, ImageTower, ModelConfig
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


def test_a_configuration_from_before_other_inputs_is_one_of_paper(tmp_path):
    ModelConfig().save(tmp_path)
    raw = json.loads((tmp_path / "config.json").read_text())
    del raw["image"]["input"], raw["image"]["patch_px"]
    (tmp_path / "config.json").write_text(json.dumps(raw))
    assert ModelConfig.load(tmp_path) == ModelConfig()


def test_fields_are_named_by_channel_and_asked_in_squares(tmp_path):
    assert [len(kind.fields) for kind in ImageInput] == [0, 1, 1, 1, 2, 3]
    grid = ImageTower(input=ImageInput.GRID, height_px=192, width_px=256)
    assert (grid.channels, grid.cell_px, grid.token_px) == (3, 64, (16, 16))
    config = replace(ModelConfig(), image=grid)
    config.save(tmp_path)
    assert ModelConfig.load(tmp_path) == config
    with pytest.raises(ValueError, match="4 by 3 squares"):
        ImageTower(input=ImageInput.GAF)


def test_residual_stems_read_paper_alone():
    with pytest.raises(ValueError, match="stem_blocks need paper"):
        ImageTower(ImageInput.GRID, 192, 256, stem_blocks=(1, 1))
    with pytest.raises(ValueError, match="three stem_channels"):
        ImageTower(stem_channels=(), stem_blocks=(1, 1))
    with pytest.raises(ValueError, match="odd stem_kernel"):
        ImageTower(stem_blocks=(1, 1), stem_kernel=4)
    with pytest.raises(ValueError, match="two numbers"):
        ImageTower(stem_blocks=(1,))
