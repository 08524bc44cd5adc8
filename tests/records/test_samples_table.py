"""A table of one record's samples: spellings that are read, and what is refused with its row."""

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.reading import read_ecg
from ecgclip.records.samples_table import read_samples

ROWS = [(i / 250, 0.1 * i, -0.05 * i) for i in range(10)]


def write(path, header, rows, separator=","):
    path.write_text("\n".join([header, *(separator.join(map(str, row)) for row in rows)]) + "\n")
    return path


def test_leads_are_found_by_their_names_and_others_are_told(tmp_path):
    path = write(tmp_path / "a.csv", "time_s,Lead V2,Resp,DII", [(t, a, 7, b) for t, a, b in ROWS])
    ecg = read_ecg(path)
    assert (ecg.rate_hz, ecg.leads, ecg.case_id) == (250.0, ("II", "V2"), f"{tmp_path.name}/a")
    np.testing.assert_allclose(ecg.signal_mv[7], [row[1] for row in ROWS], atol=1e-6)
    assert "'Resp'" in ecg.warnings[0]


def test_decimal_commas_and_empty_cells(tmp_path):
    rows = [[str(cell).replace(".", ",") for cell in row] for row in ROWS]
    rows[3][1] = ""
    ecg = read_ecg(write(tmp_path / "a.csv", "time_s;V1;V2", rows, ";"))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(ecg.signal_mv[6])), [3])
    assert ecg.signal_mv[7, 9] == pytest.approx(-0.45)


def test_the_first_seconds_alone(tmp_path):
    path = write(tmp_path / "a.csv", "time_s,V1,V2", ROWS)
    assert read_ecg(path, seconds=0.02).signal_mv.shape == (12, 5)


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("time_s,x,y", ROWS, "no ECG lead among the channels 'x', 'y'"),
        ("t,V1,V2", ROWS, "no column 'time_s'; it has t, V1, V2"),
        ("time_s,V1,V2", ROWS[:1], "1 samples; expected two rows"),
        ("time_s,V1,V2", [*ROWS, ("x", 0, 0)], "row 11: time_s is 'x'; expected a number"),
        ("time_s,V1,V2", [*ROWS[:4], (0.9, 1, 1)], "uneven time"),
        ("time_s,V1,V2", [(0, 1, 2), (0, 1, 2)], "expected ascending"),
        ("time_s,V1,V2", [(t, a * 1e6, b * 1e6) for t, a, b in ROWS], "absurd gain"),
    ],
)
def test_what_is_no_record_is_one_line_with_the_path(header, rows, words, tmp_path):
    path = write(tmp_path / "a.csv", header, rows)
    with pytest.raises(RecordError, match=words) as caught:
        read_samples(path)
    assert str(caught.value).startswith(str(path))
