"""WFDB records: round trips of the samples, and every way in which files are damaged."""

import re
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecgclip.errors import RecordError
from ecgclip.records.reading import read_ecg
from ecgclip.units import LEADS

from ..conftest import WriteRecord, beats

TRUTH = beats(1000, 100.0).astype(np.float32)


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
def test_samples_come_back_whatever_suffix_is_given(write_record: WriteRecord, suffix: str) -> None:
    stem = write_record()
    ecg = read_ecg(f"{stem}{suffix}")
    np.testing.assert_allclose(ecg.signal_mv, TRUTH, atol=1e-6)
    assert (ecg.rate_hz, ecg.name, ecg.source, ecg.path) == (100.0, "a", stem.parent.name, str(stem))
    assert ecg.warnings == ()


def test_invalid_samples_are_nan(write_record: WriteRecord) -> None:
    signal = beats(1000, 100.0)
    signal[4, 100:900] = np.nan  # wfdb stores -32768
    ecg = read_ecg(write_record(signal_mv=signal))
    np.testing.assert_array_equal(np.isnan(ecg.signal_mv), np.isnan(signal))


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1000.0), ("V", 0.001), ("mv", 1.0)])
def test_units_become_mv(write_record: WriteRecord, unit: str, factor: float) -> None:
    ecg = read_ecg(write_record(signal_mv=beats(1000, 100.0) * factor, unit=unit, per_unit=1000.0 / factor))
    np.testing.assert_allclose(ecg.signal_mv, TRUTH, atol=1e-5)


def test_a_rate_can_be_asked_for(write_record: WriteRecord) -> None:
    ecg = read_ecg(write_record(), rate_hz=500)
    assert (ecg.rate_hz, ecg.signal_mv.shape) == (500.0, (12, 5000))


def test_leads_in_another_order_and_a_respiration_channel(write_record: WriteRecord) -> None:
    names = ["Resp", "V6", "MLII", "D1"]
    ecg = read_ecg(write_record(signal_mv=TRUTH[[2, 11, 1, 0]], leads=names))
    np.testing.assert_allclose(ecg.signal_mv[[0, 1, 11]], TRUTH[[0, 1, 11]], atol=1e-6)
    np.testing.assert_allclose(ecg.signal_mv[2], TRUTH[1] - TRUTH[0], atol=1e-6)
    assert ecg.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V6")
    assert ecg.warnings == (
        "no standard lead, left out: 'Resp'",
        "computed from I and II: III, aVR, aVL, aVF",
    )


def test_four_samples_a_frame_are_not_averaged(tmp_path: Path) -> None:
    """A monitor's record: frames of 25 Hz, II with four samples a frame, V1 with two."""
    two = np.round(beats(1000, 100.0)[1] * 1000).astype(int)
    first = np.round(beats(500, 50.0)[6] * 1000).astype(int)
    wfdb.wrsamp(
        "m",
        fs=25,
        units=["mV", "mV"],
        sig_name=["II", "V1"],
        e_d_signal=[two, first],
        samps_per_frame=[4, 2],
        fmt=["16", "16"],
        adc_gain=[1000.0, 1000.0],
        baseline=[0, 0],
        write_dir=str(tmp_path),
    )
    ecg = read_ecg(tmp_path / "m")
    assert ecg.rate_hz == 100
    np.testing.assert_allclose(ecg.signal_mv[1], two / 1000, atol=1e-6)
    np.testing.assert_allclose(ecg.signal_mv[6, ::2], first / 1000, atol=0.05)


def test_a_header_that_names_itself_with_a_suffix_is_mended(write_record: WriteRecord) -> None:
    stem = write_record()
    header = stem.with_suffix(".hea")
    header.write_text(header.read_text().replace("a 12", "a.mat 12", 1))
    ecg = read_ecg(stem)
    np.testing.assert_allclose(ecg.signal_mv, TRUTH, atol=1e-6)
    assert ecg.warnings == ("the header calls the record 'a.mat'; read as 'a'",)
    assert ecg.path == str(stem)


