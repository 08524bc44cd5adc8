"""The table of real pictures."""

import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.pictures import PictureGroup, read_pictures

TABLE = """file,ecg_id,kind
a/phone1.jpg,12,"photo (phone, somebody's)"
b/phone2.jpg,1103.0,Photo
scan1.png,17583,scan of paper
unknown.png,,scan of paper
clinic.jpg,,
turned1.jpg,,derived rot90
turned2.jpg,,derived rot270
strip.png,,single-lead strip
cat.jpg,,not-ECG: photo of a cat
"""


def test_a_picture_is_what_its_kind_and_its_record_say(tmp_path):
    (tmp_path / "photos.csv").write_text(TABLE)
    pictures = read_pictures(tmp_path)
    assert [(p.path.name, p.group, p.ecg_id) for p in pictures] == [
        ("phone1.jpg", PictureGroup.PHONE, "00012"),
        ("phone2.jpg", PictureGroup.PHONE, "01103"),
        ("scan1.png", PictureGroup.SCAN, "17583"),
        ("unknown.png", PictureGroup.REAL, None),
        ("clinic.jpg", PictureGroup.REAL, None),
        ("turned1.jpg", PictureGroup.REAL, None),
        ("turned2.jpg", PictureGroup.REAL, None),
        ("strip.png", PictureGroup.PARTIAL, None),
        ("cat.jpg", PictureGroup.NEGATIVE, None),
    ]
    assert [p.stored_turn_deg for p in pictures] == [0, 0, 0, 0, 0, 270, 90, 0, 0]
    assert [p.is_ecg for p in pictures] == [True] * 7 + [False] * 2
    assert [p.path.name for p in pictures if p.is_strip] == ["strip.png"]
    assert pictures[0].path == tmp_path / "a/phone1.jpg"


def test_a_record_may_be_named_instead(tmp_path):
    (tmp_path / "photos.csv").write_text("file,record\na.jpg,records500/01000/01137_hr\n")
    assert read_pictures(tmp_path)[0].ecg_id == "01137"


def test_missing_tables_and_columns_are_told(tmp_path):
    with pytest.raises(RecordError, match="is missing"):
        read_pictures(tmp_path)
    (tmp_path / "photos.csv").write_text("name\nx\n")
    with pytest.raises(RecordError, match="file and ecg_id"):
        read_pictures(tmp_path)
