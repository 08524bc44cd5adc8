import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.training.cache import assigned_fold, build_cache, open_cache
from tests.training.small_run import small_cache


def test_the_cache_gives_back_what_was_put_in(tmp_path):
    built = small_cache(tmp_path, 5)
    again = open_cache(tmp_path)
    assert again.rows == built.rows
    assert again.rows[1].codes == ("AFIB",)
    assert again.signals_mv.shape == (5, 12, 1000)


def test_other_rates_and_lengths_end_as_ten_seconds_at_100_hz(tmp_path):
    wave = np.sin(2 * np.pi * np.arange(2000) / 400)[None].repeat(12, 0).astype(np.float32)
    signal = build_cache([Ecg(wave, 400.0, "a", "t")], tmp_path).signals_mv[0].astype(np.float32)
    assert np.isnan(signal[:, 500:]).all()
    assert np.abs(signal[:, 20:480] - np.sin(2 * np.pi * np.arange(20, 480) / 100)).max() < 0.02


def test_folds_select_records(tmp_path):
    cache = small_cache(tmp_path, 20)
    assert [cache.rows[i].fold for i in cache.in_folds([2, 3])] == [2, 3, 2, 3, 2]


def test_no_record_at_all_is_an_error(tmp_path):
    with pytest.raises(RecordError, match="at least one"):
        build_cache([], tmp_path)
    assert not (tmp_path / "rows.json").exists()


def test_records_without_fold_get_one_by_patient():
    blank = np.zeros((12, 10), np.float32)
    folds = [
        assigned_fold(Ecg(blank, 1.0, name, "t", patient_id=patient))
        for name, patient in [("a", "7"), ("b", "7"), ("c", "8"), *((str(i), str(i)) for i in range(200))]
    ]
    assert folds[0] == folds[1]
    assert set(folds) == set(range(1, 11))
    assert assigned_fold(Ecg(blank, 1.0, fold=4)) == 4
