import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.training.cache import CaseRow, SignalCache
from research.masked.labels import COLUMNS, LABELS, SIX, Task, drawn_rows, labelled

CSV = ",diagnostic_class\nNORM,NORM\nAMI,MI\nCLBBB,CD\nAFIB,\n"


def rows_of(*codes, patients=None, folds=None):
    count = len(codes)
    return SignalCache(
        np.zeros((count, 12, 1000), np.float16),
        tuple(
            CaseRow(f"x/{i}", (patients or [None] * count)[i], (folds or [1] * count)[i], "", codes[i])
            for i in range(count)
        ),
    )


def test_labels_are_superclasses_and_the_six(tmp_path):
    (tmp_path / "scp_statements.csv").write_text(CSV)
    known = labelled(rows_of(("NORM",), ("CLBBB", "AFIB"), ("AMI",), ()), [tmp_path / "without", tmp_path])
    assert known.labels.shape == (4, LABELS)
    # CD, HYP, MI, NORM, STTC
    classes = known.labels[:, COLUMNS[Task.SUPERCLASS]].astype(int).tolist()
    assert classes == [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    six = known.labels[:, COLUMNS[Task.SIX]]
    assert [SIX[i] for i in np.flatnonzero(six[1])] == ["CLBBB", "AFIB"]
    assert six.sum() == 2


def test_without_the_table_of_statements_it_says_what_is_missing(tmp_path):
    with pytest.raises(RecordError, match=r"scp_statements\.csv"):
        labelled(rows_of(("NORM",)), [tmp_path])


def crowded():
    """200 records of 80 patients in folds 1 and 2, ten of another fold."""
    rng = np.random.default_rng(0)
    patients = [f"p{rng.integers(80)}" for _ in range(200)] + [None] * 10
    return rows_of(*[()] * 210, patients=patients, folds=[1, 2] * 100 + [9] * 10), patients


@pytest.mark.parametrize("percent", [1, 10, 50, 100])
def test_a_draw_is_of_whole_patients_and_just_large_enough(percent):
    cache, patients = crowded()
    rows = drawn_rows(cache, (1, 2), percent, np.random.default_rng(percent))
    chosen = {patients[row] for row in rows}
    assert set(rows) == {i for i in range(200) if patients[i] in chosen}
    sizes = [sum(patients[i] == patient for i in range(200)) for patient in chosen]
    assert 2 * percent <= len(rows) < 2 * percent + max(sizes)


def test_draws_differ_and_come_again_with_their_generator():
    cache, _ = crowded()
    one, other, again = (drawn_rows(cache, (1, 2), 10, np.random.default_rng(seed)) for seed in (1, 2, 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_records_without_a_patient_are_drawn_one_by_one():
    cache = rows_of(*[()] * 100)
    assert len(drawn_rows(cache, (1,), 10, np.random.default_rng(0))) == 10