def edit(stem: Path, pattern: str, by: str) -> None:
    header = stem.with_suffix(".hea")
    header.write_text(re.sub(pattern, by, header.read_text()))


def cut(stem: Path, size: int) -> None:
    data = stem.with_suffix(".dat")
    data.write_bytes(data.read_bytes()[:size])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda stem: cut(stem, 10_000), "a.dat has 10000 bytes.*copy the record again"),
        (lambda stem: cut(stem, 12_000), "a.dat has 12000 bytes"),
        (lambda stem: cut(stem, 9_999), "a.dat has 9999 bytes"),
        (lambda stem: cut(stem, 0), "a.dat has 0 bytes"),
        (lambda stem: stem.with_suffix(".dat").unlink(), "the signal file a.dat is missing"),
        (lambda stem: stem.with_suffix(".hea").unlink(), "a.hea: no such file"),
        (lambda stem: stem.with_suffix(".hea").write_text(""), "the header is empty"),
        (lambda stem: stem.with_suffix(".hea").write_text("# only a comment\n"), "the header is empty"),
        (lambda stem: stem.with_suffix(".hea").write_bytes(bytes(range(256))), "do not fit or are damaged"),
        (lambda stem: stem.with_suffix(".hea").write_text("a 0 100 0\n"), "holds no signal|damaged"),
        (lambda stem: edit(stem, r"(?m)^.* V6$", ""), "do not fit or are damaged"),
        (lambda stem: edit(stem, "a 12", "a 13"), "do not fit or are damaged"),
        (lambda stem: edit(stem, " 100 1000", " 100 99999999"), "do not fit or are damaged"),
        (lambda stem: edit(stem, " 100 1000", " 0 1000"), "sampling rate of 0.0 Hz"),
        (lambda stem: edit(stem, " 16 ", " 99 "), "do not fit or are damaged"),
        (lambda stem: edit(stem, "/mV", "/mmHg"), "lead I is in 'mmHg'; expected mV, uV or V"),
        (lambda stem: edit(stem, r"1000.0\(0\)/mV", "1.0(0)/mV"), "absurd gain"),
        (lambda stem: edit(stem, r"1000.0\(0\)/mV", "1000000.0(0)/mV"), "every lead is flat"),
        (lambda stem: edit(stem, r"(?m) (a?V\w+|I+)$", r" pleth\1"), "no ECG lead among the channels"),
    ],
)
def test_damaged_records_get_one_line_with_their_path(
    write_record: WriteRecord, damage, message: str
) -> None:
    stem = write_record()
    damage(stem)
    with pytest.raises(RecordError, match=message) as refusal:
        read_ecg(stem)
    assert str(refusal.value).startswith(str(stem))
    assert "\n" not in str(refusal.value)


def test_a_record_of_nothing_but_gaps_is_refused(write_record: WriteRecord) -> None:
    stem = write_record()
    stem.with_suffix(".dat").write_bytes(np.full(12 * 1000, -32768, "<i2").tobytes())
    with pytest.raises(RecordError, match="every lead is NaN"):
        read_ecg(stem)


def test_twelve_leads_are_all_read(write_record: WriteRecord) -> None:
    assert read_ecg(write_record()).leads == LEADS


_PIECES = [
    "0",
    "-1",
    "99999999",
    "1e91",
    "x",
    "/",
    "(",
    "+24",
    "16",
    "212",
    "mV",
    "\n",
    "#",
    "b.dat",
    "x4",
    "é",
]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(_PIECES)), min_size=1, max_size=3))
def test_any_mangled_header_is_an_ecg_or_one_line(
    write_record: WriteRecord, edits: list[tuple[float, str]]
) -> None:
    stem = write_record(signal_mv=beats(200, 100.0))
    words = stem.with_suffix(".hea").read_text().split(" ")
    for place, piece in edits:
        words[int(place * (len(words) - 1))] = piece
    stem.with_suffix(".hea").write_text(" ".join(words))
    assert outcome(stem).count("\n") == 0


def outcome(stem: Path) -> str:
    try:
        return " ".join(read_ecg(stem).leads)
    except RecordError as refusal:
        return str(refusal)
