"""The benchmark's label sets from a table of statements."""

import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.classify.labels import label_sets, read_taxonomy
from ecgclip.evaluation.statements import SHIPPED

TABLE = """,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NDT,non-diagnostic T,1.0,1.0,,STTC,STTC
IMI,inferior infarct,1.0,,,MI,IMI
ILMI,inferolateral infarct,1.0,,,MI,IMI
NORM,normal ECG,1.0,,,NORM,NORM
PVC,extrasystole,,1.0,,,
AFIB,atrial fibrillation,,,1.0,,
SR,sinus rhythm,,,1.0,,
"""


@pytest.fixture
def taxonomy(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return read_taxonomy(tmp_path / "t.csv")


def test_the_sets_are_those_of_the_table(taxonomy):
    sets = {one.name: one for one in label_sets([], taxonomy)}
    assert {name: one.classes for name, one in sets.items()} == {
        "superclass": ("MI", "NORM", "STTC"),
        "subclass": ("IMI", "NORM", "STTC"),
        "form": ("NDT", "PVC"),
        "rhythm": ("AFIB", "SR"),
        "code six": ("AF",),
    }


def test_labels_count_at_any_likelihood_and_records_without_one_are_left_out(taxonomy):
    cases = [{"IMI", "ILMI", "SR"}, {"NDT", "AFIB"}, {"PVC", "OTHER"}]
    sets = {one.name: one for one in label_sets(cases, taxonomy)}
    assert sets["superclass"].truth.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert sets["superclass"].counted.tolist() == [True, True, False]
    assert sets["form"].truth.tolist() == [[0, 0], [1, 0], [0, 1]]
    assert sets["rhythm"].counted.tolist() == [True, True, False]
    assert sets["code six"].truth.tolist() == [[0], [1], [0]]
    assert sets["code six"].counted.all()


def test_a_table_that_is_missing_or_lacks_a_column_is_told(tmp_path):
    with pytest.raises(RecordError, match="is missing"):
        read_taxonomy(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text(",diagnostic\nNORM,1.0\n")
    with pytest.raises(RecordError, match="expected form, rhythm, diagnostic_class"):
        read_taxonomy(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text(TABLE.replace("PVC,extrasystole,,1.0", "PVC,extrasystole,,yes"))
    with pytest.raises(RecordError, match=r"column form: .*'yes'; expected 1, or nothing"):
        read_taxonomy(tmp_path / "t.csv")


def test_the_packages_own_table_makes_the_benchmarks_classes():
    sizes = {one.name: len(one.classes) for one in label_sets([], read_taxonomy(SHIPPED))}
    assert sizes == {"superclass": 5, "subclass": 23, "form": 19, "rhythm": 12, "code six": 6}
