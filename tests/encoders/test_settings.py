import json
from dataclasses import replace

import pytest

from ecgclip.encoders.settings import ModelConfig
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
