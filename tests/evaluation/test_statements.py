"""Labels from SCP statements."""

import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.statements import SHIPPED, SUPERCLASSES, one_hot, read_statements, statements_file

TABLE = ',description,diagnostic_class\nNORM,normal,NORM\nIMI,"infarct, inferior",MI\nSR,sinus rhythm,\n'


def test_superclasses_are_those_of_the_table(tmp_path):
    (tmp_path / "s.csv").write_text(TABLE)
    statements = read_statements(tmp_path / "s.csv")
    assert statements.known(["IMI", "SR", "XYZ"]) == {"IMI", "SR"}
    assert statements.superclasses(["IMI", "SR", "XYZ"]) == {"MI"}


def test_a_missing_table_and_a_missing_column_are_told(tmp_path):
    with pytest.raises(RecordError, match="is missing"):
        read_statements(tmp_path / "s.csv")
    (tmp_path / "s.csv").write_text(",description\nNORM,normal\n")
    with pytest.raises(RecordError, match="expected diagnostic_class"):
        read_statements(tmp_path / "s.csv")


def test_damaged_letters_stop_nothing(tmp_path):
    (tmp_path / "s.csv").write_bytes(TABLE.encode().replace(b"sinus", b"s\xffnus"))
    assert read_statements(tmp_path / "s.csv").known(["SR"]) == {"SR"}


def test_labels_outside_the_vocabulary_are_left_out():
    assert one_hot([{"a", "c"}, set()], ["a", "b"]).tolist() == [[True, False], [False, False]]


def test_the_packages_own_table_is_used_where_the_data_has_none(tmp_path):
    assert statements_file(tmp_path) == statements_file(tmp_path / "own.csv") == SHIPPED
    (tmp_path / "scp_statements.csv").write_text(TABLE)
    own = tmp_path / "scp_statements.csv"
    assert statements_file(tmp_path) == statements_file(tmp_path / "own.csv") == own


def test_the_packages_own_table_knows_the_statements_of_ptbxl():
    statements = read_statements(SHIPPED)
    assert len(statements.superclass) == 71
    assert set(statements.superclass.values()) == {"", *SUPERCLASSES}
    expected = {"NORM": "NORM", "IMI": "MI", "LVH": "HYP", "CLBBB": "CD", "NDT": "STTC", "AFIB": ""}
    assert {code: statements.superclass[code] for code in expected} == expected
