from pathlib import Path

import numpy as np
import pytest

from ecgclip.config import load_config, save_config
from ecgclip.errors import ConfigError
from ecgclip.simulation.camera import Level, Shot, level_names, load_level, photograph, sample_shot


@pytest.mark.parametrize("name", level_names())
def test_a_shot_written_down_reads_back_equal(tmp_path: Path, name: str) -> None:
    for seed in range(10):
        shot = sample_shot(load_level(name), np.random.default_rng(seed))
        save_config(shot, tmp_path / "shot.toml")
        assert load_config(tmp_path / "shot.toml", Shot) == shot


def test_shots_follow_their_seed() -> None:
    level = load_level("train")
    first = [sample_shot(level, np.random.default_rng(seed)) for seed in range(10)]
    assert first == [sample_shot(level, np.random.default_rng(seed)) for seed in range(10)]
    assert len({repr(shot) for shot in first}) == 10


def test_artefacts_come_as_often_as_their_level_says() -> None:
    rng = np.random.default_rng(0)
    level = Level(shadow=(0.3, 1.0), toner=(1.0, 1.0), jpeg=0.5)
    shots = [sample_shot(level, rng) for _ in range(600)]
    assert np.mean([shot.shadow is not None for shot in shots]) == pytest.approx(0.3, abs=0.06)
    assert np.mean([shot.jpeg is not None for shot in shots]) == pytest.approx(0.5, abs=0.07)
    assert all(shot.toner for shot in shots)
    assert not any(shot.crumple or shot.stain or shot.blur for shot in shots)


def test_the_graded_levels_are_what_they_are_called() -> None:
    assert not load_level("S0").view
    assert load_level("S1").rotation_deg == 2.0
    assert load_level("S2").perspective == 0.05
    assert load_level("S3").perspective == 0.12
    assert load_level("S3").jpeg_quality == (30, 30)
    assert load_level("S4").toner[0] == load_level("S4").crop[0] == load_level("S4").shadow[0] == 1.0


def test_an_unknown_level_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'phone'"):
        load_level("phones")


def test_a_page_of_another_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected uint8 RGB"):
        photograph(np.zeros((50, 60), np.uint8), "S1", np.random.default_rng(0))
