"""The table of real pictures."""

import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.pictures import Group, read_pictures

TABLE = """file,ecg_id,source
paired/p2p_00012_hr.jpg,12,a
paired/p2p_01103_hr.jpg,1103.0,a
paired/sara_90054.png,17583,a
paired/sara_90099.png,,a
real/clinic.jpg,12,a
real/derived_rot90_clinic.jpg,,a
real/derived_rot270_clinic.jpg,,a
partial/strip.png,,a
negatives/cat.jpg,,a
negatives/letters.png,,github:someone/ECG-OCR
elsewhere/x.png,,a
"""


def test_pictures_are_grouped_by_folder(tmp_path):
    (tmp_path / "photos.csv").write_text(TABLE)
    pictures = read_pictures(tmp_path)
    assert [(p.path.name, p.group, p.ecg_id) for p in pictures] == [
        ("p2p_00012_hr.jpg", Group.PHONE, "00012"),
        ("p2p_01103_hr.jpg", Group.PHONE, "01103"),
        ("sara_90054.png", Group.SCAN, "17583"),
        ("sara_90099.png", Group.SCAN, None),
        ("clinic.jpg", Group.REAL, None),
        ("derived_rot90_clinic.jpg", Group.REAL, None),
        ("derived_rot270_clinic.jpg", Group.REAL, None),
        ("strip.png", Group.PARTIAL, None),
        ("cat.jpg", Group.NEGATIVE, None),
    ]
    assert [p.stored_turn_deg for p in pictures if p.group is Group.REAL] == [0, 270, 90]
    assert [p.is_ecg for p in pictures] == [True] * 7 + [False] * 2
    assert [p.path.name for p in pictures if p.is_strip] == ["strip.png"]
    assert pictures[0].path == tmp_path / "paired/p2p_00012_hr.jpg"


def test_a_record_may_be_named_instead(tmp_path):
    (tmp_path / "photos.csv").write_text("file,record\npaired/p2p_a.jpg,records500/01000/01137_hr\n")
    assert read_pictures(tmp_path)[0].ecg_id == "01137"


def test_missing_tables_and_columns_are_told(tmp_path):
    with pytest.raises(RecordError, match="is missing"):
        read_pictures(tmp_path)
    (tmp_path / "photos.csv").write_text("name\nx\n")
    with pytest.raises(RecordError, match="file and ecg_id"):
        read_pictures(tmp_path)
