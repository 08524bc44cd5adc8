from dataclasses import replace

import numpy as np
import pytest

from ecgclip.errors import ModelError
from ecgclip.training.drawn_sheets import path_of, sheet_files
from ecgclip.training.sheet.settings import SheetData, SheetTraining
from ecgclip.training.sheet.store import draw, draw_missing, load, save
from tests.training.small_run import small_cache

DATA = replace(SheetData(), levels=("S0", "S1"), shares=(0.5, 0.5), negatives=0.5, reader=0.0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return small_cache(tmp_path_factory.mktemp("signals"), 18)


def test_a_sheet_comes_back_from_its_file(cache, tmp_path):
    drawn = draw(cache, (1, 2), DATA, 0, 3)
    save(drawn, path := path_of(tmp_path, 3))
    again = load(path)
    assert again.level == drawn.level
    assert again.sample.is_ecg == drawn.sample.is_ecg
    for part in ("planes", "trace", "words", "panels", "shown"):
        assert np.array_equal(getattr(again.sample, part), getattr(drawn.sample, part))
    for part in ("pulse", "mark"):  # kept as ink or none
        assert np.array_equal(getattr(again.sample, part) > 127, getattr(drawn.sample, part) > 127)


def test_a_sheet_depends_on_seed_folds_and_number_alone(cache):
    one, same, other = (draw(cache, folds, DATA, 0, 1).sample for folds in ((1, 2), (1, 2), (3,)))
    assert np.array_equal(one.planes, same.planes)
    assert one.planes.shape != other.planes.shape or not np.array_equal(one.planes, other.planes)


def test_only_missing_sheets_are_drawn(cache, tmp_path):
    assert draw_missing(cache, (1,), DATA, 0, tmp_path, 2) == 2
    assert draw_missing(cache, (1,), DATA, 0, tmp_path, 3) == 1
    assert sheet_files(tmp_path) == [path_of(tmp_path, index) for index in range(3)]


def test_a_damaged_sheet_says_what_to_do(tmp_path):
    path_of(tmp_path, 0).write_bytes(b"PK broken")
    with pytest.raises(ModelError, match="delete it"):
        load(path_of(tmp_path, 0))


def test_folds_without_records_are_an_error(cache):
    with pytest.raises(ModelError, match=r"fold"):
        draw(cache, (77,), replace(DATA, negatives=0.0), 0, 0)


def test_settings_that_mix_training_and_validation_are_refused():
    with pytest.raises(ValueError, match="also trained"):
        SheetTraining(valid_fold=8)
    with pytest.raises(ValueError, match="32 mm"):
        SheetTraining(crop_mm=100)
    with pytest.raises(ValueError, match="together 1"):
        SheetData(shares=(0.5,))
